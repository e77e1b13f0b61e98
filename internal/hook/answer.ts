// The edge where somebody else's JSON becomes claims of our tokens.

import * as z from 'zod';
import { type Claims, RESERVED_CLAIMS } from '../protocol/claims.ts';
import { cleanClaims } from '../userinfo/clean.ts';
import type { HookAnswer } from './hook.ts';

const claims = z.record(z.string(), z.unknown()).optional();

/** A member that nobody knows may be a misspelled one: the claims that it holds would be missing. */
const ALLOWED = z.strictObject({
  allow: z.literal(true),
  id_token_claims: claims,
  access_token_claims: claims,
});

// Whatever else it says: a refusal must never be a failure that tokens are made in spite of.
const REFUSED = z.looseObject({ allow: z.literal(false), reason: z.unknown().optional() });

export type ReadAnswer = {
  readonly answer: HookAnswer;
  /** Why it refused, in its own words, cut to a line of a log. */
  readonly said: string | undefined;
  /** Claims that it may not set, by name: left out. */
  readonly reserved: readonly string[];
};

const MAX_SAID = 200;

/** Throws an error that repeats nothing of the text when it is no answer. */
export function readAnswer(text: string): ReadAnswer {
  const tree = parse(text);
  const refused = REFUSED.safeParse(tree);
  if (refused.success) {
    const { reason: why } = refused.data;
    const said = typeof why === 'string' ? why.slice(0, MAX_SAID) : undefined;
    return { answer: { kind: 'refused' }, said, reserved: [] };
  }
  const { data } = ALLOWED.safeParse(tree);
  if (data === undefined) throw new Error('the answer is none of a token hook');
  // JSON.parse makes nothing but JSON values, and the schema has just seen two objects of them.
  const idToken = (data.id_token_claims ?? {}) as Claims;
  const accessToken = (data.access_token_claims ?? {}) as Claims;
  return {
    answer: {
      kind: 'allowed',
      idTokenClaims: cleanClaims(idToken),
      accessTokenClaims: cleanClaims(accessToken),
    },
    said: undefined,
    reserved: Object.keys({ ...idToken, ...accessToken }).filter((name) =>
      RESERVED_CLAIMS.has(name),
    ),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the cause: its message repeats the beginning of the text.
    throw new Error('the answer is not JSON');
  }
}
