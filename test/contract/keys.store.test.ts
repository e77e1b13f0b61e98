import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import type { KeyShelf } from '../../internal/store/shelf.ts';
import { type KeyHouse, startKeyHouse } from '../support/stored-keys.ts';
import { until } from '../support/until.ts';

/** Milliseconds: a replica that does not look again by itself while a test lasts. */
const NEVER = 600_000;

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());

const typesOf = (events: readonly KeyEvent[]) => events.map(({ type }) => type);

/** A shelf that counts how often it is read. */
async function countReads(issuer: string) {
  const shelf = await house.openShelf(issuer);
  let reads = 0;
  const counting: KeyShelf = {
    ...shelf,
    read(known) {
      reads += 1;
      return shelf.read(known);
    },
  };
  return { shelf: counting, reads: () => reads };
}

describe('replicas that share the keys of a store', () => {
  it('and start at once on an empty store agree on one set of keys (F-31, JW-5)', async () => {
    const issuer = house.newIssuer();

    const replicas = await Promise.all(Array.from({ length: 5 }, () => house.open(issuer)));

    const published = replicas.map(({ keys }) => JSON.stringify(keys.publicKeys()));
    expect(new Set(published).size).toBe(1);
    expect((await house.content(issuer)).keys.map(({ kind }) => kind).sort()).toEqual([
      'ES256',
      'seal',
    ]);
    const created = replicas.flatMap(({ events }) => typesOf(events));
    expect(created).toEqual(['key.created', 'key.created']);
  });

  it('sign and seal for each other, with every algorithm', async () => {
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer)];

    for (const alg of SIGNING_ALGS) {
      const token = await a.keys.sign(alg, 'JWT', { sub: 'alice' });
      expect((await b.keys.verify(token))?.claims).toEqual({ sub: 'alice' });
    }
    expect(b.keys.unseal('cookie', a.keys.seal('cookie', 'text'))).toBe('text');
    await b.keys.reload();
    expect(b.keys.publicKeys()).toEqual(a.keys.publicKeys());
  });

  it('verify at once what a key signed that another one made a moment ago', async () => {
    const issuer = house.newIssuer();
    const a = await house.open(issuer);
    const b = await house.open(issuer, { checkEvery: NEVER });
    const token = await a.keys.sign('RS256', 'JWT', {});

    expect(b.keys.publicKeys()).toHaveLength(1);
    expect(await b.keys.verify(token)).toBeDefined();
    expect(b.keys.publicKeys()).toHaveLength(2);
  });

  it('do not ask the store for each token with a made-up kid', async () => {
    const issuer = house.newIssuer();
    const { shelf, reads } = await countReads(issuer);
    await house.open(issuer);
    const { keys } = await house.open(issuer, { shelf, checkEvery: NEVER });
    const token = await keys.sign('ES256', 'JWT', {});
    const { kid = '' } = decodeProtectedHeader(token);
    const before = reads();
    const forge = (made: string) => {
      const header = { alg: 'ES256', kid: made, typ: 'JWT' };
      return (
        Buffer.from(JSON.stringify(header)).toString('base64url') + token.slice(token.indexOf('.'))
      );
    };

    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) => keys.verify(forge(`${index}${kid.slice(9)}`))),
    );

    expect(answers.every((answer) => answer === undefined)).toBe(true);
    expect(reads() - before).toBe(1);
    for (const nonsense of ['', 'a.b.c', token.slice(1), `${token}x`, forge(kid).slice(0, -9)])
      expect(await keys.verify(nonsense)).toBeUndefined();
    expect(reads() - before).toBe(1);
  });

  it('look again soon after a look, for whoever asked after it', async () => {
    const issuer = house.newIssuer();
    const a = await house.open(issuer);
    const b = await house.open(issuer, { checkEvery: 2000 });
    const unknown = await (await house.open(house.newIssuer())).keys.sign('ES256', 'JWT', {});
    await b.keys.verify(unknown);

    const token = await a.keys.sign('PS256', 'JWT', {});

    expect(await b.keys.verify(token)).toBeDefined();
  });

  it('need the first RSA key at once, and make one', async () => {
    const issuer = house.newIssuer();
    const replicas = await Promise.all(Array.from({ length: 4 }, () => house.open(issuer)));

    const tokens = await Promise.all(
      replicas.flatMap(({ keys }) => [
        keys.sign('RS256', 'JWT', {}),
        keys.sign('RS256', 'JWT', {}),
      ]),
    );

    expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
    const kinds = (await house.content(issuer)).keys.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'RS256')).toHaveLength(1);
  });

  it('learn of a key by themselves, and say when its time comes too soon', async () => {
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer)];
    const content = await house.content(issuer);
    const donor = house.newIssuer();
    await house.open(donor);
    const [extra] = (await house.content(donor)).keys.filter(({ kind }) => kind === 'ES256');
    if (extra === undefined) throw new Error('no key');

    await house.write(issuer, { ...content, keys: [...content.keys, extra] });
    await until(() => a.keys.publicKeys().length === 2 && b.keys.publicKeys().length === 2);

    expect(b.events).toContainEqual({
      ...{ type: 'key.added', kind: 'ES256', kid: extra.kid },
      ...{ activeFrom: extra.activeFrom, early: true },
    });
  });

  it('end all, and begin again with the same keys', async () => {
    const issuer = house.newIssuer();
    const first = await house.open(issuer);
    const token = await first.keys.sign('EdDSA', 'JWT', {});
    const sealed = first.keys.seal('cookie', 'text');
    await first.keys.close();

    const second = await house.open(issuer);

    expect(await second.keys.verify(token)).toBeDefined();
    expect(second.keys.unseal('cookie', sealed)).toBe('text');
    expect(typesOf(second.events)).toEqual([]);
  });

  it('keep what a later version of Asteroid put there', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    const content = await house.content(issuer);
    const later = { kid: 'of-tomorrow', kind: 'ML-DSA-65', activeFrom: 1, text: 'unknown' };
    await house.write(issuer, { ...content, keys: [...content.keys, later] });

    await keys.sign('EdDSA', 'JWT', {});

    expect((await house.content(issuer)).keys).toContainEqual(later);
    expect(keys.publicKeys().map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);
  });

  it('add what a first start needs to keys that an operator put there', async () => {
    const issuer = house.newIssuer();
    const donor = house.newIssuer();
    await (await house.open(donor)).keys.sign('EdDSA', 'JWT', {});
    const eddsa = (await house.content(donor)).keys.filter(({ kind }) => kind === 'EdDSA');
    await house.write(issuer, { keys: eddsa, removed: [] });

    const { keys } = await house.open(issuer);

    expect(keys.publicKeys().map(({ alg }) => alg)).toEqual(['ES256', 'EdDSA']);
    expect(keys.publicKeys()[1]?.kid).toBe(eddsa[0]?.kid);
    expect(keys.unseal('cookie', keys.seal('cookie', 'text'))).toBe('text');
  });

  it('wait for whoever still has the keys of an empty store before they make others', async () => {
    const issuer = house.newIssuer();
    const old = await house.open(issuer);
    const { kid } = old.keys.publicKeys()[0] ?? {};
    await house.empty(issuer);

    const fresh = await house.open(issuer, { checkEvery: 200 });

    expect(fresh.keys.publicKeys().map((jwk) => jwk.kid)).toEqual([kid]);
    expect(typesOf(fresh.events)).toEqual([]);
  });
});
