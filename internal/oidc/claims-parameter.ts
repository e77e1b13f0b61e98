// The `claims` request parameter (OIDC Core §5.5): JSON from a stranger, read without trust.

import type { JsonValue } from '../protocol/claims.ts';
import type { ClaimRequest, ClaimsRequest } from '../protocol/claims-request.ts';
import { invalidRequest } from '../protocol/errors.ts';
import { parseJsonText } from './json-text.ts';

const BOUNDS = { maxLength: 8 * 1024, maxDepth: 8 };

/** Throws `invalid_request` on anything that is not of the shape; unknown members are ignored. */
export function parseClaimsParameter(text: string): ClaimsRequest {
  const root = readObject(parseJsonText(text, BOUNDS));
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

// A Map, because `__proto__` is a claim name like any other to whoever sends it.
function readObject(json: JsonValue | undefined): ReadonlyMap<string, JsonValue> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed();
  return new Map(Object.entries(json));
}

const malformed = () =>
  invalidRequest({
    description: 'the parameter claims is malformed',
    reason: 'claims_malformed',
  });
