import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toClientId } from '../../internal/protocol/ids.ts';
import { MAX_SESSION_MEMBERS, type Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  EXPECTED,
  NOW,
  newAuthorization,
  newMember,
  newPending,
  newRedemption,
  newSid,
  ofAlice,
  unique,
} from '../support/authorizations.ts';
import { STORES, type Stores } from '../support/stores.ts';

describe.each(STORES)('%s store: sessions (LO-1, LO-4, N7)', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  it('tells which authorizations a session has, whichever connection made them', async () => {
    const sid = newSid();
    const online = newMember(sid);
    const offline = newMember(sid, {
      membership: { offline: true, until: NOW + 9000 },
      grant: { clientId: toClientId('a"n\\oth er\u{1d11e}') },
    });
    await store.create(online, NOW);
    await other.create(offline, NOW);

    const members = await store.endSession(ofAlice(sid), 60);

    expect(members).toHaveLength(2);
    expect(members).toContainEqual({
      id: online.id,
      clientId: CLIENT,
      offline: false,
    });
    expect(members).toContainEqual({
      id: offline.id,
      clientId: 'a"n\\oth er\u{1d11e}',
      offline: true,
    });
  });

  it('has no member where none was asked for, and knows nothing of other sessions', async () => {
    const sid = newSid();
    await store.create(newAuthorization({ grant: { sid } }), NOW);
    await store.create(newMember(newSid()), NOW);

    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
  });

  it('makes what no session is asked about, also when the session that it names has ended', async () => {
    const sid = newSid();
    await other.endSession(ofAlice(sid), 60);
    const unasked = newAuthorization({ grant: { sid } });
    const pending = newPending();
    await store.park(pending, NOW);
    const answered = newAuthorization({ id: pending.id, grant: { sid } });

    expect(await store.create(unasked, NOW)).toBe('created');
    expect((await other.find(unasked.id, NOW))?.grant.sid).toBe(sid);
    expect(await store.approve(pending.hash, answered, NOW)).toBe('created');
    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
  });

  it('gives the sid back with the grant', async () => {
    const member = newMember(newSid());
    await store.create(member, NOW);

    expect((await other.find(member.id, NOW))?.grant.sid).toBe(member.grant.sid);
  });

  it('ends nothing that a session holds: that is for the caller', async () => {
    const member = newMember(newSid());
    await store.create(member, NOW);
    await store.endSession(ofAlice(member.grant.sid ?? newSid()), 60);

    const redeemed = await store.redeem(member.id, member.code.hash, EXPECTED, newRedemption());

    expect(redeemed.kind).toBe('fresh');
  });

  it('takes nothing into a session that has ended, and burns nothing', async () => {
    const sid = newSid();
    await other.endSession(ofAlice(sid), 60);
    const late = newMember(sid);

    expect(await store.create(late, NOW)).toBe('session_ended');
    expect(await store.find(late.id, NOW)).toBeUndefined();
    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
    const { nonce } = late.grant;
    const elsewhere = newMember(newSid(), nonce === undefined ? {} : { grant: { nonce } });
    expect(await store.create(elsewhere, NOW)).toBe('created');
  });

  it('leaves no member behind when the nonce was used', async () => {
    const sid = newSid();
    const nonce = unique();
    await store.create(newMember(newSid(), { grant: { nonce } }), NOW);

    expect(await store.create(newMember(sid, { grant: { nonce } }), NOW)).toBe('nonce_used');
    expect(await store.endSession(ofAlice(sid), 60)).toEqual([]);
  });

  it('answers nonce_used where the session has ended as well: a used nonce stays used', async () => {
    const sid = newSid();
    const nonce = unique();
    await store.create(newMember(newSid(), { grant: { nonce } }), NOW);
    await store.endSession(ofAlice(sid), 60);

    expect(await store.create(newMember(sid, { grant: { nonce } }), NOW)).toBe('nonce_used');
  });

  it('leaves a page to be answered again when only its session has ended', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const ended = newSid();
    await store.endSession(ofAlice(ended), 60);
    const nonce = unique();
    const approve = (sid = newSid()) =>
      store.approve(pending.hash, newMember(sid, { id: pending.id, grant: { nonce } }), NOW);

    expect(await approve(ended)).toBe('session_ended');
    expect(await store.findPending(pending.id, pending.hash, NOW)).toEqual(pending.request);
    expect(await approve()).toBe('created');
    expect(await approve()).toBe('unknown');
  });

  it('enters what comes of a page, too', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const sid = newSid();
    await store.approve(pending.hash, newMember(sid, { id: pending.id }), NOW);

    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([pending.id]);
  });

  it('enters nothing for a second click, and loses nothing by it', async () => {
    const pending = newPending();
    await store.park(pending, NOW);
    const sid = newSid();
    const member = newMember(sid, { id: pending.id });
    const created = await Promise.all(
      Array.from({ length: 10 }, (__, n) =>
        (n % 2 === 0 ? store : other).approve(pending.hash, member, NOW),
      ),
    );

    expect(created.filter((answer) => answer === 'created')).toHaveLength(1);
    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([pending.id]);
  });

  it('tells its members again until they are forgotten, and stays ended', async () => {
    const sid = newSid();
    const member = newMember(sid);
    await store.create(member, NOW);

    expect(await store.endSession(ofAlice(sid), 60)).toHaveLength(1);
    expect(await other.endSession(ofAlice(sid), 60)).toHaveLength(1);
    await store.forgetSession(ofAlice(sid));
    expect(await other.endSession(ofAlice(sid), 60)).toEqual([]);
    expect(await store.create(newMember(sid), NOW)).toBe('session_ended');
  });

  it('lets in every one, or says that it did not, while it is being ended', async () => {
    const sid = newSid();
    const before = Array.from({ length: 20 }, () => newMember(sid));
    const after = Array.from({ length: 20 }, () => newMember(sid));
    const creating = [...before, ...after].map(
      (member, n) => async () => (n % 2 === 0 ? store : other).create(member, NOW),
    );
    const [first, members, second] = await Promise.all([
      Promise.all(creating.slice(0, 20).map((create) => create())),
      store.endSession(ofAlice(sid), 60),
      Promise.all(creating.slice(20).map((create) => create())),
    ]);
    const entered = new Set(members.map(({ id }) => id));
    const outcome = [...first, ...second];

    [...before, ...after].forEach(({ id }, n) => {
      expect(entered.has(id)).toBe(outcome[n] === 'created');
    });
  });

  it('forgets members whose time is over, and not the others', async () => {
    const sid = newSid();
    const lasting = newMember(sid);
    await store.create(newMember(sid, { membership: { offline: false, until: NOW + 1 } }), NOW);
    await store.create(lasting, NOW);
    await new Promise((resolve) => setTimeout(resolve, 2100));

    expect((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id)).toEqual([lasting.id]);
  });

  it('opens again when its end is forgotten', async () => {
    const sid = newSid();
    await store.endSession(ofAlice(sid), 1);
    await new Promise((resolve) => setTimeout(resolve, 2100));

    expect(await store.create(newMember(sid), NOW)).toBe('created');
  });

  it('remembers so many, and of those what lasts longest; the newest is always among them', async () => {
    const sid = newSid();
    const membership = (seconds: number) => ({ offline: false, until: NOW + seconds });
    const first = newMember(sid, { membership: membership(4000) });
    const lasting = newMember(sid, { membership: membership(9000) });
    await store.create(first, NOW);
    await store.create(lasting, NOW);
    for (let n = 2; n < MAX_SESSION_MEMBERS; n += 1) {
      await store.create(newMember(sid, { membership: membership(5000) }), NOW);
    }
    const newest = newMember(sid, {
      membership: membership(60),
      grant: { clientId: toClientId('newest') },
    });
    await store.create(newest, NOW);

    const ids = new Set((await store.endSession(ofAlice(sid), 60)).map(({ id }) => id));

    expect(ids.size).toBe(MAX_SESSION_MEMBERS);
    expect([first, lasting, newest].map(({ id }) => ids.has(id))).toEqual([false, true, true]);
  });
});
