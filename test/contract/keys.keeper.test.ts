// How many keys an operator can make by rotating at once: as many as whoever verifies tokens should have to read, and
// no fewer where many were made long ago.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import type { KeyKind } from '../../internal/keys/filename.ts';
import type { OpenKeys } from '../../internal/keys/open.ts';
import { createTestClock, type TestClock } from '../support/clock.ts';
import {
  DAY,
  HOUR,
  newDirectory,
  openDirectory,
  removeDirectories,
  START,
} from '../support/keys.ts';
import { type KeyHouse, startKeyHouse } from '../support/stored-keys.ts';

const MOST = 8;

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());
afterEach(removeDirectories);

type Opened = { readonly keys: Pick<OpenKeys, 'keeper'>; readonly clock: TestClock };

const SOURCES: readonly (readonly [source: string, open: () => Promise<Opened>])[] = [
  ['a directory', async () => openDirectory(await newDirectory())],
  ['the store', () => house.open(house.newIssuer())],
  [
    'memory',
    async () => {
      const clock = createTestClock(START);
      return { clock, keys: createEphemeralKeys({ now: clock, tokenLifetime: () => HOUR }) };
    },
  ],
];

describe.each(SOURCES)('keys of %s, rotated at once', (_source, open) => {
  const countOf = ({ keys }: Opened, kind: KeyKind) =>
    keys.keeper.list().filter((one) => one.kind === kind).length;
  const rotate = ({ keys }: Opened, kind?: KeyKind) => keys.keeper.rotateNow(kind, 0);

  async function fill(opened: Opened): Promise<void> {
    for (let count = countOf(opened, 'ES256'); count < MOST; count += 1) {
      await rotate(opened, 'ES256');
    }
  }

  it('are no more than eight that are published, and the ninth leaves everything as it was', async () => {
    const opened = await open();
    await fill(opened);
    const before = opened.keys.keeper.list();

    for (const kind of ['ES256', undefined] as const) {
      await expect(rotate(opened, kind)).rejects.toMatchObject({ kind: 'many' });
    }

    expect(opened.keys.keeper.list()).toEqual(before);
    expect(countOf(opened, 'ES256')).toBe(MOST);
  });

  it('may be one more for each that is retired', async () => {
    const opened = await open();
    await fill(opened);
    opened.clock.advance(2 * MOST);
    const [first] = opened.keys.keeper.list();
    await opened.keys.keeper.retire(first?.kid ?? 'none');

    await rotate(opened, 'ES256');

    expect(countOf(opened, 'ES256')).toBe(MOST);
    await expect(rotate(opened, 'ES256')).rejects.toMatchObject({ kind: 'many' });
  });

  it('are not held back by those whose tokens have expired, which are known for months', async () => {
    const opened = await open();
    await fill(opened);
    opened.clock.advance(DAY);

    await rotate(opened, 'ES256');

    expect(countOf(opened, 'ES256')).toBe(MOST + 1);
  });
});
