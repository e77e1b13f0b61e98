import { spawn } from 'node:child_process';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  DAY,
  HOUR,
  newDirectory,
  openDirectory,
  putKey,
  removeDirectories,
  START,
} from '../support/keys.ts';

const made: string[] = [];

function directory(): string {
  const dir = newDirectory();
  made.push(dir);
  return dir;
}

afterEach(() => {
  for (const dir of made.splice(0)) chmodSync(dir, 0o700);
  removeDirectories();
});

/** What a child finds out: it opens `dir` and evaluates `body` with `keys` and `events` at hand. */
const PROGRAM = `
  import { openFileKeys } from './internal/keys/file/file.ts';
  const [dir, options, body, isUnprivileged] = process.argv.slice(1);
  // Modes mean nothing to root.
  if (isUnprivileged === 'true' && process.getuid() === 0) {
    process.setgroups([]);
    process.setgid(65534);
    process.setuid(65534);
  }
  const events = [];
  const report = (event) => events.push({ ...event, error: event.error?.message });
  const terms = { dir, now: () => ${START}, tokenLifetime: () => 3600, publishAhead: 600, report };
  const answer = {};
  const failed = (error) => ({ name: error.name, message: error.message, of: error.dependency });
  try {
    const keys = await openFileKeys({ ...terms, ...JSON.parse(options) });
    answer.result = await new Function('keys', 'events', 'return (async () => {' + body + '})()')(keys, events);
    answer.published = keys.publicKeys();
    await keys.close();
  } catch (error) {
    answer.error = failed(error);
  }
  console.log(JSON.stringify({ ...answer, events }));
`;

type Answer = {
  readonly result?: unknown;
  readonly published?: readonly object[];
  readonly error?: { readonly name: string; readonly message: string; readonly of?: string };
  readonly events: readonly { readonly type: string; readonly error?: string }[];
};

type ChildOptions = {
  readonly body?: string;
  readonly options?: object;
  readonly isUnprivileged?: boolean;
  /** A shell command before it, such as a limit. */
  readonly before?: string;
};

