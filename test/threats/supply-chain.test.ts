import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/program.ts';
import { ask, refresh, signIn } from './threats.fixture.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

type Package = {
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly link?: boolean;
};

const packages = (): readonly (readonly [string, Package])[] => {
  const lock: { readonly packages: Readonly<Record<string, Package>> } = JSON.parse(
    read('package-lock.json'),
  );
  return Object.entries(lock.packages).filter(([name]) => name !== '');
};

describe('packages (DO-9)', () => {
  it('are pinned by their content, every one of them', () => {
    expect(packages().length).toBeGreaterThan(100);
    for (const [name, { integrity, link }] of packages()) {
      expect(integrity, name).toMatch(/^sha512-/);
      expect(link, name).toBeUndefined();
    }
  });

  it('are named with one exact version each', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));

    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('run nothing while they are installed, but for the one that is allowed to and does not ship', () => {
    const running = packages().filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const { allowScripts } = JSON.parse(read('package.json'));

    expect(running.map(([name]) => name.replace(/^node_modules\//, ''))).toEqual(
      Object.keys(allowScripts),
    );
    expect(running.every(([, { dev }]) => dev === true)).toBe(true);
  });
});

describe('the image (DO-9)', () => {
  const dockerfile = read('Dockerfile');
  const last = dockerfile.split(/^FROM .*$/m).at(-1) ?? '';

  it('runs as a number that is nobody, without a shell, and is asked whether it is healthy', () => {
    expect(last).toMatch(/^USER [1-9]\d{3,}:[1-9]\d{3,}$/m);
    expect(last).toMatch(/^ENTRYPOINT \["\/nodejs\/bin\/node"/m);
    expect(last).toMatch(/^HEALTHCHECK .*CMD \["/m);
  });

  it('is given nothing to write to, and no package manager', () => {
    expect(last).not.toMatch(/^(?:VOLUME|RUN|ADD)\b/m);
    expect(last).not.toMatch(/--chown(?!=0:0 )/);
  });
});

describe('the network (DO-9)', () => {
  it('is not needed: a whole sign-in opens no connection but those of its clients', async () => {
    const program = await startProgram();
    const { public: target } = program;
    const ports: unknown[] = [];
    const onSocket = (message: unknown): void => {
      const { socket } = message as { readonly socket: Socket };
      socket.once('connect', () => ports.push(socket.remotePort));
    };
    subscribe('net.client.socket', onSocket);
    const tokens = await signIn(program);
    await refresh(target, tokens.refresh_token);
    await ask(target, [
      'GET /userinfo HTTP/1.1',
      'Host: sso.example',
      `Authorization: Bearer ${tokens.access_token}`,
    ]);
    unsubscribe('net.client.socket', onSocket);

    expect(ports).toHaveLength(4);
    expect(new Set(ports)).toEqual(new Set(['port' in target ? target.port : 'a socket']));
  });
});
