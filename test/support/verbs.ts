import { toClientId, toSubject } from '../../internal/protocol/ids.ts';
import type { Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newClientRecord,
  newMember,
  newPending,
  newRedemption,
  newSid,
  ofAlice,
  token,
  toNext,
  unique,
} from './authorizations.ts';
import { newDevice, newDeviceGrant, parkDevice, poll } from './devices.ts';

type Verb = (store: Store) => Promise<unknown>;

/** Each verb with an object that nobody knows. */
export const VERBS: Readonly<Record<keyof Omit<Store, 'usage' | 'close'>, Verb>> = {
  create: (of) => of.create(newMember(newSid()), NOW),
  redeem: (of) => of.redeem(newAuthorization().id, 'hash', EXPECTED, newRedemption()),
  rotate: (of) => of.rotate(newAuthorization().id, token(1), EXPECTED, toNext(1)),
  find: (of) => of.find(newAuthorization().id, NOW),
  revoke: (of) => of.revoke(newAuthorization().id),
  park: (of) => of.park(newPending(), NOW),
  findPending: (of) => of.findPending(newPending().id, 'hash', NOW),
  approve: (of) => of.approve('hash', newAuthorization({ grant: { nonce: unique() } }), NOW),
  discard: (of) => of.discard(newPending().id, 'hash', NOW),
  take: (of) => of.take('rule', unique(), { limit: 5, window: 60 }),
  count: (of) => of.count('guess', unique(), 60),
  parkDevice: (of) => of.parkDevice(newDevice(), NOW),
  findDevice: (of) => of.findDevice(unique(), NOW),
  decideDevice: (of) => of.decideDevice(newDevice().id, newDeviceGrant(), NOW),
  redeemDevice: (of) => poll(of, newDevice()),
  createClient: (of) => of.createClient(toClientId(unique()), newClientRecord(), 60),
  findClient: (of) => of.findClient(CLIENT),
  replaceClient: (of) => of.replaceClient(CLIENT, 'version', newClientRecord(), 60),
  listClients: (of) => of.listClients(undefined, 10),
  removeClient: (of) => of.removeClient(CLIENT),
  removeClientAt: (of) => of.removeClientAt(CLIENT, 'version'),
  once: (of) => of.once('jti', unique(), 60),
  happened: (of) => of.happened('jti', unique()),
  findConsent: (of) => of.findConsent(GRANT.subject, CLIENT),
  keepConsent: (of) => of.keepConsent(GRANT.subject, CLIENT, { scope: [], grantedAt: NOW }, 60),
  endSession: (of) => of.endSession(ofAlice(newSid()), 60),
  forgetSession: (of) => of.forgetSession(ofAlice(newSid())),
  listGranted: (of) => of.listGranted(toSubject(unique()), NOW),
  endGranted: (of) => of.endGranted(toSubject(unique()), newAuthorization().id, NOW),
  endAllGranted: (of) => of.endAllGranted(toSubject(unique()), {}, NOW),
  listHeld: (of) => of.listHeld({}, { cursor: undefined, limit: 5 }, NOW),
  findHeld: (of) => of.findHeld(newAuthorization().id, NOW),
  endAllHeld: (of) => of.endAllHeld({ clientId: toClientId(unique()) }, NOW, async () => undefined),
  createUser: (of) => of.createUser(toSubject(unique()), { text: '{}', version: unique() }, 1000),
  findUser: (of) => of.findUser(toSubject(unique())),
  replaceUser: (of) =>
    of.replaceUser(toSubject(unique()), unique(), { text: '{}', version: unique() }),
  removeUser: (of) => of.removeUser(toSubject(unique())),
  listUsers: (of) => of.listUsers(undefined, 5),
  ping: (of) => of.ping(),
};

export type Used = {
  /** What no key may show, and no value but the records of authorizations. */
  readonly secrets: readonly string[];
  /** The one of them whose consent is kept, which says so. */
  readonly consented: string;
};

/** Each verb at least once. */
export async function useEveryVerb(used: Store): Promise<Used> {
  const [nonce, jti, subject] = [unique(), unique(), unique()];
  const { id } = await createRedeemed(used, { grant: { nonce } });
  await used.rotate(id, token(1), EXPECTED, toNext(1));
  await createGranted(used);
  await used.park(newPending(), NOW);
  const approved = newPending();
  await used.park(approved, NOW);
  await used.approve(approved.hash, newAuthorization({ id: approved.id }), NOW);
  const replayed = await createRedeemed(used);
  await used.redeem(replayed.id, replayed.code.hash, EXPECTED, newRedemption());
  const [sid, endedSid] = [newSid(), newSid()];
  await used.create(newMember(sid), NOW);
  await used.create(newMember(endedSid), NOW);
  await used.endSession(ofAlice(endedSid), 60);
  await used.forgetSession(ofAlice(endedSid));
  await used.once('jti', jti, 60);
  await used.keepConsent(toSubject(subject), CLIENT, { scope: ['openid'], grantedAt: NOW }, 60);
  const [device, denied, waiting] = [
    await parkDevice(used),
    await parkDevice(used),
    await parkDevice(used),
  ];
  const membership = { offline: false, until: NOW + 600 };
  await poll(used, device);
  await used.findDevice(device.userCodeHash, NOW);
  await used.decideDevice(device.id, newDeviceGrant({ membership, grant: { sid } }), NOW);
  await used.decideDevice(denied.id, { kind: 'denied' }, NOW);
  await poll(used, device, { refresh: { ...token(1), binding: 'key' } });
  await used.count('guess', jti, 60);
  const [clientId, removed] = [toClientId(unique()), toClientId(unique())];
  const [client, next] = [newClientRecord(), newClientRecord()];
  await used.createClient(clientId, client, 60);
  await used.createClient(removed, newClientRecord(), undefined);
  await used.replaceClient(clientId, client.version, next, 60);
  await used.findClient(clientId);
  await used.listClients(undefined, 10);
  await used.removeClientAt(clientId, unique());
  await used.removeClient(removed);
  await used.find(id, NOW);
  await used.findPending(approved.id, approved.hash, NOW);
  await used.discard(approved.id, approved.hash, NOW);
  await used.happened('jti', jti);
  await used.findConsent(toSubject(subject), CLIENT);
  await used.listGranted(GRANT.subject, NOW);
  const leaver = toSubject(unique());
  const left = await used.create(newMember(newSid(), { grant: { subject: leaver } }), NOW);
  if (left !== 'created') throw new Error(`the fixture was not created: ${left}`);
  await used.keepConsent(leaver, CLIENT, { scope: ['openid'], grantedAt: NOW }, 60);
  const { authorizations } = await used.listGranted(leaver, NOW);
  for (const one of authorizations) await used.endGranted(leaver, one.id, NOW);
  await used.endAllGranted(leaver, {}, NOW);
  await used.revoke(approved.id);
  await used.ping();
  const secrets = [nonce, jti, subject, leaver, sid, endedSid, waiting.userCodeHash];
  return { secrets, consented: subject };
}
