// What happened once, how often, and what was agreed to: each under a key of its own.

import type { Store } from '../store.ts';
import { parseConsent, printConsent } from './codec.ts';
import type { Commands } from './connection/commands.ts';
import { printConsentMember } from './indexes.ts';
import { type Access, type Reply, readText, run, toMilliseconds } from './run.ts';
import { COUNT, MARK } from './scripts.ts';
import { ENTER } from './scripts-granted.ts';

const TAKEN: Reply = ['taken'];
const FOREIGN: Reply = ['foreign'];

type FactVerbs = Pick<Store, 'once' | 'happened' | 'count' | 'findConsent' | 'keepConsent'>;

export function createFactVerbs(access: Access): FactVerbs {
  const { redis, ask, reading, names, continuity } = access;

  // Sent behind the question, so that what empties Redis in between is seen: it may be emptied at any moment,
  // and no connection is lost over it. Only then is it a second round trip.
  async function checkMemory(name: string, over: Commands): Promise<void> {
    const marker = continuity.markerOf(name);
    const kept = await readText(over, marker);
    await continuity.check(marker, kept, over);
  }

  return {
    async once(purpose, key, ttl, made) {
      const name = names.once(purpose, key);
      const [[outcome]] = await ask.once('once', (notAfter) =>
        Promise.all([
          run(redis, MARK, [name], [notAfter, toMilliseconds(ttl), 1], TAKEN),
          made === undefined ? undefined : checkMemory(name, redis),
        ]),
      );
      return outcome === 'marked' && !(made !== undefined && continuity.mayBeLost(made));
    },
    async happened(purpose, key, made) {
      const name = names.once(purpose, key);
      return reading.ask.once('happened', async () => {
        const [count] = await Promise.all([
          reading.redis.exists(name),
          made === undefined ? undefined : checkMemory(name, reading.redis),
        ]);
        return count === 1 || (made !== undefined && continuity.mayBeForgotten(made));
      });
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
      const text = await reading.ask.once('findConsent', () => readText(reading.redis, name));
      return text === undefined ? undefined : parseConsent(text);
    },
    // One that its End-User cannot find is not kept: they could not take it back.
    async keepConsent(subject, clientId, consent, ttl) {
      const name = names.consent(subject, clientId);
      const text = printConsent({ ...consent, subject, clientId });
      const life = toMilliseconds(ttl);
      const [index, member] = [names.granted(subject), printConsentMember(clientId)];
      await ask.once('keepConsent', async (notAfter) => {
        const [kept, entered] = await Promise.allSettled([
          redis.set(name, text, 'PX', life),
          run(redis, ENTER, [index], [notAfter, life, member], FOREIGN),
        ]);
        if (kept.status === 'rejected') throw kept.reason;
        if (entered.status === 'fulfilled' && entered.value !== FOREIGN) return;
        await redis.del(name).catch(() => {});
        if (entered.status === 'rejected') throw entered.reason;
        throw new Error('the key of an index holds something else');
      });
    },
  };
}
