// Many processes, one memory: each verb is one round trip, and what spends is one script on the keys
// of one slot, so that Redis Cluster may keep them. Promises nothing that Redis does not: see
// docs/storage.md for what survives which failure.

import type { Store } from '../store.ts';
import { createAsk } from './ask.ts';
import { createClientVerbs } from './clients.ts';
import { parseConsent, printConsent } from './codec.ts';
import { createCommands } from './commands.ts';
import { openConnection } from './connection.ts';
import { createDeviceVerbs } from './devices.ts';
import { createGrantVerbs, createPendingVerbs } from './grants.ts';
import { createKeyNames } from './keys.ts';
import type { RedisStoreOptions } from './options.ts';
import { parseFound } from './record.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import { COUNT, MARK } from './scripts.ts';
import { createSessionVerbs } from './sessions.ts';
import { createSpendVerbs } from './spends.ts';

const DEADLINE_MS = 1000;
const MAX_CLIENTS = 10_000;
const TAKEN: Reply = ['taken'];
const FOREIGN: Reply = ['foreign'];

/** Opens also while Redis is away: the verbs throw `Unavailable` until it answers. */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const { deadlineMs = DEADLINE_MS, issuer, maxPending, maxClients = MAX_CLIENTS } = options;
  const connection = await openConnection(options, deadlineMs);
  const redis = createCommands(connection);
  const ask = createAsk(connection, deadlineMs);
  const access: Access = { redis, ask, names: createKeyNames(issuer), maxPending, maxClients };

  return {
    ...createGrantVerbs(access),
    ...createPendingVerbs(access),
    ...createSpendVerbs(access),
    ...createAuthorizationVerbs(access),
    ...createFactVerbs(access),
    ...createSessionVerbs(access),
    ...createDeviceVerbs(access),
    ...createClientVerbs(access),
    ping: () => ask.once('ping', () => connection.probe(access.names.probe)),
    close: connection.close,
  };
}

function createAuthorizationVerbs({ redis, ask, names }: Access): Pick<Store, 'find' | 'revoke'> {
  return {
    async find(id, now) {
      const record = await ask.once('find', () => readText(redis, names.authorization(id)));
      return record === undefined ? undefined : parseFound(record, now);
    },
    async revoke(id) {
      await ask.untilAnswered('revoke', () => redis.del(names.authorization(id), names.seal(id)));
    },
  };
}

function createFactVerbs({
  redis,
  ask,
  names,
}: Access): Pick<Store, 'once' | 'happened' | 'count' | 'findConsent' | 'keepConsent'> {
  return {
    async once(purpose, key, ttl) {
      const name = names.once(purpose, key);
      const [outcome] = await ask.once('once', (notAfter) =>
        run(redis, MARK, [name], [notAfter, toMilliseconds(ttl), 1], TAKEN),
      );
      return outcome === 'marked';
    },
    async happened(purpose, key) {
      return (await ask.once('happened', () => redis.exists(names.once(purpose, key)))) === 1;
    },
    async count(purpose, key, window) {
      const name = names.tally(purpose, key);
      return ask.once('count', async (notAfter) => {
        const args = [notAfter, toMilliseconds(window)] as const;
        const [word, sum] = await run(redis, COUNT, [name], args, FOREIGN);
        // Nobody knows how often: a guesser must not get one for free.
        if (word !== 'counted') throw new Error('the key of a count holds something else');
        return Number(sum);
      });
    },
    async findConsent(subject, clientId) {
      const name = names.consent(subject, clientId);
      const text = await ask.once('findConsent', () => readText(redis, name));
      return text === undefined ? undefined : parseConsent(text);
    },
    async keepConsent(subject, clientId, consent, ttl) {
      const name = names.consent(subject, clientId);
      const text = printConsent(consent);
      await ask.once('keepConsent', () => redis.set(name, text, 'PX', toMilliseconds(ttl)));
    },
  };
}
