import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { type Content, removeFrom } from '../../internal/keys/store/content.ts';
import { sealContent } from '../../internal/keys/store/content-seal.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { DAY, START } from '../support/keys.ts';
import {
  type KeyHouse,
  OTHER_SECRET,
  type Replica,
  SECRET,
  startKeyHouse,
} from '../support/stored-keys.ts';
import { until } from '../support/until.ts';

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());

const typesOf = (events: readonly KeyEvent[]) => events.map(({ type }) => type);
const messagesOf = (events: readonly KeyEvent[]) =>
  events.flatMap((event) => ('error' in event ? [event.error.message] : []));

async function expectNothingSigned({ keys }: Replica): Promise<void> {
  expect(keys.publicKeys()).toEqual([]);
  await expect(keys.sign('ES256', 'JWT', {})).rejects.toThrow(Unavailable);
  await expect(keys.prepare('RS256')).rejects.toThrow(Unavailable);
  await expect(keys.verify('a.b.c')).rejects.toThrow(Unavailable);
  expect(() => keys.seal('cookie', 'text')).toThrow(Unavailable);
  expect(() => keys.unseal('cookie', 'text')).toThrow(Unavailable);
}

/** An issuer with keys and the text in which they are, and nobody who has them loaded. */
async function makeKeys() {
  const issuer = house.newIssuer();
  const { keys } = await house.open(issuer);
  const token = await keys.sign('EdDSA', 'JWT', { sub: 'alice' });
  await keys.close();
  return { issuer, token, text: (await house.text(issuer)) ?? '' };
}

describe('whoever reads the store', () => {
  it('finds no key, no kind, no time and no kid in it', async () => {
    const { issuer, text } = await makeKeys();
    const { keys } = await house.content(issuer);
    const decoded = text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();

    for (const { kid, kind, activeFrom, text: key } of keys)
      for (const known of [kid, `"${kind}"`, String(activeFrom), key, key.slice(30, 60)])
        expect(text + decoded).not.toContain(known);
    expect(text + decoded).not.toContain('PRIVATE KEY');
    expect(text).not.toContain(SECRET.toString());
  });

  it('sees another text for the same keys each time they are written', async () => {
    const { issuer } = await makeKeys();
    const content = await house.content(issuer);

    expect(sealContent(content, SECRET, issuer)).not.toBe(sealContent(content, SECRET, issuer));
  });
});

describe('a replica without the right secret', () => {
  it('starts, signs nothing, says why once, and touches nothing', async () => {
    const { issuer, text } = await makeKeys();

    const replica = await house.open(issuer, { secrets: () => [OTHER_SECRET] });
    await expectNothingSigned(replica);
    await replica.keys.reload();
    await replica.keys.reload();

    expect(typesOf(replica.events)).toEqual(['keys.not_loaded']);
    expect(messagesOf(replica.events)).toEqual([
      'the keys in the store are sealed with another secret than keys.secret_file',
    ]);
    expect(await house.text(issuer)).toBe(text);
  });

  it('signs as soon as it has the right one, by itself', async () => {
    const { issuer, token } = await makeKeys();
    let secrets = [OTHER_SECRET];
    const { keys, events } = await house.open(issuer, { secrets: () => secrets });
    let isUsable = false;
    void keys.usable.then(() => {
      isUsable = true;
    });

    await keys.reload();
    expect(isUsable).toBe(false);
    secrets = [SECRET];
    await keys.usable;

    expect((await keys.verify(token))?.claims).toEqual({ sub: 'alice' });
    expect(typesOf(events)).toEqual(['keys.not_loaded', 'keys.loaded']);
  });

  it('makes no keys either where it has none at all', async () => {
    const { issuer } = await makeKeys();

    await expectNothingSigned(await house.open(issuer, { secrets: () => [] }));
  });
});

