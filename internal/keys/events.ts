// What happens to keys, for the log. Events name files and key ids, never what is in them.

import type { KeyKind } from './filename.ts';

export type KeyEvent =
  | {
      readonly type: 'key.created';
      readonly kind: KeyKind;
      readonly file: string;
      readonly activeFrom: number;
    }
  | {
      readonly type: 'key.added';
      readonly kind: KeyKind;
      readonly kid: string;
      readonly activeFrom: number;
      /** It signs before copies of the JWKS without it are due for renewal: sign-ins may fail. */
      readonly early: boolean;
    }
  | { readonly type: 'key.removed'; readonly kind: KeyKind; readonly kid: string }
  /** A retired key's file, when nothing made with it can be alive any more. */
  | { readonly type: 'key.deleted'; readonly file: string }
  | { readonly type: 'key.exposed'; readonly file: string; readonly mode: string }
  /** Sealing keys could not be written: they are derived from the signing keys instead. */
  | { readonly type: 'keys.not_writable'; readonly error: Error }
  /** The loaded keys stay in use. */
  | { readonly type: 'keys.reload_failed'; readonly error: Error }
  /** The signing key stays in use, and rotation is tried again. */
  | { readonly type: 'keys.rotation_failed'; readonly error: Error }
  | { readonly type: 'keys.watch_failed'; readonly error: Error };

/** Never throws. */
export type ReportKeyEvent = (event: KeyEvent) => void;
