import { setTimeout as pause } from 'node:timers/promises';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyEvent } from '../../internal/keys/events.ts';
import type { PublicJwk } from '../../internal/keys/keys.ts';
import { decideNextActivation } from '../../internal/keys/rotation.ts';
import {
  changeStored,
  putStored,
  readStored,
  rotateBy,
  type StoredTerms,
  underLease,
} from '../../internal/keys/store/stored.ts';
import type { KeyShelf } from '../../internal/store/shelf.ts';
import { createTestClock } from '../support/clock.ts';
import { DAY, HOUR, START, toKeySet } from '../support/keys.ts';
import { type KeyHouse, SECRET, startKeyHouse } from '../support/stored-keys.ts';
import { until } from '../support/until.ts';

/** Milliseconds: a replica that does not look again by itself while a test lasts. */
const NEVER = 600_000;

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());

const typesOf = (events: readonly KeyEvent[]) => events.map(({ type }) => type);

async function termsOf(issuer: string, now = START): Promise<StoredTerms> {
  const shelf = await house.openShelf(issuer);
  const report = () => undefined;
  return { shelf, issuer, secrets: [SECRET], now, tokenLifetime: HOUR, report };
}

const keySets = new WeakMap<readonly PublicJwk[], ReturnType<typeof toKeySet>>();

async function verifyWithAll(token: string, fetched: readonly (readonly PublicJwk[])[]) {
  for (const jwks of fetched) {
    const keySet = keySets.get(jwks) ?? toKeySet(jwks);
    keySets.set(jwks, keySet);
    await compactVerify(token, keySet);
  }
}

describe('a key every second on two replicas out of phase (JW-3, JW-4, F-30)', () => {
  const EVERY = 1;
  const AHEAD = 4;
  const MAX_AGE = 2;
  const LIFE = 5;

  it('fails no verification, with a JWKS fetched anywhere at any time within its cache life', async () => {
    const issuer = house.newIssuer();
    await house.fill(issuer);
    const clock = createTestClock(START);
    const options = { clock, checkEvery: NEVER, tokenLifetime: () => LIFE, publishAhead: AHEAD };
    const [a, b] = [await house.open(issuer, options), await house.open(issuer, options)];
    const rings = [a.keys, b.keys];
    const terms = { ...(await termsOf(issuer)), tokenLifetime: LIFE };
    const copies: { readonly jwks: readonly PublicJwk[]; readonly at: number }[] = [];
    const live: { readonly token: string; readonly at: number }[] = [];
    const kids = new Set<unknown>();

    /** Every copy of the JWKS that a relying party may hold verifies what was signed this moment. */
    const checkFresh = async (now: number) => {
      const cached = copies.filter(({ at }) => at >= now - MAX_AGE).map(({ jwks }) => jwks);
      for (const { token } of live.filter(({ at }) => at === now))
        await verifyWithAll(token, cached);
    };
    /** The JWKS of the moment verifies whatever is still alive. */
    const checkLive = async (now: number) => {
      const fetched = rings.map((ring) => ring.publicKeys());
      for (const { token } of live.filter(({ at }) => at > now - LIFE)) {
        await verifyWithAll(token, fetched);
        for (const ring of rings) expect(await ring.verify(token)).toBeDefined();
      }
    };

    for (let second = 0; second < 40; second += 1) {
      clock.advance(1);
      const now = clock();
      const due = { rotateEvery: EVERY, publishAhead: AHEAD };
      const decide = rotateBy((keys) => decideNextActivation(keys, now, due), { ...terms, now });
      await changeStored({ ...terms, now }, decide);
      await a.keys.reload();
      // B hears of every other key a second late.
      if (second % 2 === 0) await b.keys.reload();
      copies.push(...rings.map((ring) => ({ jwks: ring.publicKeys(), at: now })));
      for (const ring of rings) {
        const token = await ring.sign('ES256', 'JWT', { second });
        kids.add(decodeProtectedHeader(token).kid);
        live.push({ token, at: now });
      }
      await checkFresh(now);
      await checkLive(now);
    }

    expect(kids.size).toBeGreaterThan(30);
    expect(typesOf([...a.events, ...b.events])).not.toContain('keys.reload_failed');
  });
});

