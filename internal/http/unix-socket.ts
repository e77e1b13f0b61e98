// A Unix socket whose file permissions are a proof: nobody may have been able to connect before they
// were set, and nobody may put another socket in its place.

import { chmod, chown, lstat, readFile, stat, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { started } from './connections.ts';

export type UnixSocketAddress = {
  readonly kind: 'unix';
  readonly path: string;
  /** Permission bits of the file, e.g. 0o660. */
  readonly mode: number;
  /** Name or number of the group that owns the file; ours when absent. */
  readonly group?: string | number;
  /** The primary of a cluster has prepared the place, and makes the socket on behalf of all workers. */
  readonly isShared?: boolean;
};

/** Throws when the place is not safe, or when somebody listens there already. */
export async function prepareUnixSocket({ path: file, group }: UnixSocketAddress): Promise<void> {
  await checkDirectory(path.dirname(file));
  await removeStale(file);
  if (group !== undefined) await findGroup(group);
}

/** Throws as `prepareUnixSocket` does. */
export async function bindUnixSocket(server: Server, address: UnixSocketAddress): Promise<void> {
  if (address.isShared !== true) await prepareUnixSocket(address);
  const group = address.group === undefined ? undefined : await findGroup(address.group);
  // The file appears with its final owner's permissions only: a chmod afterwards would come too late.
  const before = process.umask(0o177);
  const listening = started(server, () => server.listen({ path: address.path }));
  process.umask(before);
  await listening;
  try {
    if (group !== undefined) await chown(address.path, -1, group);
    await chmod(address.path, address.mode);
  } catch (error) {
    server.close();
    throw error;
  }
}

// In a directory that all may write and that is not sticky, anybody can replace the socket and answer
// in our name.
async function checkDirectory(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw new Error(`everybody may write to ${directory}; use a directory of its own, mode 0750`);
  }
}

/** Removes what a killed process left behind; never a file that is no socket, or one in use. */
async function removeStale(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('there is a file of this name that is no socket');
  if (await answers(file)) throw new Error('another program listens there already');
  await unlink(file);
}

const answers = (file: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(file);
    const settle = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', settle(true)).once('error', settle(false));
  });

async function findGroup(group: string | number): Promise<number> {
  if (typeof group === 'number') return group;
  const lines = (await readFile('/etc/group', 'utf8')).split('\n');
  const line = lines.map((text) => text.split(':')).find(([name]) => name === group);
  const id = Number(line?.[2]);
  if (!Number.isInteger(id)) throw new Error(`there is no group ${group}`);
  return id;
}
