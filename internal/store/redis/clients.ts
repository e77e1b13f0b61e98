// Registered clients in Redis: version of this layout, version of the client, hash of its registration
// access token, and last the text that nobody here reads.

import { toClientId } from '../../protocol/ids.ts';
import type { ClientRecord, ClientVerbs } from '../clients.ts';
import { line } from './record.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import {
  COUNT_CLIENT,
  LIST_CLIENTS,
  PLACE_CLIENT,
  REMOVE_CLIENT_AT,
  REPLACE_CLIENT,
} from './scripts-clients.ts';
import { settleTogether } from './together.ts';

const REFUSED: Reply = ['refused'];
const FULL: Reply = ['full'];
const UNKNOWN: Reply = ['unknown'];
const NOTHING: Reply = ['listed'];

export function createClientVerbs(access: Access): ClientVerbs {
  const { redis, ask, reading, names, maxClients } = access;
  return {
    async createClient(id, client, ttl) {
      const [key, life, record] = [names.client(id), toLife(ttl), print(client)];
      const outcome = await ask.once('createClient', (notAfter) =>
        settleTogether({
          record: run(redis, PLACE_CLIENT, [key], [notAfter, record, life], REFUSED),
          marks: [
            {
              reply: run(
                redis,
                COUNT_CLIENT,
                [names.clients],
                [notAfter, id, life, maxClients],
                FULL,
              ),
              // The place of a client that is there already is that client's.
              undo: async (record) =>
                record?.[0] === 'refused' ? undefined : redis.zrem(names.clients, id),
            },
          ],
          undoRecord: () => redis.del(key),
        }),
      );
      if (outcome === 'refused') throw new Error('a client of this id exists already');
      return outcome === 'placed' ? 'created' : 'full';
    },

    async findClient(id) {
      const key = names.client(id);
      const record = await reading.ask.once('findClient', () => readText(reading.redis, key));
      return record === undefined ? undefined : parse(record);
    },

    async replaceClient(id, version, next, ttl) {
      const args = [version, next.version, print(next), toLife(ttl)];
      const [outcome, ms] = await ask.untilAnswered('replaceClient', (notAfter) =>
        run(redis, REPLACE_CLIENT, [names.client(id)], [notAfter, ...args], UNKNOWN),
      );
      if (outcome !== 'replaced') return outcome === 'changed' ? outcome : 'unknown';
      const end = ttl === undefined ? '+inf' : Number(ms) + toMilliseconds(ttl);
      // Nobody waits for this: a place that is lost is one more than the budget, once.
      redis.zadd(names.clients, 'XX', end, id).catch(() => {});
      return outcome;
    },

    async listClients(after, limit) {
      const [, score = '', last = ''] = /^(inf|\d{1,16}):([!-~]{1,255})$/.exec(after ?? '') ?? [];
      if (after !== undefined && last === '') return undefined;
      const [, ...members] = await reading.ask.once('listClients', (notAfter) =>
        run(reading.redis, LIST_CLIENTS, [names.clients], [notAfter, limit, last, score], NOTHING),
      );
      const ids = members.filter((_, index) => index % 2 === 0);
      const [id, at] = members.slice(-2);
      return {
        ids: ids.map(toClientId),
        next: ids.length === limit ? `${at}:${id}` : undefined,
      };
    },

    async removeClient(id) {
      const removed = await ask.once('removeClient', () => redis.del(names.client(id)));
      redis.zrem(names.clients, id).catch(() => {});
      return removed === 1;
    },

    async removeClientAt(id, version) {
      const [outcome] = await ask.once('removeClientAt', (notAfter) =>
        run(redis, REMOVE_CLIENT_AT, [names.client(id)], [notAfter, version], UNKNOWN),
      );
      if (outcome === 'removed') redis.zrem(names.clients, id).catch(() => {});
      return outcome === 'removed' || outcome === 'changed' ? outcome : 'unknown';
    },
  };
}

const toLife = (ttl: number | undefined): number | '' =>
  ttl === undefined ? '' : toMilliseconds(ttl);

const print = ({ version, tokenHash, text }: ClientRecord): string =>
  ['1', line(version), line(tokenHash), text].join('\n');

function parse(record: string): ClientRecord | undefined {
  const [layout, version, tokenHash, ...text] = record.split('\n');
  if (layout !== '1' || version === undefined || tokenHash === undefined) return undefined;
  return text.length === 0 ? undefined : { version, tokenHash, text: text.join('\n') };
}
