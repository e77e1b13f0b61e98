// A real PostgreSQL server with a cluster of its own. It refuses to run as root, so that for root it
// runs as nobody.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Authority, createAuthority } from './certificates.ts';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const run = promisify(execFile);

export type DatabaseServer = ServerProcess & {
  readonly port: number;
  /** A folder with its socket, by which its owner comes in without a password. */
  readonly folder: string;
  readonly authority: Authority;
  /** As its owner. */
  run(statements: string): Promise<pg.QueryResult>;
  /** Starts it again after its end, with the same data, port and certificate. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

const NOBODY = { uid: 65_534, gid: 65_534 };
const user = process.getuid?.() === 0 ? NOBODY : undefined;
const OWNER = 'owner';

const HBA = [
  `local all ${OWNER} trust`,
  'local all all scram-sha-256',
  'hostssl all all 127.0.0.1/32 scram-sha-256',
  'hostnossl all all 127.0.0.1/32 scram-sha-256',
  '',
].join('\n');

/** The programs of PostgreSQL are in a folder that is in nobody's path. */
function findInitdb(): string {
  const given = process.env['INITDB'];
  if (given !== undefined) return given;
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions.map((version) => `${root}/${version}/bin/initdb`).at(-1) ?? 'initdb';
}

export async function startDatabase(): Promise<DatabaseServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-postgres-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  const initdb = findInitdb();
  await run(initdb, ['-D', data, '-U', OWNER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'], {
    ...user,
    cwd: folder,
  });
  const authority = createAuthority('CA of the database');
  await writeFile(path.join(data, 'pg_hba.conf'), HBA);
  await writeCertificate(data, authority);
  const port = await findFreePort();
  const start = () => startPostgres({ initdb, folder, data, port });
  let server = await start();
  return {
    get pid() {
      return server.pid;
    },
    ...{ port, folder, authority },
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    run: (statements) => asOwner({ folder, port }, (client) => client.query(statements)),
    async restart() {
      server = await start();
    },
    async close() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Place = { readonly folder: string; readonly port: number };

const PROCESSES = 'select pid from pg_stat_activity where pid <> pg_backend_pid()';

const startPostgres = (place: Place & { readonly initdb: string; readonly data: string }) =>
  startServer({
    program: path.join(path.dirname(place.initdb), 'postgres'),
    args: [
      ...['-D', place.data, '-k', place.folder, '-h', '127.0.0.1', '-p', String(place.port)],
      ...['-c', 'fsync=off', '-c', 'ssl=on', '-c', 'max_connections=20'],
    ],
    ...(user === undefined ? {} : { user }),
    listProcesses: async () => {
      const { rows } = await asOwner(place, (client) => client.query(PROCESSES));
      return rows.map(({ pid }: { readonly pid: number }) => pid);
    },
    isReady: () => asOwner(place, (client) => client.query('select 1')).then(Boolean, () => false),
  });

async function asOwner<Value>(
  { folder, port }: Place,
  work: (client: pg.Client) => Promise<Value>,
) {
  const client = new pg.Client({ host: folder, port, user: OWNER, database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function writeCertificate(data: string, authority: Authority): Promise<void> {
  const { cert, key } = authority.issue({ commonName: 'database', ips: [[127, 0, 0, 1]] });
  await writeFile(path.join(data, 'server.crt'), cert);
  await writeFile(path.join(data, 'server.key'), key);
  await chmod(path.join(data, 'server.key'), 0o600);
  if (user === undefined) return;
  for (const name of ['server.crt', 'server.key']) {
    await chown(path.join(data, name), user.uid, user.gid);
  }
}
