// The servers of the userinfo backends under one handle, each with the same twenty End-Users, so that one
// test can do the same to all of them.

import { type DatabaseServer, startDatabase } from './database-server.ts';
import { type DirectoryServer, READER, SUFFIX, startDirectory } from './directory-server.ts';
import { type ScimServer, startScim } from './scim-server.ts';
import type { ServerProcess } from './server-process.ts';

export type Rig = Pick<ServerProcess, 'pause' | 'resume' | 'kill'> & {
  readonly port: number;
  /** After its end, on the same port. */
  restart(): Promise<void>;
  /** What Asteroid has to know is another from now on. */
  setPassword(password: string): Promise<void>;
  /** As in asteroid.yaml. */
  toOptions(port: number, passwordFile: string): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
};

export const PASSWORD = 'reader-password';
/** Each has its name for a subject, and in upper case as its name. */
export const NAMES = Array.from({ length: 20 }, (_, index) => `user${index}`);

async function startDirectoryRig(): Promise<Rig> {
  const base = `ou=people,${SUFFIX}`;
  const fill = async (server: DirectoryServer) => {
    const people = NAMES.map((uid) => [
      `uid=${uid},${base}`,
      { objectClass: 'inetOrgPerson', uid, cn: uid.toUpperCase(), sn: uid },
    ]);
    await server.add(Object.fromEntries(people));
    return server;
  };
  let server = await fill(await startDirectory());
  return {
    port: server.ports.plain,
    pause: () => server.pause(),
    resume: () => server.resume(),
    kill: () => server.kill(),
    async restart() {
      const { ports, authority } = server;
      await server.close();
      server = await fill(await startDirectory({ ports, authority }));
    },
    setPassword: (password) => server.set(READER.dn, 'userPassword', [password]),
    toOptions: (port, passwordFile) => ({
      type: 'ldap',
      urls: [`ldap://127.0.0.1:${port}`],
      bind: { dn: READER.dn, password_file: passwordFile },
      base,
      attributes: { name: 'cn' },
    }),
    close: () => server.close(),
  };
}

async function startDatabaseRig(): Promise<Rig> {
  const server: DatabaseServer = await startDatabase();
  const rows = NAMES.map((name) => `('${name}', '${name.toUpperCase()}')`).join();
  await server.run(`create role asteroid login password '${PASSWORD}';
    create table people (username text primary key, name text);
    insert into people values ${rows};
    grant select on people to asteroid`);
  return {
    port: server.port,
    pause: () => server.pause(),
    resume: () => server.resume(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    setPassword: async (password) =>
      void (await server.run(`alter role asteroid password '${password}'`)),
    toOptions: (port, passwordFile) => ({
      type: 'sql',
      url: `postgres://asteroid@127.0.0.1:${port}/postgres`,
      password_file: passwordFile,
      query: 'select name from people where username = $1',
    }),
    close: () => server.close(),
  };
}

async function startScimRig(): Promise<Rig> {
  const users = NAMES.map((name) => ({
    id: name,
    userName: name,
    displayName: name.toUpperCase(),
  }));
  const contentFor = (password: string) => ({
    users,
    groups: [],
    tokens: [`Bearer ${password}`],
  });
  let server: ScimServer = await startScim(contentFor(PASSWORD));
  return {
    port: server.port,
    pause: () => server.pause(),
    resume: () => server.resume(),
    kill: () => server.kill(),
    async restart() {
      const { port } = server;
      await server.close();
      server = await startScim(contentFor(PASSWORD), { port });
    },
    setPassword: (password) => server.serve(contentFor(password)),
    toOptions: (port, passwordFile) => ({
      type: 'scim',
      url: `http://127.0.0.1:${port}/scim`,
      bearer_file: passwordFile,
    }),
    close: () => server.close(),
  };
}

/** By the type of the backend. */
export const RIGS: { readonly [type: string]: () => Promise<Rig> } = {
  ldap: startDirectoryRig,
  sql: startDatabaseRig,
  scim: startScimRig,
};
