import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createDirectoryPlace } from '../../cmd/asteroid/key-place.ts';
import {
  type KeysAction,
  keysCommand,
  keysGenerate,
  keysList,
  keysRemove,
  keysRotate,
  printEvent,
} from '../../cmd/asteroid/keys.ts';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { KEY_KINDS } from '../../internal/keys/filename.ts';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import {
  DAY,
  HOUR,
  newDirectory,
  openDirectory,
  putKey,
  removeDirectories,
  START,
} from '../support/keys.ts';

afterEach(removeDirectories);

async function run(dir: string, action: KeysAction): Promise<readonly string[]> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const report = (event: KeyEvent) => printEvent(event, print);
  const place = createDirectoryPlace(dir, { now: START, tokenLifetime: HOUR, report });
  await keysCommand(action, place, print);
  return lines;
}

/** Rows of the table without the key id. */
const rowsOf = (lines: readonly string[]) =>
  lines
    .slice(lines.findIndex((line) => line.startsWith('KID')) + 1)
    .map((line) => line.split(/ +/).slice(1).join(' '));

describe('asteroid keys list', () => {
  it('prints every key with its state, since when and until when', async () => {
    const dir = newDirectory();
    for (const from of [-10 * DAY, -60, DAY]) putKey(dir, 'ES256', START + from);

    const lines = await run(dir, { kind: 'list' });

    expect(lines[0]).toMatch(/^KID +ALG +STATE +FROM +UNTIL +FILE$/);
    expect(rowsOf(lines)).toEqual([
      'ES256 published 2027-01-05T08:00:00Z 2027-01-15T08:59:00Z 20270105T080000Z.ES256.pem',
      'ES256 signing 2027-01-15T07:59:00Z 2027-01-16T08:00:00Z 20270115T075900Z.ES256.pem',
      'ES256 next 2027-01-16T08:00:00Z 2027-01-16T08:00:00Z 20270116T080000Z.ES256.pem',
    ]);
  });

  it('prints the kid that the issuer publishes', async () => {
    const dir = newDirectory();
    const { keys } = await openDirectory(dir);

    const lines = await run(dir, { kind: 'list' });

    expect(lines[1]?.split(' ')[0]).toBe(keys.publicKeys()[0]?.kid);
  });

  it('says so of a directory without keys, and refuses one that is not there', async () => {
    const dir = newDirectory();

    expect((await run(dir, { kind: 'list' })).at(-1)).toBe(`no keys in ${dir}`);
    await expect(run(join(dir, 'nowhere'), { kind: 'list' })).rejects.toThrow(KeyConfigError);
  });
});

describe('asteroid keys generate', () => {
  it('writes a key that signs at once, and makes the directory', async () => {
    const dir = join(newDirectory(), 'keys');

    const lines = await run(dir, { kind: 'generate', key: 'ES256', activeFrom: START });

    expect(readdirSync(dir)).toEqual(['20270115T080000Z.ES256.pem']);
    expect(lines[0]).toBe(
      `wrote ${dir}/20270115T080000Z.ES256.pem, signing from 2027-01-15T08:00:00Z`,
    );
    const { keys } = await openDirectory(dir);
    expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
  });

  it('writes a key for later, of each kind', async () => {
    const dir = newDirectory();

    for (const key of KEY_KINDS) await run(dir, { kind: 'generate', key, activeFrom: START + DAY });

    expect(readdirSync(dir).sort()).toEqual([
      '20270116T080000Z.ES256.pem',
      '20270116T080000Z.ES384.pem',
      '20270116T080000Z.ES512.pem',
      '20270116T080000Z.EdDSA.pem',
      '20270116T080000Z.PS256.pem',
      '20270116T080000Z.RS256.pem',
      '20270116T080000Z.seal.key',
    ]);
  });

  it('never replaces a key: a second one of the same second comes a second later', async () => {
    const dir = newDirectory();
    const action = { kind: 'generate', key: 'ES256', activeFrom: START } as const;

    await run(dir, action);
    await run(dir, action);

    expect(readdirSync(dir).sort()).toEqual([
      '20270115T080000Z.ES256.pem',
      '20270115T080001Z.ES256.pem',
    ]);
  });

  it('adds nothing to a directory with a damaged key', async () => {
    const dir = newDirectory();
    putKey(dir, 'ES256', START, '');

    await expect(run(dir, { kind: 'generate', key: 'ES256', activeFrom: START })).rejects.toThrow(
      'is empty',
    );

    expect(readdirSync(dir)).toHaveLength(1);
  });
});

describe('asteroid keys rotate', () => {
  const ROTATE = { kind: 'rotate', publishAhead: 600, now: START } as const;

  it('writes a successor to every key, and twice is not two', async () => {
    const dir = newDirectory();
    await openDirectory(dir);

    await run(dir, ROTATE);
    const lines = await run(dir, ROTATE);

    expect(rowsOf(lines).map((row) => row.split(' ').slice(0, 3).join(' '))).toEqual([
      'ES256 signing 2027-01-15T08:00:00Z',
      'ES256 next 2027-01-15T08:10:00Z',
      'seal signing 2027-01-15T08:00:00Z',
      'seal next 2027-01-15T08:10:00Z',
    ]);
  });

  it('is picked up by a running issuer, which keeps what was signed before', async () => {
    const dir = newDirectory();
    const { keys, clock } = await openDirectory(dir);
    const token = await keys.sign('ES256', 'JWT', {});
    const first = keys.publicKeys()[0]?.kid;

    await run(dir, ROTATE);
    await keys.reload();
    clock.advance(600);

    expect(keys.publicKeys()[0]?.kid).not.toBe(first);
    expect(await keys.verify(token)).toBeDefined();
  });

  it('removes what has been retired for 90 days, and says so', async () => {
    const dir = newDirectory();
    const old = putKey(dir, 'ES256', START - 200 * DAY);
    putKey(dir, 'ES256', START - 100 * DAY);

    const lines = await run(dir, ROTATE);

    expect(lines).toContain(`removed ${old}, needed by nobody any more`);
    expect(readdirSync(dir)).toHaveLength(2);
  });
});

describe('asteroid keys: options', () => {
  it('are refused with 2 before anything is written', async () => {
    const dir = join(newDirectory(), 'keys');

    const codes = await Promise.all([
      keysGenerate({ dir, alg: 'HS256' }),
      keysGenerate({ dir, alg: 'ES256', activate: 'tomorrow' }),
      keysGenerate({ dir, alg: 'ES256', activate: '2026-02-30T00:00:00Z' }),
      keysGenerate({ dir, alg: 'ES256', activate: '2026-12-01' }),
      keysRotate({ dir, publishAhead: '10' }),
      keysRotate({ dir, publishAhead: '0s' }),
      keysRotate({ dir, publishAhead: '1ms' }),
      keysList({}),
      keysList({ dir, config: ['asteroid.yaml'] }),
      keysRemove('a-kid', { dir }),
    ]);

    expect(new Set(codes)).toEqual(new Set([2]));
    await expect(keysList({ dir })).rejects.toThrow(KeyConfigError);
  });

  it('lead to 0 when they are sound', async () => {
    const dir = newDirectory();

    expect(await keysGenerate({ dir, alg: 'ES256', activate: '2026-01-01T00:00:00Z' })).toBe(0);
    expect(await keysRotate({ dir, publishAhead: '10m' })).toBe(0);
    expect(await keysList({ dir })).toBe(0);
    expect(readdirSync(dir)).toHaveLength(2);
  });
});
