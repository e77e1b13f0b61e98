import { existsSync, readdirSync } from 'node:fs';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { rotateDirectory } from '../../internal/keys/file/write.ts';
import type { PublicJwk } from '../../internal/keys/keys.ts';
import { decideNextActivation } from '../../internal/keys/rotation.ts';
import {
  DAY,
  HOUR,
  newDirectory,
  openDirectory,
  putKey,
  RSA_PEM,
  removeDirectories,
  START,
  toKeySet,
} from '../support/keys.ts';
import { until } from '../support/until.ts';

afterEach(removeDirectories);

const MAX_AGE = 360;
const PUBLISH_AHEAD = 600;
const ROTATE_EVERY = HOUR / 2;
const STEP = 120;
const report = () => undefined;

/** Two replicas on one directory; the second reads it only every other time. */
async function openReplicas(dir: string) {
  const a = await openDirectory(dir, { publishAhead: PUBLISH_AHEAD });
  const b = await openDirectory(dir, { publishAhead: PUBLISH_AHEAD });
  let steps = 0;
  const terms = { rotateEvery: ROTATE_EVERY, publishAhead: PUBLISH_AHEAD };
  async function advance(): Promise<void> {
    steps += 1;
    for (const { clock } of [a, b]) clock.advance(STEP);
    const now = a.clock();
    await rotateDirectory(dir, { now, tokenLifetime: HOUR, report }, (keys) =>
      decideNextActivation(keys, now, terms),
    );
    await a.keys.reload();
    if (steps % 2 === 0) await b.keys.reload();
  }
  return { a, b, advance };
}

type Issued = { readonly token: string; readonly at: number };

const keySets = new WeakMap<readonly PublicJwk[], ReturnType<typeof toKeySet>>();

async function verifyWithAll(token: string, fetched: readonly (readonly PublicJwk[])[]) {
  for (const jwks of fetched) {
    const keySet = keySets.get(jwks) ?? toKeySet(jwks);
    keySets.set(jwks, keySet);
    await compactVerify(token, keySet);
  }
}

describe('ten rotations on two replicas out of phase (JW-3, JW-4, F-30)', () => {
  it('fail no verification, with the JWKS of the moment and with a copy one max-age old', async () => {
    const { a, b, advance } = await openReplicas(newDirectory());
    const rings = [a.keys, b.keys];
    const copies: (readonly PublicJwk[])[] = [];
    const live: Issued[] = [];
    const kids = new Set<unknown>();
    /** At the end of its life a token still verifies everywhere. */
    const checkExpiring = async (fetched: readonly (readonly PublicJwk[])[]) => {
      const expiring = live.filter(({ at }) => at === a.clock() - HOUR + STEP);
      for (const { token } of expiring) {
        await verifyWithAll(token, fetched);
        for (const ring of rings) expect(await ring.verify(token)).toBeDefined();
      }
    };

    for (let step = 0; step < (10 * ROTATE_EVERY) / STEP; step += 1) {
      await advance();
      const fetched = rings.map((ring) => ring.publicKeys());
      copies.push(...fetched);
      const oneMaxAgeOld = copies.slice(-2 * (MAX_AGE / STEP + 1)).slice(0, 2);
      for (const ring of rings) {
        const token = await ring.sign('ES256', 'JWT', { step });
        kids.add(decodeProtectedHeader(token).kid);
        live.push({ token, at: a.clock() });
        await verifyWithAll(token, [...fetched, ...oneMaxAgeOld]);
      }
      await checkExpiring(fetched);
    }

    expect(kids.size).toBe(11);
    expect(live.length).toBeGreaterThanOrEqual(300);
  });
});

describe('rotation of a directory', () => {
  const rotate = (dir: string, now: number, next: number | undefined) =>
    rotateDirectory(dir, { now, tokenLifetime: HOUR, report }, () => next);

  it('writes the next key of every kind in use, and starts no other kind', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START - DAY);
    putKey(dir, 'RS256', START - DAY, RSA_PEM);

    await rotate(dir, START, START + 600);

    expect(readdirSync(dir).sort()).toEqual([
      '20270114T080000Z.ES256.pem',
      '20270114T080000Z.RS256.pem',
      '20270115T081000Z.ES256.pem',
      '20270115T081000Z.RS256.pem',
    ]);
  });

  it('writes one next key when four replicas find it due at once', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START - DAY);
    const terms = { rotateEvery: DAY, publishAhead: 600 };

    const replica = () =>
      rotateDirectory(dir, { now: START, tokenLifetime: HOUR, report }, (keys) =>
        decideNextActivation(keys, START, terms),
      );
    await Promise.all([replica(), replica(), replica(), replica()]);

    expect(readdirSync(dir)).toHaveLength(2);
  });

  it('removes a retired key after 90 days and not a second before', async () => {
    const dir = newDirectory();
    const path = putKey(dir, 'ES256', START - DAY);
    putKey(dir, 'ES256', START);

    await rotate(dir, START + 90 * DAY - 1, undefined);
    expect(existsSync(path)).toBe(true);

    await rotate(dir, START + 90 * DAY, undefined);
    expect(existsSync(path)).toBe(false);
  });

  it('keeps what was sealed before openable', async () => {
    const dir = newDirectory();
    const { keys, clock } = await openDirectory(dir);
    const sealed = keys.seal('cookie', 'text');

    await rotate(dir, START, START + 600);
    await keys.reload();
    clock.advance(DAY);
    const later = keys.seal('cookie', 'text');

    expect(later.slice(0, 10)).not.toBe(sealed.slice(0, 10));
    expect(keys.unseal('cookie', sealed)).toBe('text');
    expect(keys.unseal('cookie', later)).toBe('text');
  });

  it('takes a retired ID Token as a hint for 90 days, although its key is no longer published', async () => {
    const dir = newDirectory();
    const { keys, clock } = await openDirectory(dir);
    const token = await keys.sign('ES256', 'JWT', { sub: 'alice' });
    await rotate(dir, START, START + 600);
    await keys.reload();

    clock.advance(600 + 90 * DAY - 1);
    expect(keys.publicKeys().map(({ kid }) => kid)).not.toContain(decodeProtectedHeader(token).kid);
    expect(await keys.verify(token)).toBeDefined();

    clock.advance(1);
    expect(await keys.verify(token)).toBeUndefined();
  });
});

describe('automatic rotation', () => {
  const open = (dir: string) => openDirectory(dir, { rotateEvery: 1000, publishAhead: 1 });

  it('publishes the next key ahead of its time, then signs with it', async () => {
    const dir = newDirectory();
    const { keys, clock } = await open(dir);
    const first = keys.publicKeys()[0]?.kid;

    clock.advance(999);
    await until(() => keys.publicKeys().length === 2);
    expect(keys.publicKeys()[0]?.kid).toBe(first);

    clock.advance(1);
    expect(keys.publicKeys()[0]?.kid).not.toBe(first);
    await keys.close();
  });

  it('stops when it is closed', async () => {
    const dir = newDirectory();
    const { keys, clock } = await open(dir);
    await keys.close();

    clock.advance(5000);
    await new Promise((resolve) => setTimeout(resolve, 600));

    expect(readdirSync(dir)).toHaveLength(2);
  });
});
