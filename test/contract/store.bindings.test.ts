import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthorizationId } from '../../internal/protocol/ids.ts';
import type { NewAuthorization, Rotation, Store } from '../../internal/store/store.ts';
import {
  createGranted,
  EXPECTED,
  NOW,
  newPending,
  newRedemption,
  newRotation,
  OTHER,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { STORES, type Stores } from '../support/stores.ts';

const KEY = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
/** The key of somebody else, just as good. */
const OTHER_KEY = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I';

describe.each(STORES)('%s store: what is bound to a key (RFC 9449 §5, §10)', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  describe('a code', () => {
    const redeem = ({ id, code }: NewAuthorization, jkt: string | undefined) =>
      store.redeem(id, code.hash, { ...EXPECTED, jkt }, newRedemption());

    for (const [name, jkt] of [
      ['another key', OTHER_KEY],
      ['no key', undefined],
      ['an empty key', ''],
      ['the key in other letters', KEY.toLowerCase()],
      ['the key and more', `${KEY}A`],
    ] as const) {
      it(`answers mismatch to ${name}, which burns nothing`, async () => {
        const granted = await createGranted(store, { grant: { jkt: KEY } });

        expect(await redeem(granted, jkt)).toEqual({ kind: 'mismatch', of: 'jkt' });
        expect(await redeem(granted, KEY)).toMatchObject({
          kind: 'fresh',
          grant: { jkt: KEY, challenge: EXPECTED.challenge },
        });
      });
    }

    it('that is spent ends with its key only', async () => {
      const granted = await createGranted(store, { grant: { jkt: KEY } });
      await redeem(granted, KEY);

      expect(await redeem(granted, OTHER_KEY)).toEqual({ kind: 'mismatch', of: 'jkt' });
      expect(await store.find(granted.id, NOW)).toBeDefined();
      expect(await redeem(granted, KEY)).toEqual({ kind: 'replayed' });
      expect(await redeem(granted, OTHER_KEY)).toEqual({ kind: 'mismatch', of: 'jkt' });
      expect(await store.find(granted.id, NOW)).toBeUndefined();
    });

    it('that is bound to none may be spent with any, and tells of none', async () => {
      const [some, none] = [await createGranted(store), await createGranted(store)];

      expect(await redeem(some, KEY)).toEqual(
        expect.objectContaining({ kind: 'fresh', grant: some.grant }),
      );
      expect(await redeem(none, undefined)).toMatchObject({ kind: 'fresh' });
    });

    it('is compared with its key last: whoever has the wrong verifier hears of that', async () => {
      const { id, code } = await createGranted(store, { grant: { jkt: KEY } });
      const wrong = { ...EXPECTED, challenge: 'another', jkt: OTHER_KEY };

      expect(await store.redeem(id, code.hash, wrong, newRedemption())).toEqual({
        kind: 'mismatch',
        of: 'code_verifier',
      });
    });

    it('needs no verifier where none was announced', async () => {
      const { challenge: _, ...grant } = (await createGranted(store)).grant;
      const granted = {
        id: (await createGranted(store)).id,
        ...{ grant: { ...grant, jkt: KEY }, code: { hash: unique(), expiresAt: NOW + 300 } },
      };
      await store.revoke(granted.id);
      await store.create(granted, NOW);
      const bare = { ...EXPECTED, challenge: undefined, jkt: KEY };

      expect(await other.find(granted.id, NOW)).toEqual({
        grant: granted.grant,
        refresh: undefined,
      });
      expect(await store.redeem(granted.id, granted.code.hash, bare, newRedemption())).toEqual({
        ...{ kind: 'fresh', grant: granted.grant, refreshExpiresAt: undefined },
      });
    });
  });

  describe('a refresh token', () => {
    async function createBound(binding: string | undefined): Promise<NewAuthorization> {
      const authorization = await createGranted(store);
      const { id, code } = authorization;
      const refresh = { ...token(1), binding };
      await store.redeem(id, code.hash, EXPECTED, newRedemption({ refresh }));
      return authorization;
    }
    const rotate = (
      id: AuthorizationId,
      generation: number,
      binding: string | undefined,
      different: Partial<Rotation> = {},
    ) =>
      other.rotate(id, token(generation), { ...EXPECTED, binding }, toNext(generation, different));
    const MISMATCH = { kind: 'mismatch', of: 'binding' };

    it('tells what it is bound to, through all its generations', async () => {
      const { id } = await createBound(KEY);
      const expected = { family: 'family', expiresAt: NOW + 1000, binding: KEY };

      expect((await store.find(id, NOW))?.refresh).toEqual({ ...expected, hash: 'token-1' });
      await rotate(id, 1, KEY);
      await rotate(id, 2, KEY);

      expect((await store.find(id, NOW))?.refresh).toEqual({ ...expected, hash: 'token-3' });
    });

    for (const [name, binding] of [
      ['another binding', OTHER_KEY],
      ['none', undefined],
      ['an empty one', ''],
      ['half of it', KEY.slice(0, 20)],
    ] as const) {
      it(`answers mismatch to ${name}, which burns nothing`, async () => {
        const { id } = await createBound(KEY);

        expect(await rotate(id, 1, binding)).toEqual(MISMATCH);
        expect((await store.find(id, NOW))?.refresh?.hash).toBe('token-1');
        expect(await rotate(id, 1, KEY)).toMatchObject({ kind: 'fresh' });
        expect(await rotate(id, 2, binding)).toEqual(MISMATCH);
        expect(await rotate(id, 2, KEY)).toMatchObject({ kind: 'fresh' });
      });
    }

    it('gives a thief without the key no successor, though its grace has not passed', async () => {
      const { id } = await createBound(KEY);
      await rotate(id, 1, KEY);

      expect(await rotate(id, 1, OTHER_KEY)).toEqual(MISMATCH);
      expect(await rotate(id, 1, undefined)).toEqual(MISMATCH);
      expect(await rotate(id, 1, KEY)).toMatchObject({ kind: 'grace', seal: 'seal-2' });
    });

    it('that is old ends the family of its owner for whoever has the key only', async () => {
      const { id } = await createBound(KEY);
      for (const generation of [1, 2, 3]) await rotate(id, generation, KEY);

      for (const generation of [1, 2, 3]) {
        expect(await rotate(id, generation, OTHER_KEY)).toEqual(MISMATCH);
      }
      expect(await rotate(id, 99, OTHER_KEY)).toEqual(MISMATCH);
      expect(await rotate(id, 4, KEY)).toMatchObject({ kind: 'fresh' });
      expect(await rotate(id, 1, KEY)).toEqual({ kind: 'replayed' });
    });

    it('of an authorization that has ended still tells a stranger from its owner', async () => {
      const { id } = await createBound(KEY);
      await rotate(id, 1, KEY, { grace: 0 });
      await rotate(id, 1, KEY, { grace: 0 });

      expect(await store.find(id, NOW)).toBeUndefined();
      expect(await rotate(id, 2, OTHER_KEY)).toEqual(MISMATCH);
      expect(await rotate(id, 2, KEY)).toEqual({ kind: 'replayed' });
    });

    it('of another client is told to be that, whatever was proved', async () => {
      const { id } = await createBound(KEY);

      const stolen = await store.rotate(
        ...([id, token(1), { clientId: OTHER, binding: OTHER_KEY }] as const),
        newRotation(),
      );

      expect(stolen).toEqual({ kind: 'mismatch', of: 'client' });
    });

    it('that is bound to nothing may come with anything', async () => {
      const { id } = await createBound(undefined);

      expect((await store.find(id, NOW))?.refresh?.binding).toBeUndefined();
      expect(await rotate(id, 1, KEY)).toMatchObject({ kind: 'fresh' });
      expect(await rotate(id, 2, undefined)).toMatchObject({ kind: 'fresh' });
      expect((await store.find(id, NOW))?.refresh?.binding).toBeUndefined();
    });

    it('may be bound to a text of several words', async () => {
      const { id } = await createBound('x5t#S256 abc def');

      expect((await other.find(id, NOW))?.refresh).toMatchObject({
        ...{ family: 'family', binding: 'x5t#S256 abc def' },
      });
      expect(await rotate(id, 1, 'x5t#S256 abc')).toEqual(MISMATCH);
      expect(await rotate(id, 1, 'x5t#S256 abc def')).toMatchObject({ kind: 'fresh' });
    });
  });

  it('keeps the authorization details of a grant as they were', async () => {
    const authorizationDetails = [
      { type: 'payment', amount: { currency: 'EUR', value: '1.00' }, actions: ['read', null] },
      { type: 'é\n"', locations: [] },
    ];
    const { id, grant } = await createGranted(store, { grant: { authorizationDetails } });

    expect(await other.find(id, NOW)).toEqual({ grant, refresh: undefined });
    expect(grant.authorizationDetails).toEqual(authorizationDetails);
  });

  it('keeps who pushed a request, and with which key (RFC 9126)', async () => {
    const { request } = newPending();
    const pushed = newPending({ request: { ...request, clientId: OTHER, jkt: KEY } });
    await store.park(pushed, NOW);

    expect(await other.findPending(pushed.id, pushed.hash, NOW)).toEqual(pushed.request);
    await store.discard(pushed.id, pushed.hash, NOW);
  });
});