describe('automatic rotation by replicas', () => {
  const rotating = { rotateEvery: 1000, publishAhead: 100 };

  it('makes one next key of every kind in use, whoever finds it due', async () => {
    const issuer = house.newIssuer();
    const clock = createTestClock(START);
    const options = { ...rotating, clock };
    const replicas = await Promise.all(
      Array.from({ length: 4 }, () => house.open(issuer, options)),
    );
    await replicas[0]?.keys.sign('EdDSA', 'JWT', {});
    const first = replicas[0]?.keys.publicKeys()[0]?.kid;

    clock.advance(900);
    await until(() => replicas.every(({ keys }) => keys.publicKeys().length === 4));

    const made = (await house.content(issuer)).keys.filter(({ activeFrom }) => activeFrom > START);
    expect(made.map(({ kind, activeFrom }) => `${kind} ${activeFrom}`).sort()).toEqual([
      `ES256 ${START + 1000}`,
      `EdDSA ${START + 1000}`,
      `seal ${START + 1000}`,
    ]);
    for (const { keys } of replicas) expect(keys.publicKeys()[0]?.kid).toBe(first);
    clock.advance(100);
    for (const { keys } of replicas) expect(keys.publicKeys()[0]?.kid).not.toBe(first);
    const early = replicas.flatMap(({ events }) => events).filter((e) => 'early' in e && e.early);
    expect(early).toEqual([]);
  });

  it('removes a retired key after 90 days and not before, and nobody brings it back', async () => {
    const issuer = house.newIssuer();
    const clock = createTestClock(START);
    const options = { clock, rotateEvery: 200 * DAY, publishAhead: 100 };
    const [a, b] = [await house.open(issuer, options), await house.open(issuer, options)];
    const old = a.keys.publicKeys()[0]?.kid;
    const kids = async () => (await house.content(issuer)).keys.map(({ kid }) => kid);
    clock.advance(200 * DAY - 100);
    await until(() => b.keys.publicKeys().length === 2);

    clock.advance(100 + 90 * DAY - 1);
    await Promise.all([a.keys.reload(), b.keys.reload()]);
    await pause(200);
    expect(await kids()).toContain(old);

    clock.advance(1);
    const deleted = () => [...a.events, ...b.events].filter(({ type }) => type === 'key.deleted');
    await until(() => deleted().length === 2);
    await Promise.all([a.keys.reload(), b.keys.reload()]);
    await pause(200);
    expect(await kids()).not.toContain(old);
    expect(deleted()).toHaveLength(2);
  });

  it('stops when it is closed', async () => {
    const issuer = house.newIssuer();
    const { keys, clock } = await house.open(issuer, rotating);
    const before = await house.text(issuer);
    await keys.close();

    clock.advance(5000);
    await pause(300);

    expect(await house.text(issuer)).toBe(before);
  });
});

