import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Claims } from '../../internal/protocol/claims.ts';
import type { Unavailable } from '../../internal/protocol/errors.ts';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { createYamlBackend } from '../../internal/userinfo/yaml.ts';

const ALICE = toSubject('alice');
const BOB = toSubject('bob');
const BOTH = 'users: [{ sub: alice, name: Alice }, { sub: bob, name: Bob }]';
const ONLY_BOB = 'users: [{ sub: bob, name: Bob }]';
const BROKEN = 'users: [{ sub: alice';

let dir: string;
let file: string;
let time: number;
let loads: number;
let problems: Unavailable[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'asteroid-users-'));
  file = join(dir, 'users.yaml');
  time = 1_800_000_000;
  loads = 0;
  problems = [];
});

afterEach(() => rm(dir, { recursive: true }));

async function loadUsers(): Promise<ReadonlyMap<Subject, Claims>> {
  loads += 1;
  const { users } = parse(await readFile(file, 'utf8')) as { users: { sub: string }[] };
  return new Map(users.map((user) => [toSubject(user.sub), user]));
}

const openBackend = (load = loadUsers) =>
  createYamlBackend({
    file,
    load,
    now: () => time,
    onProblem: (problem) => problems.push(problem),
  });

const UNAVAILABLE = { name: 'Unavailable', dependency: 'userinfo' };

describe('userinfo yaml: loading', () => {
  it('reads nothing before the first question', async () => {
    const backend = openBackend();

    expect(loads).toBe(0);
    await writeFile(file, BOTH);
    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
  });

  it('reads the file once for a hundred questions at once, and for those that follow', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend();

    await Promise.all(Array.from({ length: 100 }, () => backend.find(ALICE, {})));
    await backend.find(BOB, {});

    expect(loads).toBe(1);
  });

  it('counts as remote, so that it is asked before a code is spent, until the file was read', async () => {
    const backend = openBackend();

    await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
    const before = backend.remote;
    await writeFile(file, BOTH);
    await backend.find(ALICE, {});

    expect([before, backend.remote]).toEqual([true, false]);
  });

  it('does not read an unchanged file again, however much time passes', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend();

    await backend.find(ALICE, {});
    time += 3600;
    await backend.find(ALICE, {});

    expect(loads).toBe(1);
  });

  it('is unavailable while there is no file, and answers as soon as there is one', async () => {
    const backend = openBackend();

    const refusal = backend.find(ALICE, {});
    await expect(refusal).rejects.toMatchObject({ ...UNAVAILABLE, cause: { code: 'ENOENT' } });
    await writeFile(file, BOTH);

    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    expect(problems).toEqual([]);
  });

  it('is unavailable while the first file is broken, and answers as soon as it is mended', async () => {
    await writeFile(file, BROKEN);
    const backend = openBackend();

    const refusal = backend.find(ALICE, {});
    await expect(refusal).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { name: 'YAMLParseError' },
    });
    await writeFile(file, BOTH);

    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
  });

  it('reads a broken first file at most once a second, not once per question', async () => {
    await writeFile(file, BROKEN);
    const backend = openBackend();

    for (let question = 0; question < 5; question += 1) {
      await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
    }
    expect(loads).toBe(1);

    time += 1;
    await expect(backend.find(ALICE, {})).rejects.toMatchObject(UNAVAILABLE);
    expect(loads).toBe(2);
  });
});

