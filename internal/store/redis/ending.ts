// The end of what an End-User granted, of one authorization or of all. Records are in slots of their own, and are
// ended one by one: what fails is said, and can be asked again.

import { Unavailable } from '../../protocol/errors.ts';
import {
  type AuthorizationId,
  type ClientId,
  type Subject,
  toAuthorizationId,
  toClientId,
} from '../../protocol/ids.ts';
import {
  type EndedGrants,
  type GrantedTo,
  type GrantedVerbs,
  isMeant,
  type LiveAuthorization,
} from '../granted.ts';
import { parseConsentMember } from './indexes.ts';
import { parseLive } from './record.ts';
import { type Access, type Reply, readText, run } from './run.ts';
import { END, ownedBy } from './scripts-granted.ts';

const KEPT: Reply = ['kept'];

/** So many are asked about at a time. */
const WAVE = 500;

/** What our idea of the time of a Redis may be wrong by. */
const CLOCKS_MS = 1000;

const NOTHING: EndedGrants = { authorizations: [], consents: [], isComplete: true };

export const createEndVerbs = (
  access: Access,
): Pick<GrantedVerbs, 'endGranted' | 'endAllGranted'> => ({
  async endGranted(subject, id, now) {
    const ended = await end(access, { subject, id, isListed: false, now });
    if (ended.kind !== 'ended') return undefined;
    access.redis.zrem(access.names.granted(subject), id).catch(() => {});
    return ended.authorization;
  },

  async endAllGranted(subject, which, now) {
    const { ask, redis, names } = access;
    const index = names.granted(subject);
    const members = await ask.once('endAllGranted', () => redis.zrange(index, 0, -1));
    const ending = { subject, which, now };
    let all = await endConsents(access, ending, members);
    const ids = members.filter((member) => parseConsentMember(member) === undefined);
    for (let from = 0; from < ids.length; from += WAVE) {
      const wave = endWave(access, ending, ids.slice(from, from + WAVE));
      // What was ended before is on record only if its caller hears of it.
      all = join(all, await wave.catch(notAll));
    }
    return all;
  },
});

type Ending = {
  readonly subject: Subject;
  readonly id: AuthorizationId;
  /** The id is from an index: of what has no record yet there will be none. */
  readonly isListed: boolean;
  readonly now: number;
};

type Ended =
  | { readonly kind: 'ended'; readonly authorization: LiveAuthorization | undefined }
  | { readonly kind: 'gone' | 'kept' };

/** Tells of what, as far as it was alive. */
export async function end(access: Access, { subject, id, isListed, now }: Ending): Promise<Ended> {
  const [word, record = ''] = await askEnd(access, id, ownedBy(subject), isListed);
  if (word === 'ended') return { kind: word, authorization: parseLive(id, record, now) };
  return { kind: word === 'gone' ? word : 'kept' };
}

/**
 * Asked again after a reset: then whoever ended it does not hear that they did.
 *
 * @param owner how the JSON of the grant has to begin; empty: nothing that stands is ended.
 */
export const askEnd = (
  { redis, ask, names, deadlineMs }: Access,
  id: AuthorizationId,
  owner: string,
  isListed: boolean,
): Promise<Reply> =>
  ask.untilAnswered('endGranted', (notAfter) =>
    run(
      redis,
      END,
      [names.authorization(id), names.seal(id)],
      [notAfter, owner, isListed ? deadlineMs + CLOCKS_MS : ''],
      KEPT,
    ),
  );

type EndingAll = {
  readonly subject: Subject;
  readonly which: GrantedTo;
  readonly now: number;
};

async function endWave(
  access: Access,
  { subject, which, now }: EndingAll,
  members: readonly string[],
): Promise<EndedGrants> {
  const ids = members.map(toAuthorizationId);
  const isMeant = await findMeant(access, ids, which, now);
  const meant = isMeant === undefined ? ids : ids.filter(isMeant);
  const outcomes = await Promise.allSettled(
    meant.map((id) => end(access, { subject, id, isListed: true, now })),
  );
  const authorizations: LiveAuthorization[] = [];
  const left: string[] = [];
  outcomes.forEach((outcome, n) => {
    const id = meant[n];
    if (outcome.status === 'rejected' || outcome.value.kind === 'kept' || id === undefined) return;
    left.push(id);
    if (outcome.value.kind === 'ended' && outcome.value.authorization !== undefined) {
      authorizations.push(outcome.value.authorization);
    }
  });
  if (left.length > 0) {
    access.redis.zrem(access.names.granted(subject), ...left).catch(() => {});
  }
  const isComplete = outcomes.every(({ status }) => status === 'fulfilled');
  return { authorizations, consents: [], isComplete };
}

/** Undefined where all are. */
async function findMeant(
  { redis, ask, names }: Access,
  ids: readonly AuthorizationId[],
  which: GrantedTo,
  now: number,
): Promise<((id: AuthorizationId) => boolean) | undefined> {
  if (Object.values(which).every((one) => one === undefined)) return undefined;
  const meant = new Set<AuthorizationId>();
  await ask.untilAnswered('endAllGranted', () =>
    Promise.all(
      ids.map(async (id) => {
        const record = await readText(redis, names.authorization(id));
        const live = record === undefined ? undefined : parseLive(id, record, now);
        if (live !== undefined && isMeant(live, which)) meant.add(id);
      }),
    ),
  );
  return (id) => meant.has(id);
}

/**
 * Also one that the index has lost, where its client is known. Their members stay: one of them may be that of
 * a consent that is being kept at this moment.
 */
async function endConsents(
  { redis, ask, names }: Access,
  { subject, which: { clientId, sid, isDevice } }: EndingAll,
  members: readonly string[],
): Promise<EndedGrants> {
  if (sid !== undefined || isDevice !== undefined) return NOTHING;
  const known = members.flatMap((member) => parseConsentMember(member) ?? []).map(toClientId);
  const meant = clientId === undefined ? known : [clientId];
  const outcomes = await Promise.allSettled(
    meant.map(async (one) => {
      const key = names.consent(subject, one);
      return (await ask.untilAnswered('endAllGranted', () => redis.del(key))) === 1 ? [one] : [];
    }),
  );
  const done = outcomes.every(({ status }) => status === 'fulfilled');
  const consents = outcomes.flatMap((one): readonly ClientId[] =>
    one.status === 'fulfilled' ? one.value : [],
  );
  return { authorizations: [], consents, isComplete: done };
}

const join = (one: EndedGrants, other: EndedGrants): EndedGrants => ({
  authorizations: [...one.authorizations, ...other.authorizations],
  consents: [...one.consents, ...other.consents],
  isComplete: one.isComplete && other.isComplete,
});

function notAll(error: unknown): EndedGrants {
  if (error instanceof Unavailable) return { ...NOTHING, isComplete: false };
  throw error;
}