describe('the lease', () => {
  it('keeps other replicas from making keys until it is given back or runs out', async () => {
    const issuer = house.newIssuer();
    const [a, b] = [await house.openShelf(issuer), await house.openShelf(issuer)];

    expect(await a.lease('a', 60)).toBe(true);
    expect(await b.lease('b', 60)).toBe(false);
    await b.release('b');
    expect(await underLease(b, async () => 'done')).toBeUndefined();
    await a.release('a');
    expect(await b.lease('b', 0.05)).toBe(true);
    await until(() => house.raw.status === 'ready' || house.raw.status === 'wait');
    await pause(80);
    expect(await underLease(a, async () => 'done')).toBe('done');
    expect(await house.raw.pttl(house.leaseOf(issuer))).toBeLessThanOrEqual(5000);
    await Promise.all([a.close(), b.close()]);
  });

  it('is taken by whoever rotates: while another one holds it, nothing is made', async () => {
    const issuer = house.newIssuer();
    const { keys, clock } = await house.open(issuer, { rotateEvery: 1000, publishAhead: 100 });
    await house.raw.set(house.leaseOf(issuer), 'somebody else');

    clock.advance(900);
    await keys.reload();
    await pause(300);
    expect(keys.publicKeys()).toHaveLength(1);

    await house.raw.del(house.leaseOf(issuer));
    await until(() => keys.publicKeys().length === 2);
  });

  it('is waited for where the first key of an algorithm is made by somebody else', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    await house.raw.set(house.leaseOf(issuer), 'a replica that died', 'PX', 300);

    const token = await keys.sign('EdDSA', 'JWT', {});

    expect(await keys.verify(token)).toBeDefined();
  });

  it('ran out while its holder slept: what the holder does then changes nothing', async () => {
    const issuer = house.newIssuer();
    const clock = createTestClock(START);
    const shelf = await house.openShelf(issuer);
    let wake = () => {};
    let isAsleep = false;
    const sleeping: KeyShelf = {
      ...shelf,
      async replace(expected, text) {
        if (expected !== undefined && !isAsleep) {
          isAsleep = true;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        return shelf.replace(expected, text);
      },
    };
    const rotating = { clock, rotateEvery: 1000, publishAhead: 100 };
    await house.fill(issuer);
    const a = await house.open(issuer, { ...rotating, shelf: sleeping });
    clock.advance(900);
    await until(() => isAsleep);
    await house.raw.del(house.leaseOf(issuer));
    const b = await house.open(issuer, rotating);
    await until(() => b.keys.publicKeys().length === 2);
    const after = await house.text(issuer);

    wake();
    await a.keys.reload();

    expect(await house.text(issuer)).toBe(after);
    expect(a.keys.publicKeys()).toEqual(b.keys.publicKeys());
    expect(typesOf(a.events)).not.toContain('key.created');
  });
});

describe('the fence', () => {
  it('lets one of several writers win, and the others build on it', async () => {
    const issuer = house.newIssuer();
    await house.fill(issuer);
    const writers = await Promise.all(Array.from({ length: 6 }, () => termsOf(issuer)));

    await Promise.all(
      writers.map((terms, index) =>
        changeStored(terms, async (content) => {
          const key = { kid: `later-${index}`, kind: 'later', activeFrom: index, text: '' };
          return { content: { ...content, keys: [...content.keys, key] }, events: [] };
        }),
      ),
    );

    const kids = (await house.content(issuer)).keys.map(({ kid }) => kid);
    for (const [index] of writers.entries()) expect(kids).toContain(`later-${index}`);
    await Promise.all(writers.map(({ shelf }) => shelf.close()));
  });

  it('refuses what was made of an older content, and of one that is gone', async () => {
    const issuer = house.newIssuer();
    await house.fill(issuer);
    const terms = await termsOf(issuer);
    const older = await readStored(terms);
    if (older === 'same') throw new Error('nothing was known');
    const newer = await putStored(terms, older.version, older.content);

    expect(newer).toBeDefined();
    expect(await putStored(terms, older.version, older.content)).toBeUndefined();
    expect(await putStored(terms, undefined, older.content)).toBeUndefined();
    await house.empty(issuer);
    expect(await putStored(terms, newer?.version, older.content)).toBeUndefined();
    expect(await house.text(issuer)).toBeNull();
    expect(await putStored(terms, undefined, older.content)).toBeDefined();
    await terms.shelf.close();
  });

  it('answers the same replacement again as it did, because an answer may get lost', async () => {
    const issuer = house.newIssuer();
    const shelf = await house.openShelf(issuer);

    const version = await shelf.replace(undefined, 'a text');

    expect(version).toBeDefined();
    expect(await shelf.replace(undefined, 'a text')).toBe(version);
    expect(await shelf.read(version)).toBe('same');
    expect(await shelf.read(undefined)).toEqual({ version, text: 'a text' });
    expect(await shelf.replace('another version', 'another text')).toBeUndefined();
    await shelf.close();
  });

  it('keeps the keys for ever', async () => {
    const issuer = house.newIssuer();
    await house.open(issuer);

    expect(await house.raw.ttl(house.nameOf(issuer))).toBe(-1);
  });
});