/** A process of its own, without a cache of compiled sources, which it might not be able to write. */
function inChild(dir: string, child: ChildOptions = {}): Promise<Answer> {
  const { body = '', options = {}, isUnprivileged = false, before = ':' } = child;
  const node = ['--import', 'tsx', '--input-type=module', '-e', PROGRAM, '--'];
  const args = [...node, dir, JSON.stringify(options), body, String(isUnprivileged)];
  const command = spawn('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, ...args], {
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let problems = '';
  command.stdout.on('data', (data: Buffer) => (output += data.toString()));
  command.stderr.on('data', (data: Buffer) => (problems += data.toString()));
  return new Promise((resolve, reject) => {
    command.on('close', (code) => {
      if (code === 0 && output !== '') resolve(JSON.parse(output) as Answer);
      else reject(new Error(`exit code ${code}: ${problems}`));
    });
  });
}

const unprivileged = (dir: string, child: ChildOptions = {}) =>
  inChild(dir, { ...child, isUnprivileged: true });

/** Readable by everybody and writable by nobody, as a mounted Secret is. */
function makeReadOnly(dir: string): void {
  for (const name of readdirSync(dir)) chmodSync(`${dir}/${name}`, 0o444);
  chmodSync(dir, 0o555);
}

describe('several processes', () => {
  it('that start at once on an empty directory agree on one set of keys (F-31, JW-5)', async () => {
    const dir = directory();

    const answers = await Promise.all(Array.from({ length: 4 }, () => inChild(dir)));

    expect(readdirSync(dir)).toHaveLength(2);
    expect(new Set(answers.map(({ published }) => JSON.stringify(published))).size).toBe(1);
    const created = answers.flatMap(({ events }) => events.filter((e) => e.type === 'key.created'));
    expect(created).toHaveLength(2);
  });

  it('that need the first RSA key at once make one', async () => {
    const dir = directory();
    const body = "await keys.sign('RS256', 'JWT', {})";

    const answers = await Promise.all(Array.from({ length: 3 }, () => inChild(dir, { body })));

    expect(readdirSync(dir)).toHaveLength(3);
    expect(answers.map(({ published }) => published?.length)).toEqual([2, 2, 2]);
  });

  it('sign for each other: one verifies and opens what another one made', async () => {
    const dir = directory();
    const { keys } = await openDirectory(dir);
    const body = "return [await keys.sign('ES256', 'JWT', { sub: 'alice' }), keys.seal('a', 'b')]";

    const [token, sealed] = (await inChild(dir, { body })).result as [string, string];

    expect((await keys.verify(token))?.claims).toEqual({ sub: 'alice' });
    expect(keys.unseal('a', sealed)).toBe('b');
  });
});

describe('a directory that cannot be written to', () => {
  it('is refused when it is empty, saying what to do', async () => {
    const dir = directory();
    makeReadOnly(dir);

    const { error } = await unprivileged(dir);

    expect(error).toMatchObject({ name: 'KeyConfigError' });
    expect(error?.message).toContain(`${dir}: holds no ES256 key and none can be written (EACCES)`);
    expect(error?.message).toContain('asteroid keys generate');
  });

  it('is enough with an ES256 key in it: replicas derive the same sealing key', async () => {
    const dir = directory();
    putKey(dir, 'ES256', START - HOUR);
    makeReadOnly(dir);
    const body = "return [await keys.sign('ES256', 'JWT', {}), keys.seal('a', 'b')]";

    const { result, events, published } = await unprivileged(dir, { body });
    const [, sealed] = result as [string, string];
    const second = await unprivileged(dir, { body: `return keys.unseal('a', '${sealed}')` });

    expect(published).toHaveLength(1);
    expect(second.result).toBe('b');
    expect(events.map(({ type }) => type)).toContain('keys.not_writable');
  });

  it('answers the first need of an RSA key with Unavailable, and signs on with ES256', async () => {
    const dir = directory();
    putKey(dir, 'ES256', START - HOUR);
    makeReadOnly(dir);
    const body = `
      const refused = await keys.sign('RS256', 'JWT', {}).catch((error) => ({ name: error.name, of: error.dependency, message: error.message }));
      return [refused, await keys.sign('ES256', 'JWT', {})];`;

    const [refused, token] = (await unprivileged(dir, { body })).result as [object, string];

    expect(refused).toMatchObject({ name: 'Unavailable', of: 'keys' });
    expect(refused).toMatchObject({ message: expect.stringContaining('RS256 key (EACCES)') });
    expect(token.split('.')).toHaveLength(3);
  });

  it('keeps the signing key when rotation is due, and reports that it failed (F-26)', async () => {
    const dir = directory();
    putKey(dir, 'ES256', START - 30 * DAY);
    makeReadOnly(dir);
    const body = `
      while (!events.some(({ type }) => type === 'keys.rotation_failed')) await new Promise((r) => setTimeout(r, 20));
      return keys.verify(await keys.sign('ES256', 'JWT', {}));`;

    const options = { rotateEvery: DAY, publishAhead: 1 };
    const { result, published } = await unprivileged(dir, { body, options });

    expect(result).toMatchObject({ typ: 'JWT' });
    expect(published).toHaveLength(1);
  });

  it('is refused with a key file that this user may not read, naming it', async () => {
    const dir = directory();
    const path = putKey(dir, 'ES256', START);
    chmodSync(dir, 0o755);
    chmodSync(path, 0o000);

    const { error } = await unprivileged(dir);

    expect(error).toEqual({
      name: 'KeyConfigError',
      message: `${path}: cannot be read by this user (EACCES)`,
    });
  });
});

describe('a disk that is full (F-26)', () => {
  const before = 'ulimit -f 0';

  it('ends a first start, and leaves no half of a key', async () => {
    const dir = directory();

    const { error } = await inChild(dir, { before });

    expect(error?.name).toBe('KeyConfigError');
    expect(error?.message).toContain('none can be written (EFBIG)');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('fails the first RSA key and no other signature, and recovers by itself', async () => {
    const dir = directory();
    await openDirectory(dir);
    const body = `
      const refused = await keys.sign('RS256', 'JWT', {}).catch((error) => error.name);
      return [refused, await keys.sign('ES256', 'JWT', {})];`;

    // Room for the lock, not for 1.7 kB of RSA key.
    const full = await inChild(dir, { before: 'ulimit -f 1', body });
    const [refused, token] = full.result as [string, string];

    expect(refused).toBe('Unavailable');
    expect(token.split('.')).toHaveLength(3);
    expect(readdirSync(dir)).toHaveLength(2);
    const { keys } = await openDirectory(dir);
    expect(await keys.verify(await keys.sign('RS256', 'JWT', {}))).toBeDefined();
  });

  it('keeps the signing key when rotation is due, and leaves no half of a key', async () => {
    const dir = directory();
    const [name = ''] = [putKey(dir, 'ES256', START - 30 * DAY)];
    putKey(dir, 'seal', START - DAY, Buffer.alloc(32, 7).toString('base64url'));
    const body = `
      while (!events.some(({ type }) => type === 'keys.rotation_failed')) await new Promise((r) => setTimeout(r, 20));
      return keys.verify(await keys.sign('ES256', 'JWT', {}));`;

    const options = { rotateEvery: DAY, publishAhead: 1 };
    const { result } = await inChild(dir, { before, body, options });

    expect(result).toMatchObject({ typ: 'JWT' });
    expect(readdirSync(dir)).toHaveLength(2);
    rmSync(name);
  });
});
