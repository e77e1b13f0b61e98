import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStorePlace } from '../../cmd/asteroid/key-place.ts';
import { type KeysAction, keysCommand, printEvent } from '../../cmd/asteroid/keys.ts';
import type { KeyEvent } from '../../internal/keys/events.ts';
import { KeyConfigError } from '../../internal/keys/key-config-error.ts';
import { findFreePort } from '../support/free-port.ts';
import { DAY, HOUR, START } from '../support/keys.ts';
import { type Metadata, makeFolder, runProgram, UPSTREAM_SECRET } from '../support/program.ts';
import { type KeyHouse, SECRET, startKeyHouse } from '../support/stored-keys.ts';

let house: KeyHouse;

beforeAll(async () => {
  house = await startKeyHouse();
});
afterAll(() => house.stop());

async function run(issuer: string, action: KeysAction, now = START): Promise<readonly string[]> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const report = (event: KeyEvent) => printEvent(event, print);
  const shelf = await house.openShelf(issuer);
  const terms = { shelf, issuer, secrets: [SECRET], now, tokenLifetime: HOUR, report };
  const place = createStorePlace(terms);
  try {
    await keysCommand(action, place, print);
    return lines;
  } finally {
    await place.close();
  }
}

/** Rows of the table without the key id. */
const rowsOf = (lines: readonly string[]) =>
  lines
    .slice(lines.findIndex((line) => line.startsWith('KID')) + 1)
    .map((line) => line.split(/ +/).slice(1).join(' '));

const LIST = { kind: 'list' } as const;
const GENERATE = { kind: 'generate', key: 'ES256', activeFrom: START + 60 } as const;
const ROTATE = { kind: 'rotate', publishAhead: 600, now: START } as const;

describe('asteroid keys with keys.source: store', () => {
  it('lists the keys by the kid that is published, without files', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);

    const lines = await run(issuer, LIST);

    expect(lines[0]).toMatch(/^KID +ALG +STATE +FROM +UNTIL$/);
    expect(lines[1]?.split(' ')[0]).toBe(keys.publicKeys()[0]?.kid);
    expect(rowsOf(lines)).toEqual([
      'ES256 signing 2027-01-15T08:00:00Z -',
      'seal signing 2027-01-15T08:00:00Z -',
    ]);
    expect((await run(house.newIssuer(), LIST)).at(-1)).toBe('no keys in the store');
  });

  it('generates a key that a running issuer takes over, also ahead of the first start', async () => {
    const issuer = house.newIssuer();

    const lines = await run(issuer, { ...GENERATE, key: 'RS256' });
    const { keys } = await house.open(issuer);
    await run(issuer, GENERATE);
    await run(issuer, GENERATE);
    await keys.reload();

    expect(lines[0]).toMatch(/^made [\w-]{43} \(RS256\), signing from 2027-01-15T08:01:00Z$/);
    expect(keys.publicKeys().map(({ alg }) => alg)).toEqual(['ES256', 'ES256', 'ES256', 'RS256']);
    expect(rowsOf(await run(issuer, LIST))).toContain(
      'ES256 next 2027-01-15T08:01:01Z 2027-01-15T08:01:01Z',
    );
  });

  it('rotates once for one next key, and keeps what was signed before', async () => {
    const issuer = house.newIssuer();
    const { keys, clock } = await house.open(issuer);
    const token = await keys.sign('ES256', 'JWT', {});

    await run(issuer, ROTATE);
    const lines = await run(issuer, ROTATE);
    await keys.reload();
    clock.advance(600);

    expect(rowsOf(lines)).toHaveLength(4);
    expect(keys.publicKeys()).toHaveLength(2);
    expect(await keys.verify(token)).toBeDefined();
  });

  it('takes out at a rotation what has been retired for 90 days', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    const old = keys.publicKeys()[0]?.kid;
    await keys.close();
    await run(issuer, { ...GENERATE, activeFrom: START + DAY });

    const lines = await run(issuer, { ...ROTATE, now: START + 91 * DAY }, START + 91 * DAY);

    expect(lines).toContain(`removed ${old}, needed by nobody any more`);
  });

  it('removes a key that leaked, at every replica and for ever', async () => {
    const issuer = house.newIssuer();
    const [a, b] = [await house.open(issuer), await house.open(issuer)];
    const forged = await a.keys.sign('ES256', 'JWT', { sub: 'admin' });
    const leaked = a.keys.publicKeys()[0]?.kid ?? '';
    await run(issuer, { ...GENERATE, activeFrom: START });

    const lines = await run(issuer, { kind: 'remove', kid: leaked });
    for (const { keys } of [a, b]) await keys.reload();
    await house.empty(issuer);
    for (const { keys } of [b, a]) await keys.reload();

    expect(lines[0]).toBe(`removed ${leaked} for ever, with whatever it signed`);
    const fresh = await house.open(issuer);
    for (const { keys } of [a, b, fresh]) {
      expect(await keys.verify(forged)).toBeUndefined();
      expect(keys.publicKeys().map(({ kid }) => kid)).not.toContain(leaked);
      expect(await keys.verify(await keys.sign('ES256', 'JWT', {}))).toBeDefined();
    }
  });

  it('removes no key that is not there, and not the last one of its kind', async () => {
    const issuer = house.newIssuer();
    const { keys } = await house.open(issuer);
    const before = await house.text(issuer);
    const kid = keys.publicKeys()[0]?.kid ?? '';

    await expect(run(issuer, { kind: 'remove', kid: 'nobody' })).rejects.toThrow(KeyConfigError);
    await expect(run(issuer, { kind: 'remove', kid })).rejects.toThrow(/is the last ES256 key/);

    expect(await house.text(issuer)).toBe(before);
  });

  it('changes nothing in a content that does not open', async () => {
    const issuer = house.newIssuer();
    await house.put(issuer, 'damaged');

    for (const action of [LIST, GENERATE, ROTATE])
      await expect(run(issuer, action)).rejects.toThrow(/are damaged/);

    expect(await house.text(issuer)).toBe('damaged');
  });
});

