// What happens to keys, for the log. Events name files and key ids, never what is in them.

import type { KeyKind } from './filename.ts';

export type KeyEvent =
  | {
      readonly type: 'key.created';
      readonly kind: KeyKind;
      /** Where keys are files. */
      readonly file?: string;
      /** Where they are in the store. */
      readonly kid?: string;
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
  /** A retired key, when nothing made with it can be alive any more. */
  | { readonly type: 'key.deleted'; readonly file?: string; readonly kid?: string }
  | { readonly type: 'key.exposed'; readonly file: string; readonly mode: string }
  /** Sealing keys could not be written: they are derived from the signing keys instead. */
  | { readonly type: 'keys.not_writable'; readonly error: Error }
  /** No key can be used yet: nothing is signed, and it is tried again all the time. */
  | { readonly type: 'keys.not_loaded'; readonly error: Error }
  /** There are keys, where before there were none. */
  | { readonly type: 'keys.loaded' }
  /** The store had lost keys that are loaded here, and has them again. */
  | { readonly type: 'keys.restored'; readonly kids: readonly string[] }
  /** The loaded keys stay in use. */
  | { readonly type: 'keys.reload_failed'; readonly error: Error }
  /** The signing key stays in use, and rotation is tried again. */
  | { readonly type: 'keys.rotation_failed'; readonly error: Error }
  | { readonly type: 'keys.watch_failed'; readonly error: Error };

/** Never throws. */
export type ReportKeyEvent = (event: KeyEvent) => void;
