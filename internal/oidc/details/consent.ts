// `authorization_details` as the End-User is asked about them, and as their answer is remembered.

import { hash } from 'node:crypto';
import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import type { DetailsType } from '../../protocol/details-types.ts';
import type { DetailsText } from '../endpoint.ts';
import { canonical } from '../json-text.ts';

/** No scope has a blank in it (RFC 6749 §3.3). */
const WORD = 'details ';

/** One word among the scopes that stands for exactly these; none for none. */
export const wordsFor = (details: readonly AuthorizationDetail[]): readonly string[] =>
  details.length === 0 ? [] : [WORD + hash('sha256', canonical([...details]), 'base64url')];

export const isWord = (scope: string): boolean => scope.startsWith(WORD);

// Neither a scope nor a URI has one in it.
const AT = '\t';

/** One word for a scope, or for each resource that it is for: what was agreed to at one is not at another. */
export const wordsAt = (scope: string, resource: readonly string[]): readonly string[] =>
  resource.length === 0 ? [scope] : resource.map((one) => scope + AT + one);

/** The scope that such a word is about. */
export const scopeOfWord = (word: string): string => word.split(AT, 1).join();

/** What each is called, and every member of it: nothing is agreed to that was not shown. */
export const describeDetails = (
  details: readonly AuthorizationDetail[],
  types: ReadonlyMap<string, DetailsType>,
): readonly DetailsText[] =>
  details.map(({ type, ...members }) => ({
    description: types.get(type)?.description ?? type,
    members: Object.entries(members).flatMap(([name, value]) => describe(name, value)),
  }));

function describe(name: string, value: JsonValue): ReadonlyArray<readonly [string, string]> {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  if (Array.isArray(value)) return [[name, value.join(', ')]];
  return Object.entries(value).flatMap(([inner, member]) => describe(`${name} ${inner}`, member));
}
