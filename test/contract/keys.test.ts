import { compactVerify, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import { type KeySource, type OpenKeys, openKeys } from '../../internal/keys/open.ts';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import { createTestClock } from '../support/clock.ts';
import { newDirectory, removeDirectories, START, toKeySet } from '../support/keys.ts';
import { CHECK_EVERY, type KeyHouse, SECRET, startKeyHouse } from '../support/stored-keys.ts';

const SOURCES: readonly KeySource[] = ['file', 'store', 'ephemeral'];

let house: KeyHouse;

/** Keys of an issuer of its own, wherever they live. */
const open = async (source: KeySource): Promise<OpenKeys> =>
  openKeys({
    source,
    dir: newDirectory(),
    shared: source === 'store' ? await share(house.newIssuer()) : undefined,
    now: createTestClock(START),
    tokenLifetime: () => 3600,
    publishAhead: 600,
    report: () => undefined,
  });

const share = async (issuer: string) => ({
  shelf: await house.openShelf(issuer),
  issuer,
  secrets: () => [SECRET],
  checkEvery: CHECK_EVERY,
});

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());
afterAll(removeDirectories);

for (const source of SOURCES)
  describe(`keys from ${source}`, () => {
    let keys: OpenKeys;

    beforeAll(async () => {
      keys = await open(source);
    });
    afterAll(() => keys.close());

    it('publishes an ES256 key at once and no RSA key before one is needed', async () => {
      const fresh = await open(source);

      expect(fresh.publicKeys().map(({ alg }) => alg)).toEqual(['ES256']);
      await fresh.close();
    });

    for (const alg of SIGNING_ALGS)
      it(`signs with ${alg} what a relying party verifies against the published keys`, async () => {
        const token = await keys.sign(alg, 'JWT', { sub: 'alice', nonce: undefined });

        const { payload, protectedHeader } = await jwtVerify(token, toKeySet(keys.publicKeys()));

        expect(payload).toEqual({ sub: 'alice' });
        expect(protectedHeader).toMatchObject({ alg, typ: 'JWT' });
        expect(await keys.verify(token)).toEqual({ typ: 'JWT', claims: { sub: 'alice' } });
      });

    it('makes one RSA key for twenty first requests', async () => {
      const fresh = await open(source);

      const tokens = await Promise.all(
        Array.from({ length: 20 }, (_, index) => fresh.sign('RS256', 'JWT', { index })),
      );

      expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
      expect(fresh.publicKeys().map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
      await fresh.close();
    });

    it('makes the key ahead of the first signature when it is told to prepare', async () => {
      const fresh = await open(source);

      await fresh.prepare('ES256');
      expect(fresh.publicKeys()).toHaveLength(1);
      await Promise.all([fresh.prepare('RS256'), fresh.prepare('RS256')]);
      const prepared = fresh.publicKeys();
      await fresh.sign('RS256', 'JWT', {});

      expect(prepared.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
      expect(fresh.publicKeys()).toBe(prepared);
      await fresh.close();
    });

    it('publishes every key with a kid of its own and without private members (JW-1)', async () => {
      await keys.sign('RS256', 'JWT', {});
      const published = keys.publicKeys();

      expect(new Set(published.map(({ kid }) => kid)).size).toBe(published.length);
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'])
        expect(published.some((jwk) => member in jwk)).toBe(false);
      expect(published.every(({ use }) => use === 'sig')).toBe(true);
    });

    it('verifies nothing that a ring of other keys signed', async () => {
      const other = await open(source);
      const token = await other.sign('ES256', 'JWT', { sub: 'alice' });

      expect(await keys.verify(token)).toBeUndefined();
      expect(await other.verify(token)).toBeDefined();
      await expect(compactVerify(token, toKeySet(keys.publicKeys()))).rejects.toThrow();
      await other.close();
    });

    it('opens what it sealed, for that purpose and in that ring only', async () => {
      const other = await open(source);
      const sealed = keys.seal('consent', 'text');

      expect(keys.unseal('consent', sealed)).toBe('text');
      expect(keys.unseal('cookie', sealed)).toBeUndefined();
      expect(other.unseal('consent', sealed)).toBeUndefined();
      await other.close();
    });

    it('goes on signing and verifying across a reload', async () => {
      const token = await keys.sign('ES256', 'JWT', { sub: 'alice' });
      const published = keys.publicKeys();

      await keys.reload();

      expect(await keys.verify(token)).toBeDefined();
      expect(keys.publicKeys()).toBe(published);
    });
  });

describe('opening keys', () => {
  it('is refused for files without a directory', async () => {
    const options = { source: 'file', now: () => START, tokenLifetime: () => 1 } as const;

    await expect(
      (async () => openKeys({ ...options, publishAhead: 1, report: () => undefined }))(),
    ).rejects.toThrow(KeyConfigError);
  });

  it('is refused for the store without one', async () => {
    const options = { source: 'store', now: () => START, tokenLifetime: () => 1 } as const;

    await expect(
      (async () => openKeys({ ...options, publishAhead: 1, report: () => undefined }))(),
    ).rejects.toThrow(KeyConfigError);
  });
});
