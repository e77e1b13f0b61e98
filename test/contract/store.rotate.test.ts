import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthorizationId } from '../../internal/protocol/ids.ts';
import type { Rotated, Rotation, Store } from '../../internal/store/store.ts';
import {
  createGranted,
  createRedeemed,
  EXPECTED,
  NOW,
  newRedemption,
  newRotation,
  OTHER,
  token,
  toNext,
  unique,
} from '../support/authorizations.ts';
import { STORES, type Stores } from '../support/stores.ts';

describe.each(STORES)('%s store: rotate (RFC 9700 §4.14.2)', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  const rotate = (id: AuthorizationId, generation: number, different: Partial<Rotation> = {}) =>
    store.rotate(id, token(generation), EXPECTED, toNext(generation, different));

  it('is fresh for the current token, and the successor is current at once', async () => {
    const { id, grant } = await createRedeemed(store);

    expect(await rotate(id, 1)).toEqual({ kind: 'fresh', grant, refreshExpiresAt: NOW + 1000 });
    expect((await other.find(id, NOW))?.refresh?.hash).toBe('token-2');
    expect(await rotate(id, 2)).toMatchObject({ kind: 'fresh' });
  });

  it('answers mismatch to another client, which burns nothing', async () => {
    const { id } = await createRedeemed(store);

    const stolen = await store.rotate(
      ...([id, token(1), { ...EXPECTED, clientId: OTHER }] as const),
      newRotation(),
    );

    expect(stolen).toEqual({ kind: 'mismatch', of: 'client' });
    expect(await rotate(id, 1)).toMatchObject({ kind: 'fresh' });
  });

  it('answers unknown to another family and to an unknown id, which harms nobody', async () => {
    const { id } = await createRedeemed(store);
    const guessed = await store.rotate(
      ...([id, { family: 'another', hash: 'token-1' }, EXPECTED] as const),
      newRotation(),
    );
    const gone = await createRedeemed(store);
    await store.revoke(gone.id);

    expect(guessed).toEqual({ kind: 'unknown' });
    expect(await rotate(gone.id, 1)).toEqual({ kind: 'unknown' });
    expect(await rotate(id, 1)).toMatchObject({ kind: 'fresh' });
  });

  it('answers unknown where no refresh token was kept, also to an empty family', async () => {
    const { id } = await createRedeemed(store);
    const bare = await createGranted(store);
    const redemption = newRedemption({ refresh: undefined });
    await store.redeem(bare.id, bare.code.hash, EXPECTED, redemption);

    const answers = await Promise.all([
      store.rotate(bare.id, token(1), EXPECTED, newRotation()),
      store.rotate(bare.id, { family: '', hash: '' }, EXPECTED, newRotation()),
      store.rotate(id, { family: '', hash: '' }, EXPECTED, newRotation()),
    ]);

    expect(answers).toEqual([{ kind: 'unknown' }, { kind: 'unknown' }, { kind: 'unknown' }]);
  });

  it('gives the same attempt the same answer', async () => {
    const { id } = await createRedeemed(store);
    const rotation = toNext(1, { grace: 0 });

    const first = await store.rotate(id, token(1), EXPECTED, rotation);
    const second = await other.rotate(id, token(1), EXPECTED, rotation);

    expect(first.kind).toBe('fresh');
    expect(second).toEqual(first);
    expect(await rotate(id, 2)).toMatchObject({ kind: 'fresh' });
  });

  describe('grace', () => {
    it('gives the token before the current one the same successor, any number of times', async () => {
      const { id, grant } = await createRedeemed(store);
      await rotate(id, 1);

      const answers = [await rotate(id, 1), await rotate(id, 1)];

      const expected = { kind: 'grace', grant, seal: 'seal-2', refreshExpiresAt: NOW + 1000 };
      expect(answers).toEqual([expected, expected]);
      expect((await store.find(id, NOW))?.refresh?.hash).toBe('token-2');
    });

    it('lasts to its last second, and a retry after it ends the authorization', async () => {
      const { id } = await createRedeemed(store);
      await rotate(id, 1);

      expect(await rotate(id, 1, { now: NOW + 9 })).toMatchObject({ kind: 'grace' });
      expect(await rotate(id, 1, { now: NOW + 10 })).toMatchObject({ kind: 'grace' });
      expect(await rotate(id, 1, { now: NOW + 11 })).toEqual({ kind: 'replayed' });
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('is over as soon as the successor was used', async () => {
      const { id } = await createRedeemed(store);
      await rotate(id, 1);
      await rotate(id, 2);

      expect(await rotate(id, 1)).toEqual({ kind: 'replayed' });
      expect(await rotate(id, 3)).toEqual({ kind: 'replayed' });
    });

    it('is over when the successor was used and stays current', async () => {
      const { id } = await createRedeemed(store);
      await rotate(id, 1);
      await rotate(id, 2, { next: undefined });

      expect(await rotate(id, 1)).toEqual({ kind: 'replayed' });
    });

    it('does not exist when it is switched off', async () => {
      const { id } = await createRedeemed(store);
      await rotate(id, 1, { grace: 0 });

      expect(await rotate(id, 1, { grace: 0 })).toEqual({ kind: 'replayed' });
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('never revives a refresh token whose life is over', async () => {
      const { id } = await createRedeemed(store, { refresh: { ttl: 5, until: NOW + 5000 } });
      await rotate(id, 1);

      expect(await rotate(id, 1, { now: NOW + 5 })).toEqual({ kind: 'replayed' });
    });

    it('keeps the authorization for what was issued under it', async () => {
      const { id } = await createRedeemed(store);
      await rotate(id, 1);

      await rotate(id, 1, { expiresAt: NOW + 9000 });

      expect(await store.find(id, NOW + 8999)).toBeDefined();
    });
  });

  describe('generations', () => {
    for (const replayed of [1, 2, 3]) {
      it(`ends with generation ${replayed} of 4, which is no longer current`, async () => {
        const { id } = await createRedeemed(store);
        for (const generation of [1, 2, 3]) await rotate(id, generation, { grace: 0 });

        expect(await rotate(id, replayed, { grace: 0 })).toEqual({ kind: 'replayed' });
        expect(await rotate(id, 4)).toEqual({ kind: 'replayed' });
        expect(await store.find(id, NOW)).toBeUndefined();
      });
    }

    it('end with a token of the family that nobody was given', async () => {
      const { id } = await createRedeemed(store);

      const forged = await store.rotate(
        ...([id, { family: 'family', hash: unique() }, EXPECTED] as const),
        newRotation(),
      );

      expect(forged).toEqual({ kind: 'replayed' });
      expect(await rotate(id, 1)).toEqual({ kind: 'replayed' });
    });

    it('end with a replay of the code they came of', async () => {
      const { id, code } = await createRedeemed(store);
      await rotate(id, 1);

      expect(await store.redeem(id, code.hash, EXPECTED, newRedemption())).toEqual({
        kind: 'replayed',
      });
      expect((await rotate(id, 2)).kind).toBe('replayed');
    });
  });

  describe('life', () => {
    it('slides with each use, but never past its latest moment', async () => {
      const { id } = await createRedeemed(store, { refresh: { ttl: 1000, until: NOW + 1500 } });

      const slid = await rotate(id, 1, { now: NOW + 300 });
      const held = await rotate(id, 2, { now: NOW + 900 });

      expect(slid).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1300 });
      expect(held).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1500 });
      expect(await rotate(id, 3, { now: NOW + 1500 })).toEqual({ kind: 'expired' });
    });

    it('ends in the second it ends, which is no replay', async () => {
      const { id } = await createRedeemed(store);

      expect(await rotate(id, 1, { now: NOW + 1000 })).toEqual({ kind: 'expired' });
      expect(await rotate(id, 1, { now: NOW + 999 })).toMatchObject({ kind: 'fresh' });
    });

    it('is extended without a successor where tokens are not rotated', async () => {
      const { id } = await createRedeemed(store);

      const used = await rotate(id, 1, { now: NOW + 500, next: undefined });
      const again = await rotate(id, 1, { now: NOW + 1400, next: undefined });

      expect(used).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 1500 });
      expect(again).toMatchObject({ kind: 'fresh', refreshExpiresAt: NOW + 2400 });
    });
  });

  describe('races (AC-3, RT-4, N2)', () => {
    const both = (n: number) => (n % 2 === 0 ? store : other);
    const kinds = (answers: readonly { readonly kind: string }[], kind: string) =>
      answers.filter((answer) => answer.kind === kind).length;

    it('one of 100 redemptions at once is fresh, 99 are replayed, and the authorization ends', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { id, code } = await createGranted(store);

        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, n) =>
            both(n).redeem(id, code.hash, EXPECTED, newRedemption()),
          ),
        );

        expect([kinds(answers, 'fresh'), kinds(answers, 'replayed')]).toEqual([1, 99]);
        expect(await store.find(id, NOW)).toBeUndefined();
        expect(await rotate(id, 1)).not.toMatchObject({ kind: 'fresh' });
      }
    });

    const rotateAll = (id: AuthorizationId, grace: number): Promise<Rotated[]> =>
      Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          both(n).rotate(
            ...([id, token(1), EXPECTED] as const),
            newRotation({ grace, next: { hash: `next-${n}`, seal: `seal-${n}` } }),
          ),
        ),
      );

    it('one of 100 rotations at once is fresh when there is no grace, and the family ends', async () => {
      const { id } = await createRedeemed(store);

      const answers = await rotateAll(id, 0);

      expect([kinds(answers, 'fresh'), kinds(answers, 'replayed')]).toEqual([1, 99]);
      expect(await store.find(id, NOW)).toBeUndefined();
    });

    it('one of 100 rotations at once is fresh within the grace, and 99 get its successor', async () => {
      const { id } = await createRedeemed(store);

      const answers = await rotateAll(id, 10);

      const winner = answers.findIndex(({ kind }) => kind === 'fresh');
      const seals = new Set(answers.flatMap((one) => (one.kind === 'grace' ? [one.seal] : [])));
      expect([kinds(answers, 'fresh'), kinds(answers, 'grace')]).toEqual([1, 99]);
      expect([...seals]).toEqual([`seal-${winner}`]);
      expect((await store.find(id, NOW))?.refresh?.hash).toBe(`next-${winner}`);
    });

    it('a revocation among rotations wins', async () => {
      for (let round = 0; round < 20; round += 1) {
        const { id } = await createRedeemed(store);

        await Promise.all([
          ...Array.from({ length: 5 }, (_, n) => both(n).rotate(id, token(1), EXPECTED, toNext(1))),
          other.revoke(id),
          ...Array.from({ length: 5 }, (_, n) => both(n).rotate(id, token(1), EXPECTED, toNext(1))),
        ]);

        expect(await store.find(id, NOW)).toBeUndefined();
      }
    });
  });
});
