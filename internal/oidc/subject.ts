// How an End-User is named to one client (OIDC Core §8). Two clients that compare what they know must
// not find out that they know the same person; the records of the store keep the real subject.

import { createHmac, createSecretKey } from 'node:crypto';
import type { Client } from '../protocol/client.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import type { Deps } from './deps.ts';
import { rememberLast } from './remember-last.ts';

export type SubjectTerms = Pick<Deps, 'pairwiseSalt'>;

/**
 * The `sub` of the End-User in everything that is issued to, or asked by, this client: ID Tokens,
 * access tokens, UserInfo, introspection, logout tokens. Not for a client that acts for itself.
 */
export function subjectFor(
  { sectorIdentifier }: Pick<Client, 'sectorIdentifier'>,
  subject: Subject,
  { pairwiseSalt }: SubjectTerms,
): Subject {
  if (sectorIdentifier === undefined) return subject;
  // The real subject instead would be what pairwise subjects are there to keep.
  if (pairwiseSalt === undefined) throw new Error('a pairwise client without a salt');
  return toSubject(derive(sectorIdentifier, subject, pairwiseSalt));
}

/**
 * Keyed, so that nobody without the salt can try out the subjects of a directory; a host has no NUL
 * in it, so that no two pairs are one text. The result has the form of a `client_id`, and is one only
 * for an operator who copies it: nobody finds 256 bits by chance, and the check that no End-User has
 * the name of a client is about real subjects.
 */
const derive = (sector: string, subject: Subject, salt: Uint8Array): string =>
  createHmac('sha256', toKey(salt)).update(`${sector}\0${subject}`).digest('base64url');

/** Bytes that are no key object yet cost Node 24 as much as a signature, each time. */
const toKey = rememberLast((salt: Uint8Array) => createSecretKey(salt));

/**
 * Whether both are told the same names. A hint that was made for another sector is about nobody here:
 * comparing it would tell two clients that they have the same End-User.
 */
export const isSameSector = (
  left: Pick<Client, 'sectorIdentifier'> | undefined,
  right: Pick<Client, 'sectorIdentifier'>,
): boolean => left?.sectorIdentifier === right.sectorIdentifier;
