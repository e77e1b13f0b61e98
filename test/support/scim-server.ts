// A real SCIM 2 service in a process of its own, with what a test puts there.

import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export type ScimResource = { readonly id: string } & Readonly<Record<string, unknown>>;

export type ScimContent = {
  readonly users: readonly ScimResource[];
  readonly groups: readonly ScimResource[];
  /** Values of the Authorization field that are let in; absent: any. */
  readonly tokens?: readonly string[];
};

export type ScimServer = ServerProcess & {
  readonly url: string;
  readonly port: number;
  serve(content: ScimContent): Promise<void>;
  /** What was asked for, e.g. `/scim/Users?filter=…`, decoded. */
  asked(): Promise<readonly string[]>;
  close(): Promise<void>;
};

export type ScimOptions = {
  readonly port?: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
};

const PROGRAM = path.resolve(import.meta.dirname, 'scim-program.ts');

export async function startScim(
  content: ScimContent,
  { port: given, tls }: ScimOptions = {},
): Promise<ScimServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-scim-'));
  const at = (name: string) => path.join(folder, name);
  // Whole at every moment: it is read while it changes.
  const serve = async (next: ScimContent) => {
    await writeFile(at('next.json'), JSON.stringify(next));
    await rename(at('next.json'), at('content.json'));
  };
  await serve(content);
  await writeFile(at('asked'), '');
  if (tls !== undefined) {
    await writeFile(at('cert'), tls.cert);
    await writeFile(at('key'), tls.key);
  }
  const port = given ?? (await findFreePort());
  const server = await startServer({
    program: process.execPath,
    args: ['--import', 'tsx', PROGRAM, folder, String(port)],
    isReady: () => isListening(port),
  });
  return {
    ...server,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/scim`,
    port,
    serve,
    async asked() {
      const lines = (await readFile(at('asked'), 'utf8')).split('\n').slice(0, -1);
      return lines.map((line) => decodeURIComponent(line.replaceAll('+', ' ')));
    },
    async close() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
