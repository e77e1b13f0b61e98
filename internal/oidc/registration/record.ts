// What is kept of one registered client, as the opaque text of the store. No secret lies in it in clear:
// a hash where the secret is shown, sealed where it signs.

import { hash } from 'node:crypto';
import type { Members } from '../../protocol/jwt.ts';

export type KeptSecret = {
  /** What operators call it; absent: it came with the entry. */
  readonly id?: string;
  /** Seconds since 1970; absent: as the entry. */
  readonly addedAt?: number;
} & (
  | /** SHA-256, base64url: enough for a secret that is 32 random bytes. */
  { readonly kind: 'hashed'; readonly hash: string }
  /** What is signed with it cannot be checked by a hash (`client_secret_jwt`). */
  | { readonly kind: 'sealed'; readonly sealed: string }
);

/** Times in seconds since 1970. */
export type RegisteredClient = {
  /** As it was accepted, defaults filled in. */
  readonly metadata: Members;
  readonly statement: { readonly text: string; readonly issuer: string } | undefined;
  readonly secret: KeptSecret | undefined;
  /** Counts as well, while it takes the place of the other. */
  readonly second?: KeptSecret | undefined;
  /** Whose words the metadata is, and so by which rules it is judged; absent: those of the client. */
  readonly madeBy?: 'operator';
  readonly issuedAt: number;
  /** Undefined: never. */
  readonly expiresAt: number | undefined;
};

export const printRegistered = (client: RegisteredClient): string => JSON.stringify(client);

/** @param text of `printRegistered`; the store hands back what it was given. */
export const parseRegistered = (text: string): RegisteredClient => JSON.parse(text);

/** The purpose that secrets of `client_secret_jwt` are sealed for. */
export const SECRET_PURPOSE = 'client_secret';

/** Of a secret that a machine made. */
export const toHashed = (secret: string): KeptSecret => ({
  kind: 'hashed',
  hash: hash('sha256', secret, 'base64url'),
});
