// What an operator finds in Redis, and the end of everything of a client or of an End-User: found by looking
// at every key, and ended one by one, as any other end.

import { Unavailable } from '../../protocol/errors.ts';
import { type AuthorizationId, type ClientId, toClientId } from '../../protocol/ids.ts';
import {
  type Agreed,
  type EndedHeld,
  type HeldAuthorization,
  type HeldVerbs,
  isHeldBy,
  isWholeClient,
  type Whose,
} from '../held.ts';
import { readPage, type Walk } from '../paging.ts';
import { parseAgreed } from './codec.ts';
import { end } from './ending.ts';
import { clientOfRecord, parseHeld, waitingClientOf } from './record.ts';
import { type Access, type Reply, readText, run } from './run.ts';
import { DROP } from './scripts-held.ts';
import { idOfKey, stepThroughAll, stepThroughIndex } from './walk.ts';

/** A walk that is led astray begins anew so often. */
const MAX_WALKS = 5;

const KEPT: Reply = ['kept'];

export const createHeldVerbs = (access: Access): HeldVerbs => ({
  listHeld: (whose, page, now) => readPage(toWalk(access, whose, now), page),

  async findHeld(id, now) {
    const { reading, names } = access;
    const key = names.authorization(id);
    const record = await reading.ask.once('findHeld', () => readText(reading.redis, key));
    return record === undefined ? undefined : parseHeld(id, record, now);
  },

  // What moves between two primaries of a cluster while they are looked at, each in turn, may be seen at
  // neither. It is seen the next time, so that a cluster is looked at until nothing is found.
  async endAllHeld(whose, now, onEnded) {
    const { reading, keepers } = access;
    const isCluster = await reading.ask.untilAnswered(
      'endAllHeld',
      async () => keepers().length > 1,
    );
    for (let walks = 1; walks <= MAX_WALKS; walks += 1) {
      const { isWhole, found } = await endWalk(access, whose, now, onEnded);
      if (isWhole && (!isCluster || (walks > 1 && found === 0))) return;
    }
    throw new Unavailable('store', 'endAllHeld', new Error('the servers of Redis keep changing'));
  },
});

function toWalk(access: Access, whose: Whose, now: number): Walk {
  const { subject } = whose;
  return {
    async step(place) {
      if (subject !== undefined) {
        const stepped = await stepThroughIndex(access, subject, place);
        return stepped && { ids: stepped.found, next: stepped.next };
      }
      const stepped = await stepThroughAll(access, place);
      return (
        stepped && { ids: stepped.found.flatMap((key) => idOfKey(key) ?? []), next: stepped.next }
      );
    },
    async read(ids) {
      const { reading, names } = access;
      const records = await reading.ask.once('listHeld', () =>
        Promise.all(ids.map((id) => readText(reading.redis, names.authorization(id)))),
      );
      return ids.flatMap((id, n) => toMeant(id, records[n], whose, now) ?? []);
    },
  };
}

function toMeant(
  id: AuthorizationId,
  record: string | undefined,
  whose: Whose,
  now: number,
): HeldAuthorization | undefined {
  if (record === undefined) return undefined;
  // Most are of somebody else, and a million are looked at.
  if (whose.clientId !== undefined && clientOfRecord(record) !== whose.clientId) return undefined;
  const held = parseHeld(id, record, now);
  return held !== undefined && isHeldBy(held, whose) ? held : undefined;
}

type Walked = { readonly isWhole: boolean; readonly found: number };

async function endWalk(
  access: Access,
  whose: Whose,
  now: number,
  onEnded: (ended: EndedHeld) => Promise<void>,
): Promise<Walked> {
  let found = 0;
  let place: string | undefined;
  do {
    const stepped = await stepThroughAll(access, place);
    if (stepped === undefined) return { isWhole: false, found };
    const { ended, problem } = await endWave(access, whose, now, stepped.found);
    const count = ended.authorizations.length + ended.consents.length;
    found += count;
    // What was ended before it failed is on record only if its caller hears of it.
    if (count > 0) await onEnded(ended);
    if (problem !== undefined) throw problem;
    place = stepped.next;
  } while (place !== undefined);
  return { isWhole: true, found };
}

type Wave = { readonly ended: EndedHeld; readonly problem: unknown };

async function endWave(
  access: Access,
  whose: Whose,
  now: number,
  keys: readonly string[],
): Promise<Wave> {
  const { reading } = access;
  const texts = await reading.ask.once('endAllHeld', () =>
    Promise.all(keys.map((key) => readText(reading.redis, key))),
  );
  const outcomes = await Promise.allSettled(
    keys.map((key, n) => endOne(access, { whose, now, key, text: texts[n] ?? '' })),
  );
  const done = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = outcomes.find((one) => one.status === 'rejected');
  return {
    ended: {
      authorizations: done.flatMap(({ authorization }) => authorization ?? []),
      consents: done.flatMap(({ consent }) => consent ?? []),
    },
    problem: failed?.reason,
  };
}

type Found = {
  readonly whose: Whose;
  readonly now: number;
  readonly key: string;
  readonly text: string;
};

type EndedOne = {
  readonly authorization?: HeldAuthorization | undefined;
  readonly consent?: Agreed | undefined;
};

async function endOne(access: Access, { whose, now, key, text }: Found): Promise<EndedOne> {
  const id = idOfKey(key);
  if (id === undefined) return { consent: await endConsent(access, whose, key, text) };
  const held = toMeant(id, text, whose, now);
  if (held === undefined) {
    const client = isWholeClient(whose) ? waitingClientOf(text) : undefined;
    if (client !== undefined && client === whose.clientId)
      await drop(access, id, toClientId(client));
    return {};
  }
  const { subject, clientId } = held;
  const ended = await end(access, { subject, id, isListed: false, now });
  if (ended.kind === 'kept') return {};
  access.redis.zrem(access.names.granted(subject), id).catch(() => {});
  // One of a version that did not write down whose it is.
  const consent = access.names.consent(subject, clientId);
  const wasAgreed = await forget(access, consent);
  return {
    authorization: ended.kind === 'ended' ? { ...held, ...ended.authorization } : undefined,
    consent: wasAgreed ? { subject, clientId } : undefined,
  };
}

async function endConsent(
  access: Access,
  whose: Whose,
  key: string,
  text: string,
): Promise<Agreed | undefined> {
  const agreed = parseAgreed(text);
  if (agreed === undefined || !isHeldBy(agreed, whose)) return undefined;
  return (await forget(access, key)) ? agreed : undefined;
}

const forget = async ({ redis, ask }: Access, key: string): Promise<boolean> =>
  (await ask.untilAnswered('endAllHeld', () => redis.del(key))) === 1;

async function drop(access: Access, id: AuthorizationId, clientId: ClientId): Promise<void> {
  const { redis, ask, names } = access;
  await ask.untilAnswered('endAllHeld', (notAfter) =>
    run(redis, DROP, [names.authorization(id)], [notAfter], KEPT),
  );
  redis.zrem(names.pending, id).catch(() => {});
  redis.zrem(names.waiting(clientId), id).catch(() => {});
}
