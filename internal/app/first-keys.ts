// The first key of every algorithm that some client is registered for, made ahead of its first token.

import type { Config } from '../config/config.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { Client } from '../protocol/client.ts';
import type { SigningAlg } from '../protocol/names.ts';
import type { Log } from '../telemetry/log.ts';

/** What is signed with for these clients, and for those that may register. */
const algsOf = (clients: Iterable<Client>, { registration }: Pick<Config, 'registration'>) => {
  const ofClients = [...clients].flatMap((client) => [
    client.idTokenSignedResponseAlg,
    client.accessTokenSigningAlg,
    client.authorizationSignedResponseAlg,
    client.userinfoSignedResponseAlg,
    client.introspectionSignedResponseAlg,
  ]);
  // The default of the standard (OIDC Registration §2).
  const ofNewcomers: readonly SigningAlg[] = registration === undefined ? [] : ['RS256'];
  return new Set([...ofClients, ...ofNewcomers].filter((alg) => alg !== undefined));
};

/**
 * Resolves when all are there; what fails is logged, and tried again with the first token. Keys that
 * replicas share have to be in the JWKS of each when the first token is verified: made with that token,
 * a key is for a moment in that of its maker alone. Those that die with the process are shared by nobody.
 */
export async function makeFirstKeys(
  keys: Pick<KeyRing, 'prepare'>,
  clients: Iterable<Client>,
  config: Pick<Config, 'keys' | 'registration'>,
  log: Log,
): Promise<void> {
  if (config.keys.source === 'ephemeral') return;
  for (const alg of algsOf(clients, config)) {
    try {
      await keys.prepare(alg);
    } catch (error) {
      log.warn({ alg, error: error instanceof Error ? error : undefined }, 'no key was made ahead');
    }
  }
}
