// What a product does beside what its preset reads: how it forwards, what else it says, which paths are
// its own. Names of headers, claims and paths that a preset has are taken from there and never written
// here.

import type { JsonValue } from '../protocol/claims.ts';
import type { PresetName } from '../protocol/presets.ts';
import type { SignedIn } from './end-user.ts';
import type { Forwarding } from './forwarding.ts';
import type { Line } from './plain.ts';

/** Somebody's request for a path of the product's own. */
export type Visit = {
  readonly who: SignedIn | undefined;
  /** As this browser calls the producer. */
  readonly origin: string;
  readonly url: URL;
  /** What the app would get from them; none from nobody. */
  readonly lines: readonly Line[];
};

/** What comes of it. */
export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Shows who one could be, and leads back. */
  | { readonly kind: 'choose'; readonly back: string | undefined }
  /** Ends the stay, and leads on. */
  | { readonly kind: 'leave'; readonly next: string | undefined };

export type Door = (visit: Visit) => Reply;

/** By path, compared byte for byte. */
export type Doors = { readonly [path: string]: Door };

type Members = { readonly [name: string]: JsonValue };

/** How a product signs. */
export type Signing = {
  /** Who signs, where the preset does not say; the default for a producer that is called so. */
  readonly issuer: (origin: string) => string;
  /** Seconds that an assertion is good for. */
  readonly lifetime: number;
  readonly audience?: 'list';
  /** The preset whose assertion this is, where it is not the product's own. */
  readonly as?: PresetName;
  /** Everything that users.yaml says, as an identity provider does. */
  readonly saysAll?: true;
  /** Put before the subject. */
  readonly subjectPrefix?: string;
  readonly claims?: (who: SignedIn, terms: SigningTerms) => Members;
};

type SigningTerms = {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly now: number;
};

export type Product = {
  /** `app`: Host names the app, as `--to` does. */
  readonly host: 'kept' | 'app';
  readonly forwarding: Forwarding;
  /** A person who is nobody yet: asked who they are, or refused like every program. */
  readonly nobody: 'ask' | 'refuse';
  /** A header that has nothing to say is there all the same. */
  readonly sendsEmpty?: true;
  readonly signing?: Signing;
  /** Said in plain headers beside what the preset reads. @param assertion the empty text where there is none. */
  readonly beside?: (who: SignedIn, assertion: string) => readonly Line[];
  /** Names of `beside`, and others that are the product's to set; one that ends in `*` stands for all that begin so. */
  readonly owns?: readonly string[];
  /** A cookie in which the app gets the assertion as well. */
  readonly assertionCookie?: string;
  /** Of whoever is signed in, where apps have to know the name. */
  readonly sessionCookie?: string;
  readonly doors?: Doors;
};

export const json = (value: JsonValue, status = 200): Reply => ({
  kind: 'answer',
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
  body: JSON.stringify(value),
});

export const UNAUTHORIZED: Reply = { kind: 'answer', status: 401, body: 'Unauthorized\n' };
