// Who asks for an operation, once that is proven, and what they may.

import { AdminRefusal } from './refusal.ts';

export type Role = 'read' | 'write';

export type Caller = {
  /** For the record: how they are known and as whom, as in `token:deploy`. */
  readonly name: string;
  readonly role: Role;
};

/** Throws `AdminRefusal` where it is not what they may. */
export function checkRole(needed: Role, caller: Caller): void {
  if (needed === 'read' || caller.role === 'write') return;
  const description =
    'the role of this credential is read, and this changes something; ask with one whose role is write';
  throw new AdminRefusal('insufficient_role', description);
}

/** What a request brings along to prove who sends it. */
export type Presented = {
  /** Of `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** What the certificate names that TLS has verified; undefined without one. */
  readonly certificate: { readonly sans: readonly string[] } | undefined;
};

export type Recognition =
  | { readonly kind: 'known'; readonly caller: Caller }
  /** Nothing was shown that could prove anything. */
  | { readonly kind: 'absent' }
  /** A word for the record, and none for whoever asks. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Throws `Unavailable` when only the store could tell, and does not. */
export type Recognise = (presented: Presented) => Promise<Recognition>;

/** Whoever showed a token once, for as long as it would still count. */
export type Remembering = {
  /** What stands for the token: it names the credential, and nobody can ask with it but through `recall`. */
  remember(token: string): Promise<Remembered>;
  /** What it may at this moment; throws `Unavailable` when only the store could tell, and does not. */
  recall(credential: string): Promise<Recognition>;
};

export type Remembered =
  | { readonly kind: 'known'; readonly caller: Caller; readonly credential: string }
  | Extract<Recognition, { readonly kind: 'absent' | 'refused' }>;
