// The edge where somebody else's JSON becomes claims: what a remote backend may answer.

import * as z from 'zod';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { cleanClaims } from './clean.ts';
import { malformed } from './source-error.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish();

/**
 * The standard claims have their types (OIDC Core §5.1), the rest is passed on. `groups: "admins"`
 * is refused, not repaired: a later search for a group in a string finds parts of names.
 */
const CLAIMS = z.looseObject({
  sub: z.string().optional(),
  name: text,
  family_name: text,
  given_name: text,
  middle_name: text,
  nickname: text,
  preferred_username: text,
  profile: text,
  picture: text,
  website: text,
  gender: text,
  birthdate: text,
  zoneinfo: text,
  locale: text,
  updated_at: z.number().nullish(),
  email: text,
  email_verified: flag,
  phone_number: text,
  phone_number_verified: flag,
  address: z.record(z.string(), text).nullish(),
  groups: z.array(z.string()).nullish(),
});

/** Throws an error that names claims and never repeats a value. */
export const parseRemoteClaims = (body: string, subject: Subject): Claims =>
  readRemoteClaims(parseJson(body), subject);

/** As `parseRemoteClaims`, of what was JSON a moment ago or is made of nothing else. */
export function readRemoteClaims(tree: unknown, subject: Subject): Claims {
  const read = CLAIMS.safeParse(tree);
  if (!read.success) throw malformed(`claims of a wrong type: ${faulty(read.error)}`);
  // An answer about somebody else, e.g. of a cache in between that ignores the path.
  if (read.data.sub !== undefined && read.data.sub !== subject) {
    throw malformed('the answer is about another subject');
  }
  // Nothing but JSON values come here, and the schema has just seen an object.
  return cleanClaims(tree as Claims);
}

/** Throws an error that repeats nothing of the text. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Without the cause: its message repeats the beginning of the body.
    throw malformed('the answer is not JSON');
  }
}

function faulty(error: z.ZodError): string {
  const names = error.issues.map((issue) => issue.path[0] ?? 'the whole answer');
  return [...new Set(names.map(String))].join(', ');
}
