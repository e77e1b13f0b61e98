// The `claims` request parameter (OIDC Core §5.5): JSON from a stranger, read without trust.

import type { JsonValue } from '../protocol/claims.ts';
import type { ClaimRequest, ClaimsRequest } from '../protocol/claims-request.ts';
import { invalidRequest } from '../protocol/errors.ts';

const MAX_LENGTH = 8 * 1024;
const MAX_DEPTH = 8;

/** Throws `invalid_request` on anything that is not of the shape; unknown members are ignored. */
export function parseClaimsParameter(text: string): ClaimsRequest {
  const root = readObject(parseJson(text));
  return { idToken: readPlace(root, 'id_token'), userinfo: readPlace(root, 'userinfo') };
}

function readPlace(
  root: ReadonlyMap<string, JsonValue>,
  place: string,
): ReadonlyArray<readonly [string, ClaimRequest]> {
  const requests = root.get(place);
  if (requests === undefined || requests === null) return [];
  return [...readObject(requests)].map(([name, request]) => [name, readClaimRequest(request)]);
}

function readClaimRequest(request: JsonValue): ClaimRequest {
  if (request === null) return {};
  const members = readObject(request);
  const essential = members.get('essential');
  const values = members.get('values');
  const value = members.get('value');
  if (essential !== undefined && typeof essential !== 'boolean') throw malformed();
  if (values !== undefined && !Array.isArray(values)) throw malformed();
  return {
    ...(essential === undefined ? {} : { essential }),
    ...(value === undefined ? {} : { value }),
    ...(Array.isArray(values) ? { values } : {}),
  };
}

function parseJson(text: string): JsonValue {
  if (text.length > MAX_LENGTH) throw malformed();
  let json: JsonValue;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw malformed(cause);
  }
  if (countMembers(json, 0) !== countNames(text)) throw malformed();
  return json;
}

/**
 * In valid JSON a string before a colon is a member's name, and nothing else is. Values are read
 * over too: from the end of one, what follows would look like a name.
 */
const countNames = (text: string): number =>
  text.match(/"(?:[^"\\]|\\.)*"(?:\s*:)?/g)?.filter((found) => found.endsWith(':')).length ?? 0;

/** JSON.parse keeps the last of two members of one name: then it counts fewer than the text has. */
function countMembers(json: JsonValue, depth: number): number {
  if (typeof json !== 'object' || json === null) return 0;
  if (depth > MAX_DEPTH) throw malformed();
  const values: readonly JsonValue[] = Object.values(json);
  const inner = values.reduce<number>((sum, value) => sum + countMembers(value, depth + 1), 0);
  return Array.isArray(json) ? inner : inner + Object.keys(json).length;
}

// A Map, because `__proto__` is a claim name like any other to whoever sends it.
function readObject(json: JsonValue): ReadonlyMap<string, JsonValue> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed();
  return new Map(Object.entries(json));
}

const malformed = (cause?: unknown) =>
  invalidRequest({
    description: 'the parameter claims is malformed',
    reason: 'claims_malformed',
    cause,
  });
