// The same issuer, embeddable in a test: same domain, same strictness, memory only. Published as
// `asteroid-oidc/test-issuer`.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createRandom } from '../app/random.ts';
import { readSnapshot } from '../app/read.ts';
import { run } from '../app/run.ts';
import { createSilentLog } from '../app/silent-log.ts';
import type { JsonValue } from '../protocol/claims.ts';

type Metadata = { readonly [member: string]: JsonValue };

export type TestIssuerOptions = {
  /** As in clients.yaml: registered metadata names. */
  readonly clients: readonly Metadata[];
  /** As in users.yaml: `sub` and standard claim names. */
  readonly users: readonly Metadata[];
  /** As in asteroid.yaml; absent: clients cannot register themselves. */
  readonly registration?: Metadata;
  /** Seconds since 1970; the system's clock when absent. */
  readonly now?: () => number;
};

export type TestIssuer = {
  /** The issuer identifier: discovery, and everything else, starts here. */
  readonly url: string;
  stop(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1; the header X-Authenticated-User says who is signed in. */
export async function startTestIssuer(options: TestIssuerOptions): Promise<TestIssuer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-test-issuer-'));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  // JSON is YAML: the configuration goes the way that every configuration goes.
  const write = async (name: string, content: Metadata): Promise<string> => {
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify(content));
    return file;
  };
  const configFile = await write('asteroid.yaml', {
    issuer: url,
    listen: { public: { port }, admin: { port: 0 } },
    clients: { file: await write('clients.yaml', { clients: options.clients }) },
    userinfo: {
      backends: [{ type: 'yaml', file: await write('users.yaml', { users: options.users }) }],
    },
    keys: { source: 'ephemeral' },
    ...(options.registration === undefined ? {} : { registration: options.registration }),
  });
  const read = () => readSnapshot({ files: [configFile], env: {}, mode: 'dev' });
  const { stop } = await run({
    mode: 'dev',
    snapshot: await read(),
    read,
    log: createSilentLog(),
    now: options.now ?? (() => Math.floor(Date.now() / 1000)),
    random: createRandom(),
    env: {},
    pid: process.pid,
  });
  return {
    url,
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The issuer has to know its own URL before it listens. */
const findFreePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no free port was found'));
      });
    });
  });
