// Whether a client that brings tokens of others can, and whether anybody can tell whose they are.

import { OWN_TOKENS } from '../../protocol/client-grants.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../protocol/names.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding, Path } from '../finding.ts';
import { findNearest } from '../nearest.ts';

const say = (problem: string, ...path: Path): Finding => ({ path, problem });

/** @param issuers names of `token_issuers`; undefined where those could not be read. */
export const findGrantProblems = (
  client: ClientMetadata,
  issuers: ReadonlySet<string> | undefined,
): readonly Finding[] => [
  ...findUseless(client, 'token_exchange', TOKEN_EXCHANGE),
  ...findUseless(client, 'jwt_bearer', JWT_BEARER),
  ...findIssuerProblems(client, issuers),
  ...findUnnameable(client),
];

/** The policy without the grant, the grant without the policy, and both where nobody authenticates. */
function findUseless(
  client: ClientMetadata,
  key: 'token_exchange' | 'jwt_bearer',
  grantType: string,
): readonly Finding[] {
  const index = client.grant_types.indexOf(grantType);
  if (index < 0) {
    return client[key] === undefined
      ? []
      : [say(`is of no use without ${grantType} in grant_types; add it, or remove this`, key)];
  }
  if (client.token_endpoint_auth_method === 'none') {
    return [say('needs a client that authenticates; remove it', 'grant_types', index)];
  }
  return client[key] === undefined ? [say(`is missing; ${grantType} needs it`, key)] : [];
}

function findIssuerProblems(
  { token_exchange, jwt_bearer }: ClientMetadata,
  issuers: ReadonlySet<string> | undefined,
): readonly Finding[] {
  if (issuers === undefined) return [];
  const ours = new Set([OWN_TOKENS, ...issuers]);
  const unknown = (names: readonly string[], known: ReadonlySet<string>, ...at: Path) =>
    names.flatMap((name, index) =>
      known.has(name) ? [] : [say(notAnIssuer(name, known), ...at, index)],
    );
  return [
    ...unknown(token_exchange?.issuers ?? [], ours, 'token_exchange', 'issuers'),
    ...unknown(token_exchange?.actor_issuers ?? [], ours, 'token_exchange', 'actor_issuers'),
    ...unknown(jwt_bearer?.issuers ?? [], issuers, 'jwt_bearer', 'issuers'),
  ];
}

function notAnIssuer(name: string, known: ReadonlySet<string>): string {
  const nearest = findNearest(name, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `is not among token_issuers of asteroid.yaml${hint}`;
}

/**
 * What is issued for a foreign subject is not recorded: nobody could tell later who a pairwise name in
 * it stands for.
 */
function findUnnameable(client: ClientMetadata): readonly Finding[] {
  if (client.subject_type === 'public') return [];
  const isForeign = (client.token_exchange?.issuers ?? []).some((name) => name !== OWN_TOKENS);
  const problem = 'cannot be combined with subject_type: pairwise; remove one of the two';
  return [
    ...(isForeign
      ? [say(`names issuers besides ${OWN_TOKENS}, which ${problem}`, 'token_exchange')]
      : []),
    ...(client.jwt_bearer === undefined ? [] : [say(problem, 'jwt_bearer')]),
  ];
}