describe('the secret', () => {
  it('is replaced while both open: afterwards the former one opens nothing any more', async () => {
    const { issuer, token } = await makeKeys();
    const before = await house.open(issuer);
    const both = await house.open(issuer, { secrets: () => [OTHER_SECRET, SECRET] });
    await both.keys.close();

    const after = await house.open(issuer, { secrets: () => [OTHER_SECRET] });

    expect(await after.keys.verify(token)).toBeDefined();
    await expect(house.content(issuer, SECRET)).rejects.toThrow('another secret');
    await until(() => typesOf(before.events).includes('keys.reload_failed'));
    expect(await before.keys.verify(await before.keys.sign('ES256', 'JWT', {}))).toBeDefined();
    await expectNothingSigned(await house.open(issuer));
  });

  it('may come second first: then it opens, and does not seal yet', async () => {
    const { issuer, text } = await makeKeys();

    const { keys } = await house.open(issuer, { secrets: () => [SECRET, OTHER_SECRET] });
    await keys.reload();

    expect(await house.text(issuer)).toBe(text);
    await keys.sign('PS256', 'JWT', {});
    expect((await house.content(issuer, SECRET)).keys).toHaveLength(4);
  });

  it('counts in another order from the moment its files change', async () => {
    const { issuer } = await makeKeys();
    let secrets = [SECRET, OTHER_SECRET];
    const { keys } = await house.open(issuer, { secrets: () => secrets });

    secrets = [OTHER_SECRET, SECRET];
    await keys.reload();

    expect((await house.content(issuer, OTHER_SECRET)).keys).toHaveLength(3);
  });
});

describe('whoever writes to the store without the secret', () => {
  /** Puts a text there and opens a replica that has nothing but it. */
  const openWith = async (issuer: string, text: string) => {
    await house.put(issuer, text);
    return house.open(issuer);
  };

  it('changes no character of it unnoticed', async () => {
    const { issuer, text, token } = await makeKeys();
    const places = [0, 2, 5, 14, 20, 60, 90, text.length >> 1, text.length - 3];

    for (const place of places) {
      const other = text[place] === 'A' ? 'B' : 'A';
      const replica = await openWith(issuer, text.slice(0, place) + other + text.slice(place + 1));
      await expectNothingSigned(replica);
      await replica.keys.close();
    }

    const honest = await openWith(issuer, text);
    expect(await honest.keys.verify(token)).toBeDefined();
  });

  it('brings no keys of another issuer, although the secret is the same', async () => {
    const { text } = await makeKeys();

    const replica = await openWith(house.newIssuer(), text);

    await expectNothingSigned(replica);
    expect(messagesOf(replica.events)).toEqual([
      'the keys in the store are damaged, or not those of this issuer',
    ]);
  });

  it('adds no key of its own to those that are loaded', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    const published = keys.publicKeys();
    const donor = await makeKeys();
    const { keys: foreign } = await house.content(donor.issuer);

    await house.write(issuer, { keys: foreign, removed: [] }, OTHER_SECRET);
    await keys.reload();

    expect(keys.publicKeys()).toBe(published);
    expect(await keys.verify(donor.token)).toBeUndefined();
  });

  it('damages it: the loaded keys stay, it is said once, and the content is left alone', async () => {
    for (const damaged of [
      '',
      '{}',
      '1.AAAAAAAAAAA.AAAA',
      '2.AAAAAAAAAAA.AAAA',
      'x'.repeat(9000),
    ]) {
      const issuer = house.newIssuer();
      const { keys, events } = await house.open(issuer, { rotateEvery: 1 });
      const token = await keys.sign('ES256', 'JWT', {});
      const before = events.length;

      await house.put(issuer, damaged);
      await keys.reload();
      await keys.reload();

      await until(() => typesOf(events).includes('keys.rotation_failed'));
      await keys.reload();
      expect(typesOf(events.slice(before)).sort()).toEqual([
        'keys.reload_failed',
        'keys.rotation_failed',
      ]);
      expect(await keys.verify(token)).toBeDefined();
      await expect(keys.sign('RS256', 'JWT', {})).rejects.toThrow(Unavailable);
      expect(await house.text(issuer)).toBe(damaged);
      await keys.close();
    }
  });

  it('puts something else there: the same', async () => {
    const issuer = house.newIssuer();
    const { keys, events } = await house.open(issuer);
    await house.empty(issuer);
    await house.raw.lpush(house.nameOf(issuer), 'a list');

    await keys.reload();

    expect(messagesOf(events).at(-1)).toContain('holds something else');
    expect(await house.raw.type(house.nameOf(issuer))).toBe('list');
    expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
  });

  it('damages it, and deleting what is damaged brings the keys back', async () => {
    const { issuer, token } = await makeKeys();
    const { keys } = await house.open(issuer);
    await house.put(issuer, 'damaged');
    await keys.reload();

    await house.empty(issuer);
    await keys.reload();

    const fresh = await house.open(issuer);
    expect(await fresh.keys.verify(token)).toBeDefined();
  });
});

