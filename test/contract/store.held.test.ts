import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AuthorizationId,
  type ClientId,
  type Subject,
  toAuthorizationId,
  toClientId,
  toSubject,
} from '../../internal/protocol/ids.ts';
import type { EndedHeld, HeldAuthorization, Whose } from '../../internal/store/held.ts';
import type { NewAuthorization, Store } from '../../internal/store/store.ts';
import {
  NOW,
  newMember,
  newPending,
  newRedemption,
  newSid,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { parkDevice } from '../support/devices.ts';
import { STORES, type Stores } from '../support/stores.ts';

const someone = (): Subject => toSubject(`some"one \\ ${unique()}`);
const someClient = (): ClientId => toClientId(`cli"ent ${unique()}`);

describe.each(STORES)('%s store: what an operator finds and ends', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  async function grantTo(
    subject: Subject,
    clientId: ClientId,
    by: Store = store,
  ): Promise<NewAuthorization> {
    const member = newMember(newSid(), { grant: { subject, clientId } });
    const created = await by.create(member, NOW);
    if (created !== 'created') throw new Error(`the fixture was not created: ${created}`);
    return member;
  }

  const isAlive = async ({ id }: Pick<NewAuthorization, 'id'>) =>
    (await other.find(id, NOW)) !== undefined;

  /** All pages, as somebody turns them over. */
  async function listAll(whose: Whose, limit = 7, by: Store = store) {
    const pages: (readonly HeldAuthorization[])[] = [];
    let cursor: string | undefined;
    do {
      const page = await by.listHeld(whose, { cursor, limit }, NOW);
      if (page === undefined) throw new Error('the cursor leads nowhere');
      pages.push(page.authorizations);
      cursor = page.next;
    } while (cursor !== undefined);
    return pages;
  }

  const idsOf = async (whose: Whose, limit?: number) =>
    [...new Set((await listAll(whose, limit)).flat().map(({ id }) => id))].sort();

  async function endAll(whose: Whose, by: Store = store): Promise<EndedHeld> {
    const all: EndedHeld[] = [];
    await by.endAllHeld(whose, NOW, async (ended) => void all.push(ended));
    return {
      authorizations: all.flatMap(({ authorizations }) => authorizations),
      consents: all.flatMap(({ consents }) => consents),
    };
  }

  const idsIn = (ones: readonly { readonly id: AuthorizationId }[]) =>
    ones.map(({ id }) => id).sort();

  describe('looking', () => {
    it('finds one by its id, whoever granted it', async () => {
      const [subject, clientId] = [someone(), someClient()];
      const { id, grant, code } = await grantTo(subject, clientId, other);

      const { scope, sid, redirectUri } = grant;
      const expiresAt = code.expiresAt;
      expect(await store.findHeld(id, NOW)).toEqual({
        ...{ id, clientId, subject, scope, sid, redirectUri, expiresAt, grantedAt: NOW },
      });
      expect(await store.findHeld(id, expiresAt)).toBeUndefined();
      expect(await store.findHeld(toAuthorizationId(unique()), NOW)).toBeUndefined();
      await store.revoke(id);
      expect(await store.findHeld(id, NOW)).toBeUndefined();
    });

    it('lists what is of a client, of an End-User, or of both, and nothing else', async () => {
      const [alice, bob] = [someone(), someone()];
      const [one, two] = [someClient(), someClient()];
      const [aliceAtOne, aliceAtTwo, bobAtOne] = [
        await grantTo(alice, one),
        await grantTo(alice, two, other),
        await grantTo(bob, one),
      ];

      expect(await idsOf({ clientId: one })).toEqual(idsIn([aliceAtOne, bobAtOne]));
      expect(await idsOf({ subject: alice })).toEqual(idsIn([aliceAtOne, aliceAtTwo]));
      expect(await idsOf({ subject: alice, clientId: two })).toEqual([aliceAtTwo.id]);
      expect(await idsOf({ subject: bob, clientId: two })).toEqual([]);
      expect(await idsOf({})).toEqual(expect.arrayContaining(idsIn([aliceAtOne, bobAtOne])));
      expect(await idsOf({ subject: toSubject(alice.slice(0, -1)) })).toEqual([]);
    });

    it('lists no request, consent or end, and nothing that expired', async () => {
      const [subject, clientId] = [someone(), someClient()];
      const params = [['client_id', clientId]] as const;
      const pending = newPending({ request: { params, subject, parkedAt: NOW } });
      await store.park(pending, NOW);
      const device = await parkDevice(store, { clientId });
      const consent = { scope: ['openid'], grantedAt: NOW };
      await store.keepConsent(subject, clientId, consent, 60);
      const replayed = await grantTo(subject, clientId);
      const { id, code, grant } = replayed;
      const expected = { ...grant, challenge: grant.challenge, jkt: undefined };
      for (const attempt of [unique(), unique()]) {
        await store.redeem(id, code.hash, expected, newRedemption({ attempt }));
      }

      expect(await idsOf({ clientId })).toEqual([]);
      expect(await idsOf({ subject })).toEqual([]);
      await store.discard(pending.id, pending.hash, NOW);
      await store.revoke(device.id);
    });

    it.each(['clientId', 'subject'] as const)(
      'turns pages by %s that hold no more than they may, and together everything',
      async (by) => {
        const [subject, clientId] = [someone(), someClient()];
        const all = await Promise.all(
          Array.from({ length: 150 }, (__, n) =>
            grantTo(subject, clientId, n % 2 === 0 ? store : other),
          ),
        );
        const whose = by === 'subject' ? { subject } : { clientId };

        const pages = await listAll(whose, 40, other);

        expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(40);
        expect([...new Set(idsIn(pages.flat()))]).toEqual(idsIn(all));
        expect(await idsOf(whose, 1000)).toEqual(idsIn(all));
      },
    );

    it.each(['clientId', 'subject'] as const)(
      'misses nothing by %s that stands all the time, whatever comes and goes between two pages',
      async (by) => {
        const [subject, clientId] = [someone(), someClient()];
        const all = await Promise.all(Array.from({ length: 60 }, () => grantTo(subject, clientId)));
        const [standing, going] = [all.slice(20), all.slice(0, 20)];
        const whose = by === 'subject' ? { subject } : { clientId };
        const seen = new Set<AuthorizationId>();
        let cursor: string | undefined;
        do {
          const page = await store.listHeld(whose, { cursor, limit: 5 }, NOW);
          page?.authorizations.map(({ id }) => seen.add(id));
          cursor = page?.next;
          await Promise.all(going.splice(0, 1).map(({ id }) => other.endGranted(subject, id, NOW)));
          await Promise.all(seen.size < 200 ? [grantTo(subject, clientId, other)] : []);
        } while (cursor !== undefined);

        expect([...seen]).toEqual(expect.arrayContaining(standing.map(({ id }) => id)));
      },
    );

    it('knows a cursor that it never gave', async () => {
      const forged = [
        'x',
        '!',
        Buffer.from('[]').toString('base64url'),
        Buffer.from('["nowhere",false]').toString('base64url'),
        Buffer.from('["",true,"not an id"]').toString('base64url'),
        Buffer.from('{"a":1}').toString('base64url'),
      ];
      for (const cursor of forged) {
        const page = { cursor, limit: 5 };
        expect([cursor, await store.listHeld({}, page, NOW)]).toEqual([cursor, undefined]);
      }
    });

    it('shows by a forged cursor nothing that its filter would not show', async () => {
      const [mine, foreign] = [
        await grantTo(someone(), someClient()),
        await grantTo(someone(), someClient()),
      ];
      const cursor = Buffer.from(JSON.stringify([null, true, foreign.id, mine.id])).toString(
        'base64url',
      );
      const { subject } = mine.grant;

      const page = await store.listHeld({ subject }, { cursor, limit: 5 }, NOW);

      expect(page?.authorizations.map(({ id }) => id)).toEqual([mine.id]);
    });
  });

  describe('ending all of a client', () => {
    it('ends everything it was granted, whoever granted it, and nothing of another valid client', async () => {
      const [compromised, honest] = [someClient(), someClient()];
      const [alice, bob] = [someone(), someone()];
      const ended = [
        await grantTo(alice, compromised),
        await grantTo(bob, compromised, other),
        await grantTo(bob, compromised),
      ];
      const kept = [await grantTo(alice, honest), await grantTo(bob, honest)];

      const { authorizations } = await endAll({ clientId: compromised });

      expect(idsIn(authorizations)).toEqual(idsIn(ended));
      expect(new Set(authorizations.map(({ subject }) => subject))).toEqual(new Set([alice, bob]));
      expect(await Promise.all([...ended, ...kept].map(isAlive))).toEqual([
        ...[false, false, false, true, true],
      ]);
      expect(await idsOf({ clientId: compromised })).toEqual([]);
      expect((await endAll({ clientId: compromised })).authorizations).toEqual([]);
      expect(await idsOf({ subject: alice })).toEqual([kept[0]?.id]);
    });

    it('ends what was used: its refresh token is unknown from then on', async () => {
      const clientId = someClient();
      const { id, code, grant } = await grantTo(someone(), clientId);
      const expected = { ...grant, jkt: undefined, binding: undefined, challenge: grant.challenge };
      expect((await store.redeem(id, code.hash, expected, newRedemption())).kind).toBe('fresh');

      await endAll({ clientId }, other);

      expect((await store.rotate(id, token(1), expected, toNext(1))).kind).toBe('unknown');
      expect((await store.redeem(id, code.hash, expected, newRedemption())).kind).toBe('unknown');
    });

    it('forgets what was agreed to, of End-Users who hold nothing as well', async () => {
      const [clientId, honest] = [someClient(), someClient()];
      const [alice, bob] = [someone(), someone()];
      const consent = { scope: ['openid'], grantedAt: NOW, client: 'a hash' };
      await grantTo(alice, clientId);
      for (const subject of [alice, bob]) {
        for (const id of [clientId, honest]) await store.keepConsent(subject, id, consent, 60);
      }

      const { consents } = await endAll({ clientId });

      expect(consents).toHaveLength(2);
      expect(consents).toEqual(
        expect.arrayContaining([
          { subject: alice, clientId },
          { subject: bob, clientId },
        ]),
      );
      for (const subject of [alice, bob]) {
        expect(await other.findConsent(subject, clientId)).toBeUndefined();
        expect(await other.findConsent(subject, honest)).toEqual(consent);
      }
    });

    it('drops its requests that wait for somebody, and leaves those of others', async () => {
      const [clientId, honest] = [someClient(), someClient()];
      const requestOf = (id: ClientId, isPushed: boolean) =>
        newPending({
          request: isPushed
            ? { params: [], clientId: id, parkedAt: NOW }
            : { params: [['client_id', id]], subject: someone(), parkedAt: NOW },
        });
      const [pushed, parked, foreign] = [
        requestOf(clientId, true),
        requestOf(clientId, false),
        requestOf(honest, true),
      ];
      for (const pending of [pushed, parked, foreign]) await store.park(pending, NOW);
      const device = await parkDevice(other, { clientId });

      await endAll({ clientId });

      expect(await store.findPending(pushed.id, pushed.hash, NOW)).toBeUndefined();
      expect(await store.findPending(parked.id, parked.hash, NOW)).toBeUndefined();
      expect(await store.findDevice(device.userCodeHash, NOW)).toBeUndefined();
      expect(await store.findPending(foreign.id, foreign.hash, NOW)).toEqual(foreign.request);
      await store.discard(foreign.id, foreign.hash, NOW);
    });

    it('ends what an End-User granted to it where only that is meant, and drops nothing', async () => {
      const [clientId, alice, bob] = [someClient(), someone(), someone()];
      const [mine, foreign] = [await grantTo(alice, clientId), await grantTo(bob, clientId)];
      const waiting = newPending({ request: { params: [], clientId, parkedAt: NOW } });
      await store.park(waiting, NOW);

      const { authorizations } = await endAll({ clientId, subject: alice });

      expect(idsIn(authorizations)).toEqual([mine.id]);
      expect(await isAlive(foreign)).toBe(true);
      expect(await store.discard(waiting.id, waiting.hash, NOW)).toBe(true);
    });

    it('leaves nothing that was granted before it while others sign in, redeem and refresh', async () => {
      const [clientId, honest, subject] = [someClient(), someClient(), someone()];
      const before = await Promise.all(
        Array.from({ length: 60 }, (__, n) => grantTo(someone(), n % 10 === 0 ? honest : clientId)),
      );
      const expectedOf = ({ grant }: NewAuthorization) => ({
        ...{ ...grant, challenge: grant.challenge, jkt: undefined, binding: undefined },
      });
      const redeemed = before.filter((__, n) => n % 2 === 0);
      for (const one of redeemed) {
        await store.redeem(one.id, one.code.hash, expectedOf(one), newRedemption());
      }
      const during = Array.from({ length: 40 }, () =>
        newMember(newSid(), { grant: { subject, clientId } }),
      );

      const [created, , , { authorizations }] = await Promise.all([
        Promise.all(during.map((one, n) => (n % 2 === 0 ? store : other).create(one, NOW))),
        Promise.all(
          redeemed.map((one) => other.rotate(one.id, token(1), expectedOf(one), toNext(1))),
        ),
        Promise.all(
          before
            .filter((one) => !redeemed.includes(one))
            .map((one) => other.redeem(one.id, one.code.hash, expectedOf(one), newRedemption())),
        ),
        endAll({ clientId }),
      ]);

      const ended = new Set(authorizations.map(({ id }) => id));
      for (const one of before) {
        const isOf = one.grant.clientId === clientId;
        expect([one.id, ended.has(one.id), await isAlive(one)]).toEqual([one.id, isOf, !isOf]);
      }
      const listed = new Set(await idsOf({ clientId }));
      for (const [n, one] of during.entries()) {
        const isLive = await isAlive(one);
        expect([one.id, listed.has(one.id)]).toEqual([one.id, isLive]);
        if (created[n] === 'created')
          expect([one.id, isLive !== ended.has(one.id)]).toEqual([one.id, true]);
      }
      await endAll({ clientId });
      expect(await idsOf({ clientId })).toEqual([]);
    });
  });
});
