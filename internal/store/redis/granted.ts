// What stands of all that an End-User granted, by the index of it. The index is in another slot than they are:
// whoever looks waits for a person and takes a second round trip.

import { type Subject, toAuthorizationId, toClientId } from '../../protocol/ids.ts';
import {
  type Granted,
  type GrantedVerbs,
  type LiveAuthorization,
  MAX_LISTED,
  type RememberedConsent,
} from '../granted.ts';
import { parseConsent } from './codec.ts';
import { askEnd, createEndVerbs } from './ending.ts';
import { parseConsentMember } from './indexes.ts';
import { parseLive } from './record.ts';
import { type Access, readText } from './run.ts';

export const createGrantedVerbs = (access: Access): GrantedVerbs => ({
  ...createEndVerbs(access),
  async listGranted(subject, now) {
    const { reading, names } = access;
    const index = names.granted(subject);
    const { granted, stale } = await reading.ask.once('listGranted', async () => {
      const found = await reading.redis.zrange(index, -MAX_LISTED - 1, -1);
      const members = found.slice(-MAX_LISTED);
      const isPartial = found.length > members.length;
      return await readMembers(access, { subject, members, isPartial, now });
    });
    // Nobody waits for this: what is met again is met again.
    void bury(access, index, stale).catch(() => {});
    return granted;
  },
});

type Members = {
  readonly subject: Subject;
  readonly members: readonly string[];
  readonly isPartial: boolean;
  readonly now: number;
};

/** What stands of them; and what has no record, or one that has ended. */
async function readMembers(
  { reading, names }: Access,
  { subject, members, isPartial, now }: Members,
): Promise<{ readonly granted: Granted; readonly stale: readonly string[] }> {
  const authorizations: LiveAuthorization[] = [];
  const consents: RememberedConsent[] = [];
  const stale: string[] = [];
  await Promise.all(
    members.map(async (member) => {
      const agreed = parseConsentMember(member);
      const id = toAuthorizationId(member);
      const key =
        agreed === undefined ? names.authorization(id) : names.consent(subject, toClientId(agreed));
      const text = await readText(reading.redis, key);
      if (agreed !== undefined) {
        const consent = text === undefined ? undefined : parseConsent(text);
        if (consent !== undefined) consents.push({ ...consent, clientId: toClientId(agreed) });
        return;
      }
      const live = text === undefined ? undefined : parseLive(id, text, now);
      if (live === undefined) stale.push(member);
      else authorizations.push(live);
    }),
  );
  return { granted: { authorizations, consents, isPartial }, stale };
}

/** What is over leaves the index. A grant that is under way does not, or it would never be found. */
async function bury(access: Access, index: string, stale: readonly string[]): Promise<void> {
  const gone = await Promise.all(
    stale.map(async (member) => {
      const id = toAuthorizationId(member);
      const [word] = await askEnd(access, id, '', true);
      return word === 'gone' ? [member] : [];
    }),
  );
  const members = gone.flat();
  if (members.length > 0) await access.redis.zrem(index, ...members);
}