describe('whoever puts an older content back', () => {
  const removing = (content: Content, kind: string): Content => {
    const [leaked] = content.keys.filter((key) => key.kind === kind);
    return removeFrom(content, leaked?.kid ?? '', START);
  };

  it('brings no key back that was removed on purpose, and the store learns so again', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    const leaked = await keys.sign('ES256', 'JWT', {});
    const donor = house.newIssuer();
    await house.open(donor);
    const older = await house.content(issuer);
    const [other] = (await house.content(donor)).keys.filter(({ kind }) => kind === 'ES256');
    if (other === undefined) throw new Error('no key');
    const olderText = (await house.text(issuer)) ?? '';
    await house.write(issuer, removing({ ...older, keys: [...older.keys, other] }, 'ES256'));
    await keys.reload();
    expect(await keys.verify(leaked)).toBeUndefined();

    await house.put(issuer, olderText);
    await keys.reload();

    expect(await keys.verify(leaked)).toBeUndefined();
    expect(keys.publicKeys().map(({ kid }) => kid)).toEqual([other.kid]);
    const content = await house.content(issuer);
    expect(content.removed).toHaveLength(1);
    expect(content.keys.map(({ kid }) => kid)).toContain(other.kid);
  });

  it('brings no expired key back to sign, and takes no newer one away', async () => {
    const issuer = house.newIssuer();
    const { keys, clock } = await house.open(issuer);
    const old = await keys.sign('ES256', 'JWT', {});
    const oldKid = keys.publicKeys()[0]?.kid;
    const olderText = (await house.text(issuer)) ?? '';
    const donor = house.newIssuer();
    await house.open(donor);
    const content = await house.content(issuer);
    const [next] = (await house.content(donor)).keys.filter(({ kind }) => kind === 'ES256');
    if (next === undefined) throw new Error('no key');
    const nextKey = { ...next, activeFrom: START + DAY };
    await house.write(issuer, { ...content, keys: [...content.keys, nextKey] });
    await keys.reload();
    clock.advance(92 * DAY);
    await house.write(issuer, {
      keys: [...content.keys.filter(({ kind }) => kind === 'seal'), nextKey],
      removed: [],
    });
    await keys.reload();
    expect((await house.content(issuer)).keys).toHaveLength(2);

    await house.put(issuer, olderText);
    await keys.reload();

    expect(keys.publicKeys().map(({ kid }) => kid)).toEqual([next.kid]);
    expect(oldKid).not.toBe(next.kid);
    expect(await keys.verify(old)).toBeUndefined();
    expect((await house.content(issuer)).keys.map(({ kid }) => kid)).toContain(next.kid);
  });
});

describe('a content that only somebody with the secret can write', () => {
  it('is refused with a key under the kid of another', async () => {
    const { issuer } = await makeKeys();
    const content = await house.content(issuer);
    const keys = content.keys.map((key) => ({ ...key, kid: `x${key.kid.slice(1)}` }));
    await house.write(issuer, { ...content, keys });

    await expectNothingSigned(await house.open(issuer));
  });

  it('is refused where the last key of a kind is missing from it on purpose', async () => {
    const issuer = house.newIssuer();
    const { keys, events } = await house.open(issuer);
    const token = await keys.sign('ES256', 'JWT', {});
    const content = await house.content(issuer);
    const [es256] = content.keys.filter(({ kind }) => kind === 'ES256');
    await house.write(issuer, {
      keys: content.keys.filter((key) => key !== es256),
      removed: [{ kid: es256?.kid ?? '', removedAt: START }],
    });

    await keys.reload();

    expect(await keys.verify(token)).toBeDefined();
    expect(messagesOf(events)).toContain('the store: holds no ES256 key any more');
  });
});
