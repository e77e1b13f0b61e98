// Files as Kubernetes mounts them, certificates as they are renewed, and many reloads: from outside.

import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { until } from '../support/until.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  honest,
  refresh,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
} from './threats.fixture.ts';

const clientOf = (id: string): Metadata => ({
  client_id: id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
});
const APPS = ['app', 'second', 'third'].map(clientOf);

const reloads = (program: Program) => program.logged().filter(({ msg }) => msg === 'reloaded');
const errors = (program: Program) => program.logged().filter(({ level }) => level === 'error');
const knows = async (program: Program, id: string): Promise<boolean> =>
  codeOf(await ask(program.public, [authorize({ client_id: id }), HOST, SECRET, ALICE])) !==
  undefined;

async function rewrite({ folder }: Program, sections: Metadata): Promise<void> {
  const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...before, ...sections }));
}

/** A volume as the kubelet makes it: each file a link through `..data`, which is all that is swapped. */
async function createVolume(program: Program, name: string) {
  const { file } = program.folder;
  let version = 0;
  await mkdir(file(name));
  const swap = async (files: Readonly<Record<string, string>>): Promise<void> => {
    const before = version;
    version += 1;
    const folder = `..2026_${version}`;
    await mkdir(file(`${name}/${folder}`));
    for (const [key, text] of Object.entries(files)) {
      await writeFile(file(`${name}/${folder}/${key}`), text, { mode: 0o600 });
    }
    await symlink(folder, file(`${name}/..data_tmp`));
    await rename(file(`${name}/..data_tmp`), file(`${name}/..data`));
    if (before > 0) await rm(file(`${name}/..2026_${before}`), { recursive: true });
    else
      for (const key of Object.keys(files)) {
        await symlink(path(key), file(`${name}/${key}`));
      }
  };
  return { swap };
}
const path = (key: string): string => `..data/${key}`;

const SERVERS = createAuthority('servers');

describe('a ConfigMap and a Secret, mounted as Kubernetes mounts them', () => {
  it('are taken with each swap, all their files together', { timeout: 60_000 }, async () => {
    const program = await startProgram({ clients: APPS });
    const config = await createVolume(program, 'config');
    const secrets = await createVolume(program, 'secrets');
    const put = (ids: readonly string[]) =>
      config.swap({
        // The list of clients is one half of what is said, its number the other.
        'clients.yaml': JSON.stringify({
          clients: ids.map(clientOf),
          clients_count: ids.length,
        }),
      });
    await put(['app', 'second']);
    await secrets.swap({ proxy: `${UPSTREAM_SECRET}\n` });
    await rewrite(program, {
      clients: { file: 'config/clients.yaml' },
      upstream: { trust: { secret: { files: ['secrets/proxy'] } } },
    });
    await until(() => reloads(program).length > 0);
    const before = reloads(program).length;

    for (const round of [1, 2, 3]) {
      await put(['app', `new-${round}`]);
      await until(() => knows(program, `new-${round}`));
    }
    const next = 'the-secret-after-the-rotation-9876543210';
    await secrets.swap({ proxy: `${next}\n` });
    await until(() => reloads(program).length >= before + 4);

    const rotated = unproven(`X-Asteroid-Upstream-Secret: ${next}`, ALICE);
    expect(await attempt(program, rotated)).toEqual(SIGNED_IN);
    expect(reloads(program).length - before).toBe(4);
    expect(errors(program)).toEqual([]);
  });
});

describe('the certificate of a listener', () => {
  const listening = { public: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } } };
  const shown = async (program: Program): Promise<string> => {
    const port = 'port' in program.public ? program.public.port : 0;
    const socket = connect({ port, ca: SERVERS.cert, servername: 'sso.example' });
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const issue = () => SERVERS.issue({ dns: ['sso.example'] });

  it('is renewed when its files are, and half of a renewal is refused with its line', async () => {
    const [first, second] = [issue(), issue()];
    const program = await startProgram({
      config: { listen: { ...listening, admin: { port: 0 } } },
      files: { 'tls.crt': first.cert, 'tls.key': first.key },
    });
    const before = await shown(program);

    await program.folder.write('tls.crt', second.cert);
    await until(() => /asteroid\.yaml:\d+: listen\.public\.tls\.key_file/.test(program.logText()));
    expect(await shown(program)).toBe(before);
    await program.folder.write('tls.key', second.key);
    await until(async () => (await shown(program)) !== before);

    expect(reloads(program).at(-1)).toMatchObject({
      files_changed: ['listen.public.tls.cert_file', 'listen.public.tls.key_file'],
      restart_needed: [],
    });
    expect(program.logText()).not.toContain('PRIVATE KEY');
  });
});

/** What of this process is open, by its kind. */
const openNow = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

describe('many reloads', () => {
  it('of everything leave as much open as one, and lose no request', {
    timeout: 120_000,
  }, async () => {
    const program = await startProgram({ clients: APPS, config: { log: { level: 'error' } } });
    const variants: readonly Metadata[] = [0, 1].map((odd) => ({
      userinfo: { backends: [{ type: 'headers' }, ...(odd ? [USERS] : [])] },
      upstream: {
        trust: { secret: { files: ['upstream'] } },
        subject: { deny: odd ? ['root'] : ['nobody'] },
      },
      outbound: { allow_private: odd ? ['10.1.0.0/16'] : [] },
      lifetimes: { access_token: odd ? '7m' : '8m' },
    }));
    const texts = await Promise.all(
      variants.map(async (sections) => {
        const base = JSON.parse(await readFile(program.folder.configFile, 'utf8'));
        return JSON.stringify({ ...base, ...sections });
      }),
    );
    const reloadTimes = async (times: number): Promise<void> => {
      for (let count = 0; count < times; count += 1) {
        await program.folder.write('asteroid.yaml', texts[count % 2] ?? '');
        await program.reload();
      }
    };
    await reloadTimes(10);
    const before = openNow();
    const listeners = process.listenerCount('SIGHUP');

    let isOver = false;
    const seen = new Set<string>();
    const asking = async (): Promise<void> => {
      let { refresh_token } = await signIn(program);
      while (!isOver) {
        const { status, body } = await refresh(program.public, refresh_token);
        seen.add(String(status));
        refresh_token = JSON.parse(body).refresh_token;
        seen.add((await attempt(program, honest())).subject === 'alice' ? 'alice' : 'nobody');
      }
    };
    const clients = [asking(), asking()];
    await reloadTimes(90);
    isOver = true;
    await Promise.all(clients);

    expect(seen).toEqual(new Set(['200', 'alice']));
    expect(process.listenerCount('SIGHUP')).toBe(listeners);
    await expect
      .poll(
        () => {
          const after = openNow();
          // Sockets of this test's own clients come and go.
          return Object.keys(after).filter((kind) => (after[kind] ?? 0) > (before[kind] ?? 0) + 2);
        },
        { timeout: 30_000 },
      )
      .toEqual([]);
    expect(errors(program)).toEqual([]);
  });
});

const USERS = { type: 'yaml', file: 'users.yaml' };