describe('asteroid keys --config', () => {
  const folderOf = (url: string, keys: Metadata = { source: 'store', secret_file: 'seal' }) =>
    makeFolder({
      config: { keys, store: { driver: 'redis', redis: { url } } },
      files: { seal: `${SECRET}\n` },
    });
  const keys = (...args: readonly string[]) => runProgram(['keys', ...args]);

  it('works on the keys that the configuration names, in the store and in a directory', async () => {
    const inStore = ['--config', (await folderOf(house.server.url)).configFile];
    const dir = ['--config', (await folderOf(house.server.url, { source: 'file' })).configFile];

    const made = await keys('generate', ...inStore, '--alg', 'EdDSA');
    const listed = await keys('list', ...inStore);
    const refused = await keys(
      'remove',
      listed.stdout.split('\n')[1]?.split(' ')[0] ?? '',
      ...inStore,
    );
    const file = await keys('remove', 'a-kid', ...dir);
    const unknown = await keys('remove', '-h-is-a-kid-too', ...inStore);

    expect([made, listed, refused, file, unknown].map(({ code }) => code)).toEqual([
      0, 0, 78, 2, 78,
    ]);
    expect(unknown.stderr).toContain('no key of the store has the kid -h-is-a-kid-too');
    expect(listed.stdout).toMatch(/^[\w-]{43} +EdDSA +signing/m);
    expect(refused.stderr).toContain('is the last EdDSA key');
    expect(file.stderr).toMatch(/delete the file of the key in .*keys instead/);
  });

  it('publishes ahead for as long as the configuration says', async () => {
    const place = { source: 'store', secret_file: 'seal', publish_ahead: '2h' };
    const folder = await folderOf(`${house.server.url}/1`, place);
    const config = ['--config', folder.configFile];
    await keys('generate', ...config);

    const { stdout } = await keys('rotate', ...config);

    const [, from = ''] = /ES256 +next +(\S+)/.exec(stdout) ?? [];
    const ahead = Date.parse(from) / 1000 - Date.now() / 1000;
    expect(ahead).toBeGreaterThan(HOUR);
    expect(ahead).toBeLessThanOrEqual(2 * HOUR);
  });

  it('says what is in the way: a Redis that is away, a secret that is too short, no keys to look after', async () => {
    const away = await folderOf(`redis://127.0.0.1:${await findFreePort()}`);
    const short = await folderOf(house.server.url);
    await short.write('seal', 'short');
    const ephemeral = await folderOf(house.server.url, { source: 'ephemeral' });

    const answers = await Promise.all(
      [away, short, ephemeral].map(({ configFile }) => keys('list', '--config', configFile)),
    );

    expect(answers.map(({ code }) => code)).toEqual([1, 78, 78]);
    expect(answers[0]?.stderr).toContain('did not answer');
    expect(answers[1]?.stderr).toMatch(/asteroid\.yaml:1: keys\.secret_file: .* shorter than 32/);
    expect(answers[2]?.stderr).toContain('ephemeral');
    for (const { stderr } of answers) {
      expect(stderr).not.toContain(SECRET.toString());
      expect(stderr).not.toContain(UPSTREAM_SECRET);
    }
  });
});
