// A whole issuer over HTTP that can be told to misbehave, by its own parts: what `startTestIssuer` is made
// of, without what the tests of faults do not need.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSnapshot } from '../../internal/app/read.ts';
import { run } from '../../internal/app/run.ts';
import { createSilentLog } from '../../internal/app/silent-log.ts';
import type { FaultName, Metadata, TestIssuer } from '../../internal/testissuer/api.ts';
import { createFaults } from '../../internal/testissuer/faults/faults.ts';

export type FaultyIssuer = {
  readonly url: string;
  readonly faults: TestIssuer['faults'];
  /** Names of the faults that happened, in order. */
  readonly applied: FaultName[];
  rotate(options: { readonly overlap: boolean }): Promise<void>;
  stop(): Promise<void>;
};

export type FaultyOptions = {
  readonly clients: readonly Metadata[];
  readonly users?: readonly Metadata[];
  readonly config?: Metadata;
};

const ALICE = { sub: 'alice', name: 'Alice Example' };

/** Listens on a free port; the header X-Authenticated-User says who is signed in. */
export async function startFaultyIssuer(options: FaultyOptions): Promise<FaultyIssuer> {
  const { clients, users = [ALICE, { sub: 'bob' }], config = {} } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-faulty-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const write = async (name: string, content: Metadata): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify(content));
    return file;
  };
  const configFile = await write('asteroid.yaml', {
    issuer: url,
    listen: { public: { port }, admin: { port: 0 } },
    clients: { file: await write('clients.yaml', { clients }) },
    userinfo: { backends: [{ type: 'yaml', file: await write('users.yaml', { users }) }] },
    keys: { source: 'ephemeral' },
    ...config,
  });
  const read = () => readSnapshot({ files: [configFile], env: {}, mode: 'dev' });
  const now = () => Math.floor(Date.now() / 1000);
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  const applied: FaultName[] = [];
  let rotate: FaultyIssuer['rotate'] = async () => undefined;
  const made = createFaults({ issuerUrl: url, now, random, applied: (name) => applied.push(name) });
  const { stop } = await run({
    mode: 'dev',
    snapshot: await read(),
    read,
    log: createSilentLog(),
    now,
    random,
    env: {},
    pid: process.pid,
    between: {
      issuer: made.issuer,
      keys(keys) {
        rotate = async ({ overlap }) => keys.rotate?.({ overlap, alg: undefined });
        return made.keys(keys);
      },
    },
  });
  return {
    url,
    faults: made.faults,
    applied,
    rotate: (asked) => rotate(asked),
    async stop() {
      made.stop();
      await Promise.all([stop(), stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no free port')),
      );
    });
  });
