// Request objects by value (RFC 9101, OIDC Core §6.1): the parameters of an authorization request as
// claims of a JWT by the client. The registration says by which algorithm, never the object.

import type { Client } from '../../protocol/client.ts';
import { UNSIGNED } from '../../protocol/client-requests.ts';
import { invalidRequestObject } from '../../protocol/errors.ts';
import {
  findJwtProblem,
  type JwtTerms,
  type Members,
  parseJwt,
  parseMembers,
} from '../../protocol/jwt.ts';
import type { Params } from '../../protocol/params.ts';
import { HOUR, MINUTE } from '../../protocol/time.ts';
import type { Deps } from '../deps.ts';
import { toParams } from './object-params.ts';

export type ObjectTerms = { readonly client: Client; readonly alg: string };

/** Throws `invalid_request_object`; `Unavailable` when the client's keys cannot be had. */
export async function openRequestObject(
  compact: string,
  { client, alg }: ObjectTerms,
  deps: Pick<Deps, 'foreignKeys' | 'issuer' | 'now'>,
): Promise<Params> {
  const claims =
    alg === UNSIGNED
      ? readUnsigned(compact, client)
      : await verifySigned(compact, { client, alg }, deps);
  checkOwner(claims, client);
  return toParams(claims, client.clientId);
}

const malformed = () => invalidRequestObject({ reason: 'request_object_malformed' });

/** Longer than that it would be good for whoever finds it in a log. */
const MAX_LIFETIME = HOUR;
const CLOCK_SKEW = MINUTE;

/** Without a type, or of one that no other kind of JWT has (RFC 9101 §10.8). */
const TYPES: ReadonlySet<string | undefined> = new Set([undefined, 'jwt', 'oauth-authz-req+jwt']);

async function verifySigned(
  compact: string,
  { client, alg }: ObjectTerms,
  { foreignKeys, issuer, now }: Pick<Deps, 'foreignKeys' | 'issuer' | 'now'>,
): Promise<Members> {
  // Decrypting comes before verifying, and what was inside was then believed (CVE-2026-9793).
  if (ENCRYPTED.test(compact)) {
    throw invalidRequestObject({
      description: 'encrypted request objects are not supported',
      reason: 'request_object_encrypted',
    });
  }
  const jwt = parseJwt(compact);
  if (jwt === undefined || !TYPES.has(jwt.typ)) throw malformed();
  const { keys } = client;
  const claims = keys && (await foreignKeys.verify(jwt, keys, [alg]));
  if (claims === undefined) throw invalidRequestObject({ reason: 'request_object_signature' });
  checkTerms(claims, client, issuer, now());
  return claims;
}

const ENCRYPTED = /^(?:[\w-]*\.){4}[\w-]*$/;

function checkTerms(claims: Members, { clientId }: Client, issuer: string, now: number): void {
  const terms: JwtTerms = {
    issuer: clientId,
    audience: [issuer],
    maxLifetime: MAX_LIFETIME,
    clockSkew: CLOCK_SKEW,
  };
  const problem = findJwtProblem(claims, terms, now);
  if (problem === 'issuer' || problem === 'audience') {
    throw invalidRequestObject({ reason: 'request_object_foreign' });
  }
  const { nbf } = claims;
  const isOld = typeof nbf === 'number' && nbf < now - MAX_LIFETIME - CLOCK_SKEW;
  if (problem !== undefined || isOld) {
    throw invalidRequestObject({ reason: 'request_object_outdated' });
  }
}

// The third part is empty: one that is not could be a signature, and nobody would have verified it.
const UNSECURED = /^([\w-]+)\.([\w-]+)\.$/;
const MAX_LENGTH = 16 * 1024;

/** Worth as much as the parameters of a link, and therefore only where the operator says so. */
function readUnsigned(compact: string, { clientId }: Client): Members {
  const [, first = '', second = ''] =
    compact.length > MAX_LENGTH ? [] : (UNSECURED.exec(compact) ?? []);
  const header = parseMembers(Buffer.from(first, 'base64url'));
  const claims = parseMembers(Buffer.from(second, 'base64url'));
  if (header?.['alg'] !== UNSIGNED || 'crit' in header || claims === undefined) throw malformed();
  const { iss } = claims;
  if (iss !== undefined && iss !== clientId) {
    throw invalidRequestObject({ reason: 'request_object_foreign' });
  }
  return claims;
}

/** Of this client, and no assertion by which one could authenticate as it (RFC 9101 §10.8). */
function checkOwner({ client_id, sub }: Members, { clientId }: Client): void {
  if ((client_id !== undefined && client_id !== clientId) || sub !== undefined) {
    throw invalidRequestObject({ reason: 'request_object_foreign' });
  }
}