describe('userinfo yaml: a changed file (UP-12)', () => {
  it('does not know a deleted End-User a second later, and still knows the others', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend();
    await backend.find(ALICE, {});

    await writeFile(file, ONLY_BOB);
    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    time += 1;

    expect(await backend.find(ALICE, {})).toBeUndefined();
    expect(await backend.find(BOB, {})).toEqual({ name: 'Bob' });
  });

  it('notices a deletion when the clock was set back', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend();
    await backend.find(ALICE, {});

    await writeFile(file, ONLY_BOB);
    time -= 3600;

    expect(await backend.find(ALICE, {})).toBeUndefined();
  });

  it('notices a file of the same size that replaced the old one by renaming', async () => {
    await writeFile(file, 'users: [{ sub: alice }]');
    const backend = openBackend();
    await backend.find(ALICE, {});

    await writeFile(join(dir, 'next'), 'users: [{ sub: carol }]');
    await rename(join(dir, 'next'), file);
    time += 1;

    expect(await backend.find(ALICE, {})).toBeUndefined();
    expect(await backend.find(toSubject('carol'), {})).toEqual({});
  });

  it('notices the swapped directory link of a Kubernetes ConfigMap, again and again', async () => {
    const versions = [BOTH, ONLY_BOB, BOTH, ONLY_BOB];
    for (const [index, text] of versions.entries()) {
      await mkdir(join(dir, `v${index}`));
      await writeFile(join(dir, `v${index}`, 'users.yaml'), text);
    }
    await symlink('v0', join(dir, '..data'));
    await symlink(join('..data', 'users.yaml'), file);
    const backend = openBackend();
    const known = [(await backend.find(ALICE, {})) !== undefined];

    for (const index of [1, 2, 3]) {
      await symlink(`v${index}`, join(dir, '..next'));
      await rename(join(dir, '..next'), join(dir, '..data'));
      time += 1;
      known.push((await backend.find(ALICE, {})) !== undefined);
    }

    expect(known).toEqual([true, false, true, false]);
  });

  it('does not take half of a file that is just being written', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend(async () => {
      const users = await loadUsers();
      if (loads === 2) await writeFile(file, `${BOTH} # the rest of it`);
      return users;
    });
    await backend.find(ALICE, {});

    await writeFile(file, ONLY_BOB);
    time += 1;

    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    expect(problems.map(({ cause }) => String(cause))).toEqual([
      `Error: ${file}: changed while it was read`,
    ]);
    time += 1;
    expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    expect(loads).toBe(3);
  });
});

describe('userinfo yaml: a changed file that is unusable', () => {
  it('keeps the End-Users of before, reports once, and takes the mended file', async () => {
    await writeFile(file, BOTH);
    const backend = openBackend();
    await backend.find(ALICE, {});

    await writeFile(file, BROKEN);
    for (let second = 0; second < 30; second += 1) {
      time += 1;
      expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    }
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ ...UNAVAILABLE, cause: { name: 'YAMLParseError' } });
    expect(loads).toBe(4);

    await writeFile(file, ONLY_BOB);
    time += 1;
    expect(await backend.find(ALICE, {})).toBeUndefined();
  });

  it('keeps the End-Users of a file that is gone, and reports it again when it goes again', async () => {
    await writeFile(join(dir, 'real'), BOTH);
    await symlink('real', file);
    const backend = openBackend();
    await backend.find(ALICE, {});

    for (const missing of [true, false, true]) {
      if (missing) await rm(file);
      else await symlink('real', file);
      time += 1;
      expect(await backend.find(ALICE, {})).toEqual({ name: 'Alice' });
    }

    expect(problems.map(({ cause }) => Reflect.get(cause as object, 'code'))).toEqual([
      'ENOENT',
      'ENOENT',
    ]);
  });
});

describe('userinfo yaml: listing', () => {
  it('lists the End-Users in the order of the file by the best name they have', async () => {
    await writeFile(
      file,
      'users: [{ sub: z, name: Zoë }, { sub: b, preferred_username: bobby }, { sub: a, name: 7 }]',
    );

    expect(await openBackend().listUsers()).toEqual([
      { subject: 'z', name: 'Zoë', claims: { name: 'Zoë' } },
      { subject: 'b', name: 'bobby', claims: { preferred_username: 'bobby' } },
      { subject: 'a', name: 'a', claims: { name: 7 } },
    ]);
  });

  it('is unavailable when the file is', async () => {
    await expect(openBackend().listUsers()).rejects.toMatchObject(UNAVAILABLE);
  });
});
