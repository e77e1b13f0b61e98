// Many processes, one memory: each verb is one round trip, and what spends is one script on the keys
// of one slot, so that Redis Cluster may keep them. Promises nothing that Redis does not: see
// docs/storage.md for what survives which failure.

import { heldLater } from '../held.ts';
import type { Store } from '../store.ts';
import { createBudgetVerbs } from './budgets.ts';
import { createClientVerbs } from './clients.ts';
import type { RedisStoreOptions } from './connection/options.ts';
import { openConnections } from './connections.ts';
import { createContinuity } from './continuity.ts';
import { createDeviceVerbs } from './devices.ts';
import { createFactVerbs } from './facts.ts';
import { createGrantedVerbs } from './granted.ts';
import { createGrantVerbs, createPendingVerbs } from './grants.ts';
import { createKeyNames } from './keys.ts';
import { createUserVerbs } from './people.ts';
import { parseFound } from './record.ts';
import { type Access, readText, run } from './run.ts';
import { SETTLED } from './scripts.ts';
import { createSessionVerbs } from './sessions.ts';
import { createSpendVerbs } from './spends.ts';

const MAX_CLIENTS = 10_000;

/** Opens also while Redis is away: the verbs throw `Unavailable` until it answers. */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { issuer, maxPending, maxClients = MAX_CLIENTS } = options;
  const names = createKeyNames(issuer);
  const continuity = createContinuity(names, options);
  const { connection, ...asking } = await openConnections(options, continuity.meet);
  const access: Access = { ...asking, names, continuity, maxPending, maxClients };

  return {
    ...createGrantVerbs(access),
    ...createPendingVerbs(access),
    ...createSpendVerbs(access),
    ...createAuthorizationVerbs(access),
    ...createFactVerbs(access),
    ...createSessionVerbs(access),
    ...createGrantedVerbs(access),
    ...createDeviceVerbs(access),
    ...createClientVerbs(access),
    ...createBudgetVerbs(access),
    ...createUserVerbs(access),
    ...heldLater(async () => (await import('./held.ts')).createHeldVerbs(access)),
    ping: () => access.ask.once('ping', () => connection.probe(names.probe)),
    close: connection.close,
  };
}

function createAuthorizationVerbs(access: Access): Pick<Store, 'find' | 'revoke'> {
  const { redis, ask, reading, names } = access;

  // A revocation whose answer the replicas held back leaves no record here, and one there. Whoever revokes
  // again must not hear that nothing is left: the replica may be promoted, and the record is back (N3).
  async function settleEnd(key: string): Promise<void> {
    if (reading.redis === redis) return;
    await ask.once('find', (notAfter) => run(redis, SETTLED, [key], [notAfter], []));
  }

  return {
    async find(id, now) {
      const key = names.authorization(id);
      const record = await reading.ask.once('find', () => readText(reading.redis, key));
      const found = record === undefined ? undefined : parseFound(record, now);
      if (found === undefined) await settleEnd(key);
      return found;
    },
    async revoke(id) {
      await ask.untilAnswered('revoke', () => redis.del(names.authorization(id), names.seal(id)));
    },
  };
}
