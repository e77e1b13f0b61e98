// Whether what a client may ask for agrees with the scopes of the issuer.

import type { ScopeTable } from '../../protocol/scope-table.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { findNearest } from '../nearest.ts';

const namesOf = ({ scope }: ClientMetadata): readonly string[] => scope?.split(' ') ?? [];

/** @param scopes those of the issuer; undefined where they could not be read. */
export const findScopeProblems = (
  client: ClientMetadata,
  scopes: ScopeTable | undefined,
): readonly Finding[] =>
  namesOf(client)
    .filter((name) => scopes?.get(name)?.clients?.includes(client.client_id) === false)
    .map((name) => ({
      path: ['scope'],
      problem: `lists ${name}, which is for other clients; remove it, or add the client to scopes.${name}.clients in asteroid.yaml`,
    }));

/** A name that only a resource server understands is listed with the client; or it is misspelt. */
export const findScopeWarnings = (
  client: ClientMetadata,
  scopes: ScopeTable | undefined,
): readonly Finding[] =>
  namesOf(client).flatMap((name) => {
    const nearest =
      scopes === undefined || scopes.has(name) ? undefined : findNearest(name, scopes.keys());
    if (nearest === undefined) return [];
    const problem = `has a name that the issuer does not know; did you mean ${nearest}? Otherwise describe it under scopes in asteroid.yaml`;
    return [{ path: ['scope'], problem }];
  });
