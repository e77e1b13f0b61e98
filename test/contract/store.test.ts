import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toClientId, toSubject } from '../../internal/protocol/ids.ts';
import type { Expectations, Grant, Store } from '../../internal/store/store.ts';
import {
  CLIENT,
  createGranted,
  createRedeemed,
  EXPECTED,
  GRANT,
  NOW,
  newAuthorization,
  newPending,
  newRedemption,
  OTHER,
  token,
  unique,
} from '../support/authorizations.ts';
import { MAX_PENDING, STORES, type Stores } from '../support/stores.ts';

const DAY = 24 * 3600;

describe.each(STORES)('%s store', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  describe('create and find', () => {
    it('gives back every member of a grant as it was', async () => {
      const grant: Grant = {
        ...GRANT,
        nonce: `n"\n\\é${unique()}`,
        authTime: NOW - 5,
        acr: 'urn:acr:1',
        amr: ['pwd', 'otp'],
        resource: ['https://api.example/'],
        claimsRequest: {
          idToken: [['email', { essential: true }]],
          userinfo: [['name', { values: ['a', 'b'] }]],
        },
        snapshot: { name: 'Alice 𝄞\n', nested: { a: [1, null, true] }, groups: [] },
      };
      const authorization = newAuthorization({ grant });

      const created = await store.create(authorization, NOW);

      expect(created).toBe('created');
      expect(await other.find(authorization.id, NOW)).toEqual({ grant, refresh: undefined });
    });

    it('gives back whatever upstreams and clients write', async () => {
      const snapshot: Grant['snapshot'] = JSON.parse(
        `{"__proto__": {"admin": true}, "constructor": "a", "\\ud83d": "\\udc00 \\u0000 \\u2028"}`,
      );
      const grant: Grant = {
        ...GRANT,
        nonce: `\ud83d${unique()}`,
        snapshot: { ...snapshot, long: 'é'.repeat(4000), absent: null, '': '' },
      };
      Object.defineProperty(grant.snapshot, '__proto__', { value: 'own', enumerable: true });
      const authorization = newAuthorization({ grant });

      await store.create(authorization, NOW);
      const found = await other.find(authorization.id, NOW);

      expect(JSON.stringify(found?.grant.snapshot)).toBe(JSON.stringify(grant.snapshot));
      expect(found?.grant.nonce).toBe(grant.nonce);
      expect(await store.create(newAuthorization({ grant }), NOW)).toBe('nonce_used');
    });

    it('gives back a grant that has nothing optional, not even a scope', async () => {
      const { challenge: _, ...bare } = GRANT;
      const grant: Grant = { ...bare, scope: [], snapshot: {}, redirectUriSent: false };
      const authorization = { ...newAuthorization(), grant };

      await store.create(authorization, NOW);

      expect(await store.find(authorization.id, NOW)).toEqual({ grant, refresh: undefined });
    });

    it('finds nothing under an id that was never given', async () => {
      expect(await store.find(newAuthorization().id, NOW)).toBeUndefined();
    });

    it('finds an authorization until its code expires, and no longer', async () => {
      const { id } = await createGranted(store);

      expect(await store.find(id, NOW + 299)).toBeDefined();
      expect(await store.find(id, NOW + 300)).toBeUndefined();
    });

    it('finds a redeemed authorization with its refresh token until the last token expires', async () => {
      const { id } = await createRedeemed(store);

      const found = await other.find(id, NOW + 3599);

      expect(found?.refresh).toEqual({ ...token(1), expiresAt: NOW + 1000 });
      expect(await store.find(id, NOW + 3600)).toBeUndefined();
    });

    it('keeps an authorization longer than a timer of 32 bits can count', async () => {
      const later = NOW + 89 * DAY;
      const { id } = await createRedeemed(store, {
        refresh: { ttl: 90 * DAY, until: later + DAY },
      });

      const rotated = await store.rotate(id, token(1), EXPECTED, {
        ...{ attempt: unique(), now: later, expiresAt: later + 1, grace: 0 },
        next: { hash: 'token-2', seal: 'seal' },
      });

      expect(rotated).toMatchObject({ kind: 'fresh', refreshExpiresAt: later + DAY });
    });
  });

  describe('nonce', () => {
    it('is taken once per client, and what it refuses leaves no record and burns nothing', async () => {
      const nonce = unique();
      await store.create(newAuthorization({ grant: { nonce } }), NOW);
      const refused = newAuthorization({ grant: { nonce } });

      expect(await other.create(refused, NOW)).toBe('nonce_used');
      expect(await store.find(refused.id, NOW)).toBeUndefined();
      expect(await store.create({ ...refused, grant: GRANT }, NOW)).toBe('created');
    });

    it('may be used by another client', async () => {
      const nonce = unique();
      await store.create(newAuthorization({ grant: { nonce } }), NOW);

      const created = await store.create(
        newAuthorization({ grant: { nonce, clientId: OTHER } }),
        NOW,
      );

      expect(created).toBe('created');
    });

    it('is taken by exactly one of fifty requests at once', async () => {
      const nonce = unique();
      const requests = Array.from({ length: 50 }, () => newAuthorization({ grant: { nonce } }));

      const created = await Promise.all(
        requests.map((request, n) => (n % 2 === 0 ? store : other).create(request, NOW)),
      );

      const found = await Promise.all(requests.map(({ id }) => store.find(id, NOW)));
      expect(created.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(found.map((one) => one !== undefined)).toEqual(
        created.map((answer) => answer === 'created'),
      );
    });
  });

  describe('redeem (RFC 6749 §4.1.3)', () => {
    it('is fresh once, with the grant and the life of the refresh token', async () => {
      const { id, code, grant } = await createGranted(store);

      const redeemed = await store.redeem(id, code.hash, EXPECTED, newRedemption());

      expect(redeemed).toEqual({ kind: 'fresh', grant, refreshExpiresAt: NOW + 1000 });
    });

    it('keeps no refresh token where there are no terms for one, or none was made', async () => {
      const { refresh: _, ...without } = newAuthorization();
      const made = await createGranted(store);
      await store.create(without, NOW);

      const noTerms = await store.redeem(without.id, without.code.hash, EXPECTED, newRedemption());
      const notMade = await store.redeem(
        ...([made.id, made.code.hash, EXPECTED] as const),
        newRedemption({ refresh: undefined }),
      );

      expect(noTerms).toMatchObject({ kind: 'fresh', refreshExpiresAt: undefined });
      expect(notMade).toMatchObject({ kind: 'fresh', refreshExpiresAt: undefined });
      expect(await store.find(made.id, NOW)).toMatchObject({ refresh: undefined });
    });

    it('never lets the refresh token live past its latest moment', async () => {
      const { id, code } = await createGranted(store, { refresh: { ttl: 1000, until: NOW + 600 } });

      const redeemed = await store.redeem(id, code.hash, EXPECTED, newRedemption());

      expect(redeemed).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 600 });
    });

    const WRONG: ReadonlyArray<readonly [string, Partial<Expectations>, string]> = [
      ['another client, just as valid', { clientId: OTHER }, 'client'],
      ['another redirect URI', { redirectUri: 'https://client.example/callback' }, 'redirect_uri'],
      ['no redirect URI where one was sent', { redirectUri: undefined }, 'redirect_uri'],
      ['another verifier', { challenge: 'another' }, 'code_verifier'],
      ['no verifier where a challenge was sent', { challenge: undefined }, 'code_verifier'],
    ];
    for (const [name, wrong, of] of WRONG) {
      it(`answers mismatch to ${name}, which burns nothing`, async () => {
        const { id, code } = await createGranted(store);

        const refused = await store.redeem(
          ...([id, code.hash, { ...EXPECTED, ...wrong }] as const),
          newRedemption(),
        );

        expect(refused).toEqual({ kind: 'mismatch', of });
        expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
          kind: 'fresh',
        });
      });
    }

    it('answers mismatch to a verifier where no challenge was sent, which burns nothing', async () => {
      const { challenge: _, ...grant } = GRANT;
      const authorization = { ...newAuthorization(), grant };
      await store.create(authorization, NOW);
      const { id, code } = authorization;

      const refused = await store.redeem(id, code.hash, EXPECTED, newRedemption());
      const honest = { ...EXPECTED, challenge: undefined };

      expect(refused).toEqual({ kind: 'mismatch', of: 'code_verifier' });
      expect(await store.redeem(id, code.hash, honest, newRedemption())).toMatchObject({
        kind: 'fresh',
      });
    });

    it('wants no redirect URI where none was sent, and the same one if there is one', async () => {
      const grant = { redirectUriSent: false };
      const [absent, same, wrong] = [
        await createGranted(store, { grant }),
        await createGranted(store, { grant }),
        await createGranted(store, { grant }),
      ];
      const redeem = ({ id, code }: typeof absent, redirectUri: string | undefined) =>
        store.redeem(id, code.hash, { ...EXPECTED, redirectUri }, newRedemption());

      expect(await redeem(absent, undefined)).toMatchObject({ kind: 'fresh' });
      expect(await redeem(same, GRANT.redirectUri)).toMatchObject({ kind: 'fresh' });
      expect(await redeem(wrong, 'https://evil.example/')).toEqual({
        kind: 'mismatch',
        of: 'redirect_uri',
      });
    });

    it('answers unknown to another secret and to an unknown id, which burns nothing', async () => {
      const { id, code } = await createGranted(store);

      const guessed = await store.redeem(id, unique(), EXPECTED, newRedemption());
      const elsewhere = await store.redeem(
        ...([newAuthorization().id, code.hash, EXPECTED] as const),
        newRedemption(),
      );

      expect([guessed, elsewhere]).toEqual([{ kind: 'unknown' }, { kind: 'unknown' }]);
      expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toMatchObject({
        kind: 'fresh',
      });
    });

    it('answers expired from the second on in which the code expires', async () => {
      const { id, code } = await createGranted(store);

      const late = await store.redeem(id, code.hash, EXPECTED, newRedemption({ now: NOW + 300 }));
      const inTime = await store.redeem(id, code.hash, EXPECTED, newRedemption({ now: NOW + 299 }));

      expect(late).toEqual({ kind: 'expired' });
      expect(inTime).toMatchObject({ kind: 'fresh' });
    });

    it('answers replayed to a second redemption, and ends the authorization', async () => {
      const { id, code } = await createRedeemed(store);

      const replay = await other.redeem(id, code.hash, EXPECTED, newRedemption());
      const again = await store.redeem(id, code.hash, EXPECTED, newRedemption());

      expect([replay, again]).toEqual([{ kind: 'replayed' }, { kind: 'replayed' }]);
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('sees a replay even after the code has expired', async () => {
      const { id, code } = await createRedeemed(store);

      const replay = await store.redeem(
        ...([id, code.hash, EXPECTED] as const),
        newRedemption({ now: NOW + 900 }),
      );

      expect(replay).toEqual({ kind: 'replayed' });
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('is no replay when another client or verifier presents a spent code', async () => {
      const { id, code } = await createRedeemed(store);

      const stolen = await store.redeem(
        ...([id, code.hash, { ...EXPECTED, clientId: OTHER }] as const),
        newRedemption(),
      );

      expect(stolen).toEqual({ kind: 'mismatch', of: 'client' });
      expect(await store.find(id, NOW)).toBeDefined();
    });

    it('gives the same attempt the same answer', async () => {
      const { id, code } = await createGranted(store);
      const redemption = newRedemption();

      const first = await store.redeem(id, code.hash, EXPECTED, redemption);
      const second = await other.redeem(id, code.hash, EXPECTED, redemption);

      expect(first.kind).toBe('fresh');
      expect(second).toEqual(first);
      expect(await store.find(id, NOW)).toBeDefined();
    });
  });

  describe('revoke (RFC 7009 §2.1)', () => {
    it('ends an authorization with everything under it, as often as it is asked to', async () => {
      const { id, code } = await createRedeemed(store);

      await store.revoke(id);
      await other.revoke(id);

      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toEqual({
        kind: 'unknown',
      });
    });

    it('ends no other authorization', async () => {
      const { id } = await createRedeemed(store);

      await store.revoke((await createRedeemed(store)).id);

      expect(await store.find(id, NOW)).toBeDefined();
    });
  });

  describe('requests put aside', () => {
    it('are found by their hash only, until they expire, and are no authorizations', async () => {
      const pending = newPending();
      const { id, hash, request } = pending;

      expect(await store.park(pending, NOW)).toBe('parked');

      expect(await other.findPending(id, hash, NOW + 599)).toEqual(request);
      expect(await store.findPending(id, hash, NOW + 600)).toBeUndefined();
      expect(await store.findPending(id, unique(), NOW)).toBeUndefined();
      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await store.redeem(id, hash, EXPECTED, newRedemption())).toEqual({ kind: 'unknown' });
      await store.discard(id, hash, NOW);
    });

    for (const [what, different] of [
      ['a scope', { scope: ['openid', 'email'] }],
      ['a journey', { journey: { since: NOW - 5, authTime: 0, errands: ['sign_in', 'account'] } }],
      ['a journey that began with nobody', { journey: { since: NOW, errands: [] } }],
    ] as const) {
      it(`come back as they were put aside, with ${what}`, async () => {
        const { request } = newPending();
        const pending = newPending({ request: { ...request, ...different } });
        await store.park(pending, NOW);

        expect(await other.findPending(pending.id, pending.hash, NOW)).toEqual(pending.request);
        await store.discard(pending.id, pending.hash, NOW);
      });
    }

    it('are approved once, by any number of calls at once', async () => {
      const { id, hash } = await park(store);
      const granted = newAuthorization({ id, grant: { nonce: unique() } });

      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? store : other).approve(hash, granted, NOW),
        ),
      );

      expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'unknown')).toHaveLength(19);
      expect(await store.findPending(id, hash, NOW)).toBeUndefined();
      expect(await store.redeem(id, granted.code.hash, EXPECTED, newRedemption())).toMatchObject({
        kind: 'fresh',
      });
    });

    it('are not approved with another secret or after they expired, which burns no nonce', async () => {
      const { id, hash } = await park(store);
      const granted = newAuthorization({ id, grant: { nonce: unique() } });

      expect(await store.approve(unique(), granted, NOW)).toBe('unknown');
      expect(await store.approve(hash, granted, NOW + 600)).toBe('unknown');
      expect(await store.approve(hash, granted, NOW)).toBe('created');
    });

    it('end when they are approved with a nonce that was used', async () => {
      const { id, hash } = await park(store);
      const nonce = unique();
      await store.create(newAuthorization({ grant: { nonce } }), NOW);

      const approved = await store.approve(hash, newAuthorization({ id, grant: { nonce } }), NOW);

      expect(approved).toBe('nonce_used');
      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await store.findPending(id, hash, NOW)).toBeUndefined();
    });

    it('are discarded once, and by their hash only', async () => {
      const { id, hash } = await park(store);

      expect(await store.discard(id, unique(), NOW)).toBe(false);
      expect(await store.discard(id, hash, NOW)).toBe(true);
      expect(await other.discard(id, hash, NOW)).toBe(false);
      expect(await store.approve(hash, newAuthorization({ id }), NOW)).toBe('unknown');
    });

    it('are refused over their budget, which is given back when they are answered', async () => {
      const parked = await Promise.all(Array.from({ length: MAX_PENDING }, () => park(store)));
      const live = await createGranted(store);
      const refused = newPending();

      expect(await other.park(refused, NOW)).toBe('full');
      expect(await store.findPending(refused.id, refused.hash, NOW)).toBeUndefined();
      expect(await store.find(live.id, NOW)).toBeDefined();
      expect(await store.create(newAuthorization(), NOW)).toBe('created');

      for (const { id, hash } of parked) await store.discard(id, hash, NOW);
      expect(await store.park(refused, NOW)).toBe('parked');
      await store.discard(refused.id, refused.hash, NOW);
    });
  });

  describe('once and happened', () => {
    it('is true for exactly one of fifty callers', async () => {
      const key = unique();

      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? store : other).once('jti', key, 60)),
      );

      expect(answers.filter((first) => first)).toHaveLength(1);
      expect(await store.happened('jti', key)).toBe(true);
    });

    it('keeps purposes apart, and knows what did not happen', async () => {
      const key = unique();
      await store.once('jti', key, 60);

      expect(await store.happened('revoked', key)).toBe(false);
      expect(await store.once('revoked', key, 60)).toBe(true);
    });

    it('may happen again when its time is over', async () => {
      const key = unique();
      await store.once('jti', key, 1);

      await expect.poll(() => store.happened('jti', key), { timeout: 30_000 }).toBe(false);

      expect(await store.once('jti', key, 60)).toBe(true);
    });
  });

  describe('consents', () => {
    it('are kept by End-User and client, and replaced', async () => {
      const subject = toSubject(unique());
      await store.keepConsent(subject, CLIENT, { scope: ['openid'], grantedAt: NOW }, 60);

      const wider = { scope: ['openid', 'email'], grantedAt: NOW + 1 };
      await other.keepConsent(subject, CLIENT, wider, 60);

      expect(await store.findConsent(subject, CLIENT)).toEqual(wider);
      expect(await store.findConsent(subject, OTHER)).toBeUndefined();
      expect(await store.findConsent(toSubject(unique()), CLIENT)).toBeUndefined();
    });

    it('are not mixed up where subject and client have the same letters in another place', async () => {
      const consent = { scope: ['openid'], grantedAt: NOW };
      await store.keepConsent(toSubject('ab'), toClientId('c'), consent, 60);

      expect(await store.findConsent(toSubject('a'), toClientId('bc'))).toBeUndefined();
    });
  });

  it('answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

async function park(store: Store) {
  const pending = newPending();
  await store.park(pending, NOW);
  return pending;
}
