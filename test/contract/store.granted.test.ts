import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Subject, toClientId, toSubject } from '../../internal/protocol/ids.ts';
import { MAX_LISTED } from '../../internal/store/granted.ts';
import type { NewAuthorization, Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  EXPECTED,
  NOW,
  newAuthorization,
  newMember,
  newPending,
  newRedemption,
  newSid,
  OTHER,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { DENIED, newDeviceGrant, parkDevice, poll } from '../support/devices.ts';
import { STORES, type Stores } from '../support/stores.ts';

const someone = (): Subject => toSubject(`some"one \\ ${unique()}`);

describe.each(STORES)('%s store: what an End-User granted', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  /** An authorization of this End-User's, in a session of its own. */
  async function grantTo(
    subject: Subject,
    different: Parameters<typeof newMember>[1] = {},
    by: Store = store,
  ): Promise<NewAuthorization> {
    const member = newMember(newSid(), { ...different, grant: { subject, ...different.grant } });
    const created = await by.create(member, NOW);
    if (created !== 'created') throw new Error(`the fixture was not created: ${created}`);
    return member;
  }

  const idsOf = async (subject: Subject, by: Store = store) =>
    (await by.listGranted(subject, NOW)).authorizations.map(({ id }) => id).sort();

  const isAlive = async ({ id }: Pick<NewAuthorization, 'id'>) =>
    (await other.find(id, NOW)) !== undefined;

  describe('looking at it', () => {
    it('shows client, scopes, session, and where the code went, whichever connection granted it', async () => {
      const subject = someone();
      const { id, grant, code } = await grantTo(subject, {}, other);

      const granted = await store.listGranted(subject, NOW);

      expect(granted).toEqual({
        authorizations: [
          {
            id,
            clientId: CLIENT,
            scope: grant.scope,
            grantedAt: NOW,
            expiresAt: code.expiresAt,
            sid: grant.sid,
            redirectUri: grant.redirectUri,
          },
        ],
        consents: [],
        isPartial: false,
      });
    });

    it('shows nothing of anybody else, and nothing where nothing was granted', async () => {
      const subject = someone();
      await grantTo(someone());

      expect(await store.listGranted(subject, NOW)).toEqual({
        ...{ authorizations: [], consents: [], isPartial: false },
      });
    });

    it('says when it was used last: by its code, and by each refresh token', async () => {
      const subject = someone();
      const { id, code } = await grantTo(subject);
      const used = async () =>
        (await other.listGranted(subject, NOW)).authorizations.map(({ usedAt }) => usedAt);

      expect(await used()).toEqual([undefined]);
      await store.redeem(id, code.hash, EXPECTED, newRedemption({ now: NOW + 7 }));
      expect(await used()).toEqual([NOW + 7]);
      await store.rotate(id, token(1), EXPECTED, toNext(1, { now: NOW + 77 }));
      expect(await used()).toEqual([NOW + 77]);
      await store.rotate(
        ...([id, token(2), EXPECTED, toNext(2, { now: NOW + 99, next: undefined })] as const),
      );
      expect(await used()).toEqual([NOW + 99]);
    });

    it('and a retry of a use, or a wrong one, is none', async () => {
      const subject = someone();
      const { id, code } = await grantTo(subject);
      const redemption = newRedemption({ now: NOW + 7 });
      await store.redeem(id, code.hash, EXPECTED, redemption);
      await store.redeem(id, code.hash, EXPECTED, { ...redemption, now: NOW + 8 });
      await store.rotate(id, token(1), { ...EXPECTED, clientId: OTHER }, toNext(1));

      const [live] = (await store.listGranted(subject, NOW)).authorizations;

      expect(live?.usedAt).toBe(NOW + 7);
      const rotation = toNext(1, { now: NOW + 9 });
      expect((await store.rotate(id, token(1), EXPECTED, rotation)).kind).toBe('fresh');
      expect((await other.rotate(id, token(1), EXPECTED, rotation)).kind).toBe('fresh');
    });

    it('says when the last thing under it ends', async () => {
      const subject = someone();
      const { id, code } = await grantTo(subject, { refresh: { ttl: 4000, until: NOW + 9000 } });
      await store.redeem(id, code.hash, EXPECTED, newRedemption());

      const [live] = (await store.listGranted(subject, NOW)).authorizations;

      expect(live?.expiresAt).toBe(NOW + 4000);
    });

    it('shows what a device polled for, which was sent nowhere', async () => {
      const subject = someone();
      const device = await parkDevice(store);
      const membership = { offline: true, until: NOW + 3600 };
      const sid = newSid();
      await store.decideDevice(
        device.id,
        newDeviceGrant({ membership, grant: { subject, sid } }),
        NOW,
      );
      await poll(other, device, { now: NOW + 5 });

      const [live] = (await store.listGranted(subject, NOW)).authorizations;

      expect(live).toMatchObject({ id: device.id, sid, usedAt: NOW + 5 });
      expect(live).not.toHaveProperty('redirectUri');
    });

    it('shows what came of a page', async () => {
      const subject = someone();
      const pending = newPending();
      await store.park(pending, NOW);
      await store.approve(
        ...([
          pending.hash,
          newMember(newSid(), { id: pending.id, grant: { subject } }),
          NOW,
        ] as const),
      );

      expect(await idsOf(subject, other)).toEqual([pending.id]);
    });

    it('shows also what is of no session, and nothing that nobody asks for', async () => {
      const subject = someone();
      const membership = { offline: false, until: NOW + 3600 };
      const sessionless = newAuthorization({ membership, grant: { subject } });
      await store.create(sessionless, NOW);
      await store.create(newAuthorization({ grant: { subject } }), NOW);

      expect(await idsOf(subject)).toEqual([sessionless.id]);
    });

    it('shows nothing that was revoked, replayed, used up, expired or not granted after all', async () => {
      const subject = someone();
      const [revoked, replayed, short] = [
        await grantTo(subject),
        await grantTo(subject),
        await grantTo(subject, { code: { hash: unique(), expiresAt: NOW + 5 } }),
      ];
      const standing = await grantTo(subject);
      const nonce = unique();
      await grantTo(someone(), { grant: { nonce } });
      const refused = newMember(newSid(), { grant: { subject, nonce } });
      expect(await store.create(refused, NOW)).toBe('nonce_used');
      await store.revoke(revoked.id);
      for (const attempt of [unique(), unique()]) {
        await store.redeem(replayed.id, replayed.code.hash, EXPECTED, newRedemption({ attempt }));
      }

      const listed = await store.listGranted(subject, NOW + 6);

      expect(listed.authorizations.map(({ id }) => id)).toEqual([standing.id]);
      expect((await store.find(short.id, NOW))?.grant.subject).toBe(subject);
    });

    it('shows so many, of those what lasts longest, and says that there is more', async () => {
      const subject = someone();
      const membership = (seconds: number) => ({ offline: false, until: NOW + seconds });
      const code = (seconds: number) => ({ hash: unique(), expiresAt: NOW + seconds });
      const first = await grantTo(subject, { membership: membership(3600), code: code(300) });
      const lasting = Array.from({ length: MAX_LISTED }, () =>
        grantTo(subject, { membership: membership(9000), code: code(400) }),
      );
      await Promise.all(lasting);

      const { authorizations, isPartial } = await other.listGranted(subject, NOW);

      expect(isPartial).toBe(true);
      expect(new Set(authorizations.map(({ id }) => id)).size).toBe(MAX_LISTED);
      expect(authorizations.map(({ id }) => id)).not.toContain(first.id);
      await store.endAllGranted(subject, {}, NOW);
      expect(await store.listGranted(subject, NOW)).toMatchObject({ isPartial: false });
      expect(await isAlive(first)).toBe(false);
    });
  });

  describe('what was agreed to', () => {
    const consent = { scope: ['openid', 'email'], grantedAt: NOW, client: 'a hash' };

    it('is found by End-User, once for each client, whatever clients are called', async () => {
      const subject = someone();
      const odd = toClientId('a"n\\oth\ner =\u{1d11e}');
      await store.keepConsent(subject, CLIENT, { ...consent, scope: ['openid'] }, 60);
      await other.keepConsent(subject, CLIENT, consent, 60);
      await store.keepConsent(subject, odd, { ...consent, redirectUri: 'app:/cb' }, 60);
      await store.keepConsent(someone(), OTHER, consent, 60);

      const { consents, authorizations } = await other.listGranted(subject, NOW);

      expect(authorizations).toEqual([]);
      expect(consents).toHaveLength(2);
      expect(consents).toContainEqual({ ...consent, clientId: CLIENT });
      expect(consents).toContainEqual({ ...consent, redirectUri: 'app:/cb', clientId: odd });
    });

    it('is forgotten with what was granted to its client, and not with a session of it', async () => {
      const subject = someone();
      const { grant } = await grantTo(subject);
      await store.keepConsent(subject, CLIENT, consent, 60);
      await store.keepConsent(subject, OTHER, consent, 60);

      const ofSession = await store.endAllGranted(
        subject,
        { clientId: CLIENT, sid: grant.sid },
        NOW,
      );
      expect(ofSession.consents).toEqual([]);
      expect(ofSession.authorizations).toHaveLength(1);
      const ofClient = await store.endAllGranted(subject, { clientId: CLIENT }, NOW);

      expect(ofClient).toEqual({ authorizations: [], consents: [CLIENT], isComplete: true });
      expect(await other.findConsent(subject, CLIENT)).toBeUndefined();
      expect(await other.findConsent(subject, OTHER)).toEqual(consent);
      expect((await store.endAllGranted(subject, {}, NOW)).consents).toEqual([OTHER]);
      expect(await other.findConsent(subject, OTHER)).toBeUndefined();
      expect((await store.listGranted(subject, NOW)).consents).toEqual([]);
    });
  });

  describe('ending one', () => {
    it('ends everything under it, and says so to the first caller only', async () => {
      const subject = someone();
      const { id, code, grant } = await grantTo(subject);
      await store.redeem(id, code.hash, EXPECTED, newRedemption());

      const outcomes = await Promise.all([
        store.endGranted(subject, id, NOW),
        other.endGranted(subject, id, NOW),
      ]);

      const [ended] = outcomes.filter((one) => one !== undefined);
      expect(outcomes.filter((one) => one !== undefined)).toHaveLength(1);
      expect(ended).toMatchObject({ id, clientId: CLIENT, sid: grant.sid, usedAt: NOW });
      expect(await isAlive({ id })).toBe(false);
      expect((await store.rotate(id, token(1), EXPECTED, toNext(1))).kind).toBe('unknown');
      expect(await idsOf(subject)).toEqual([]);
    });

    it('ends nothing of anybody else: not what they granted, asked for, or let a device wait for', async () => {
      const [victim, pending] = [await grantTo(someone()), newPending()];
      await store.park(pending, NOW);
      const device = await parkDevice(store);
      const mallory = someone();

      for (const id of [victim.id, pending.id, device.id, newAuthorization().id]) {
        expect(await store.endGranted(mallory, id, NOW)).toBeUndefined();
      }

      expect(await isAlive(victim)).toBe(true);
      expect(await store.findPending(pending.id, pending.hash, NOW)).toEqual(pending.request);
      expect(await store.findDevice(device.userCodeHash, NOW)).toMatchObject({ id: device.id });
      expect(await store.endGranted(victim.grant.subject, victim.id, NOW)).toBeDefined();
      await store.discard(pending.id, pending.hash, NOW);
      await store.decideDevice(device.id, DENIED, NOW);
    });

    it('and nothing of somebody whose name begins or ends alike', async () => {
      const name = unique();
      const victim = await grantTo(toSubject(name));
      for (const other of [name.slice(1), name.slice(0, -1), `${name}"`, `${name},`, '']) {
        expect(await store.endGranted(toSubject(other), victim.id, NOW)).toBeUndefined();
      }

      expect(await isAlive(victim)).toBe(true);
    });
  });

  describe('ending all', () => {
    it('ends every one of an End-User, and none of another', async () => {
      const [subject, bystander] = [someone(), someone()];
      const own = [
        await grantTo(subject),
        await grantTo(subject, { grant: { clientId: OTHER } }, other),
      ];
      const foreign = await grantTo(bystander);

      const { authorizations, isComplete } = await store.endAllGranted(subject, {}, NOW);

      expect(isComplete).toBe(true);
      expect(authorizations.map(({ id }) => id).sort()).toEqual(own.map(({ id }) => id).sort());
      expect(await Promise.all([...own, foreign].map(isAlive))).toEqual([false, false, true]);
      expect(await store.endAllGranted(subject, {}, NOW)).toMatchObject({ authorizations: [] });
    });

    it('ends those of one client, or of one session, where that is asked for', async () => {
      const subject = someone();
      const first = await grantTo(subject);
      const second = await grantTo(subject);
      const { sid = newSid() } = first.grant;
      const third = await grantTo(subject, { grant: { clientId: OTHER, sid } });

      await store.endAllGranted(subject, { clientId: OTHER }, NOW);
      expect(await Promise.all([first, second, third].map(isAlive))).toEqual([true, true, false]);
      await store.endAllGranted(subject, { sid: second.grant.sid }, NOW);
      expect(await Promise.all([first, second].map(isAlive))).toEqual([true, false]);
      await store.endAllGranted(subject, { clientId: OTHER, sid: first.grant.sid }, NOW);
      expect(await isAlive(first)).toBe(true);
    });

    it('ends what devices polled for, or all but that, where that is asked for', async () => {
      const subject = someone();
      const sid = newSid();
      const device = await parkDevice(store);
      const membership = { offline: false, until: NOW + 3600 };
      const browser = await grantTo(subject, { grant: { sid } });
      const decision = newDeviceGrant({ membership, grant: { subject, sid } });
      await store.decideDevice(device.id, decision, NOW);

      await store.endAllGranted(subject, { sid, isDevice: false }, NOW);
      expect(await Promise.all([browser, device].map(isAlive))).toEqual([false, true]);
      const { authorizations } = await store.endAllGranted(subject, { isDevice: true }, NOW);
      expect(authorizations.map(({ id }) => id)).toEqual([device.id]);
    });

    it('leaves nothing that was granted before it, and hides nothing that is granted meanwhile', async () => {
      const subject = someone();
      const before = await Promise.all(
        Array.from({ length: 20 }, (__, n) => grantTo(subject, {}, n % 2 === 0 ? store : other)),
      );
      const during = Array.from({ length: 40 }, () => newMember(newSid(), { grant: { subject } }));
      const creating = during.map(
        (member, n) => async () => (n % 2 === 0 ? store : other).create(member, NOW),
      );
      const [first, { authorizations }, second] = await Promise.all([
        Promise.all(creating.slice(0, 20).map((create) => create())),
        store.endAllGranted(subject, {}, NOW),
        Promise.all(creating.slice(20).map((create) => create())),
      ]);

      const outcomes = [...first, ...second];
      const ended = new Set(authorizations.map(({ id }) => id));
      const listed = new Set(await idsOf(subject));
      expect(before.every(({ id }) => ended.has(id))).toBe(true);
      expect(await Promise.all(before.map(isAlive))).not.toContain(true);
      for (const [n, member] of during.entries()) {
        const { id } = member;
        const isLive = await isAlive(member);
        expect([isLive, listed.has(id)]).toEqual([isLive, isLive]);
        if (outcomes[n] === 'created') expect(isLive || ended.has(id)).toBe(true);
        else expect(isLive).toBe(false);
      }
    });

    it('and nothing of what a page or a device is being answered with', async () => {
      const subject = someone();
      const pages = Array.from({ length: 3 }, () => newPending());
      for (const page of pages) await store.park(page, NOW);
      const device = await parkDevice(other, { expiresAt: NOW + 3600 });
      const membership = { offline: false, until: NOW + 3600 };
      const decision = newDeviceGrant({ membership, grant: { subject, sid: newSid() } });

      const [approved, decided, { authorizations }] = await Promise.all([
        Promise.all(
          pages.map(({ id, hash }) =>
            store.approve(hash, newMember(newSid(), { id, grant: { subject } }), NOW),
          ),
        ),
        other.decideDevice(device.id, decision, NOW),
        other.endAllGranted(subject, {}, NOW),
      ]);

      const ended = new Set(authorizations.map(({ id }) => id));
      const listed = new Set(await idsOf(subject));
      for (const [n, { id }] of [...pages, device].entries()) {
        const isGranted = [...approved, decided][n] !== 'unknown';
        expect([id, ended.has(id) !== listed.has(id)]).toEqual([id, isGranted]);
      }
    });
  });

  it('finds what is granted after everything was ended, and ends it the next time', async () => {
    const subject = someone();
    await grantTo(subject);
    await store.endAllGranted(subject, {}, NOW);
    const later = await grantTo(subject);

    expect(await idsOf(subject, other)).toEqual([later.id]);
    await other.endAllGranted(subject, {}, NOW);
    expect(await isAlive(later)).toBe(false);
  });
});
