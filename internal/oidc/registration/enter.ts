// From what a client says to what is registered: the one way for a new entry and for one that is
// replaced (RFC 7591 §3, RFC 7592 §2.2).

import type { Members } from '../../protocol/jwt.ts';
import type { Deps } from '../deps.ts';
import { accepted } from './metadata.ts';
import type { RegisteredClient } from './record.ts';
import type { Registration } from './registration.ts';
import { issueSecret, keepSecond } from './secret.ts';
import { checkSector } from './sector.ts';
import { applyStatement } from './statement.ts';

export type Entry = {
  readonly client: RegisteredClient;
  /** The secret, if the client does not have it yet. */
  readonly secret: string | undefined;
  /** Seconds that the entry lives; undefined: for ever. */
  readonly ttl: number | undefined;
};

/** Throws what is wrong with it. @param before the entry that it replaces. */
export async function makeEntry(
  clientId: string,
  said: Members,
  before: RegisteredClient | undefined,
  registration: Registration,
  deps: Deps,
): Promise<Entry> {
  const { metadata: stated, statement } = await applyStatement(
    said,
    before?.statement?.issuer,
    registration,
    deps,
  );
  // First what costs nothing: nobody's document is fetched for metadata that is wrong without it.
  const metadata = accepted(registration.judge(clientId, stated));
  await checkSector(metadata, registration);
  const { token_endpoint_auth_method: method } = metadata;
  const secret = issueSecret(method, before?.secret, deps);
  const now = deps.now();
  const ttl = registration.clientLifetime;
  return {
    client: {
      metadata,
      statement,
      secret: secret.kept,
      second: keepSecond(method, before?.second, deps),
      issuedAt: before?.issuedAt ?? now,
      expiresAt: ttl === undefined ? undefined : now + ttl,
    },
    secret: secret.shown,
    ttl,
  };
}
