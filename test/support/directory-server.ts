// A real OpenLDAP server with a directory of its own, in memory where the machine has it, else on disk.

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'ldapts';
import { type Authority, createAuthority } from './certificates.ts';
import { findFreePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export const SUFFIX = 'dc=example,dc=test';
const ADMIN = { dn: `cn=admin,${SUFFIX}`, password: 'admin-password' } as const;
/** Whoever reads for Asteroid; its password is an entry, so that it can be changed. */
export const READER = { dn: `cn=reader,${SUFFIX}`, password: 'reader-password' } as const;

type Entries = {
  readonly [dn: string]: Readonly<Record<string, string | readonly string[]>>;
};

export type DirectoryServer = ServerProcess & {
  readonly url: string;
  readonly tlsUrl: string;
  /** The CA of its certificate, which is one for 127.0.0.1 and localhost. */
  readonly authority: Authority;
  readonly ports: Ports;
  add(entries: Entries): Promise<void>;
  set(dn: string, attribute: string, values: readonly string[]): Promise<void>;
  delete(dn: string): Promise<void>;
  close(): Promise<void>;
};

type Ports = { readonly plain: number; readonly tls: number };

export type DirectoryOptions = {
  readonly ports?: Ports;
  /** Another CA than one of its own. */
  readonly authority?: Authority;
  /** Lines of slapd.conf for the database. */
  readonly lines?: readonly string[];
};

const SLAPD = process.env['SLAPD'] ?? 'slapd';

/** Where its schemas and modules are: below the folder it was unpacked into, or of the machine. */
function findRoot(): string {
  const unpacked = path.resolve(path.dirname(SLAPD), '../root');
  return existsSync(path.join(unpacked, 'etc/ldap/schema')) ? unpacked : '/';
}

/** With `ou=people`, `ou=groups` and a reader who may read everything, and nobody else may. */
export async function startDirectory(options: DirectoryOptions = {}): Promise<DirectoryServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'asteroid-slapd-'));
  const { authority = createAuthority('CA of the directory'), lines = [] } = options;
  const ports = options.ports ?? { plain: await findFreePort(), tls: await findFreePort() };
  await writeCertificate(folder, authority);
  await mkdir(path.join(folder, 'data'));
  await writeFile(path.join(folder, 'slapd.conf'), toConfiguration(folder, lines));
  const url = `ldap://127.0.0.1:${ports.plain}`;
  const tlsUrl = `ldaps://127.0.0.1:${ports.tls}`;
  const server = await startServer({
    program: SLAPD,
    args: ['-d', '0', '-f', path.join(folder, 'slapd.conf'), '-h', `${url} ${tlsUrl}`],
    isReady: () => asAdmin(url, async () => true).catch(() => false),
  });
  const add = (entries: Entries) =>
    asAdmin(url, async (client) => {
      for (const [dn, attributes] of Object.entries(entries)) {
        const lists = Object.entries(attributes).map(([name, value]) => [name, [value].flat()]);
        await client.add(dn, Object.fromEntries(lists));
      }
    });
  await add(BASE);
  const remove = () => rm(folder, { recursive: true, force: true });
  return {
    ...server,
    ...{ url, tlsUrl, authority, ports, add },
    set: (dn, attribute, values) => setValues(url, dn, attribute, values),
    delete: (dn) => asAdmin(url, (client) => client.del(dn)),
    close: () => server.kill().then(remove),
  };
}

const BASE: Entries = {
  [SUFFIX]: { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' },
  [`ou=people,${SUFFIX}`]: { objectClass: 'organizationalUnit', ou: 'people' },
  [`ou=groups,${SUFFIX}`]: { objectClass: 'organizationalUnit', ou: 'groups' },
  [READER.dn]: {
    objectClass: ['organizationalRole', 'simpleSecurityObject'],
    cn: 'reader',
    userPassword: READER.password,
  },
};

async function asAdmin<Value>(url: string, work: (client: Client) => Promise<Value>) {
  const client = new Client({ url, timeout: 5000, connectTimeout: 5000 });
  try {
    await client.bind(ADMIN.dn, ADMIN.password);
    return await work(client);
  } finally {
    await client.unbind();
  }
}

async function setValues(url: string, dn: string, type: string, values: readonly string[]) {
  const { Attribute, Change } = await import('ldapts');
  const modification = new Attribute({ type, values: [...values] });
  await asAdmin(url, (client) =>
    client.modify(dn, new Change({ operation: 'replace', modification })),
  );
}

async function writeCertificate(folder: string, authority: Authority): Promise<void> {
  const { cert, key } = authority.issue({
    commonName: 'directory',
    dns: ['localhost'],
    ips: [[127, 0, 0, 1]],
  });
  await writeFile(path.join(folder, 'cert'), cert);
  await writeFile(path.join(folder, 'key'), key, { mode: 0o600 });
  await writeFile(path.join(folder, 'ca'), authority.cert);
}

function toConfiguration(folder: string, lines: readonly string[]): string {
  const root = findRoot();
  const schema = (name: string) =>
    `include ${path.join(root, 'etc/ldap/schema', `${name}.schema`)}`;
  return [
    ...['core', 'cosine', 'inetorgperson', 'nis'].map(schema),
    `modulepath ${path.join(root, 'usr/lib/ldap')}`,
    ...['moduleload back_mdb', 'moduleload memberof'],
    `TLSCertificateFile ${folder}/cert`,
    `TLSCertificateKeyFile ${folder}/key`,
    `TLSCACertificateFile ${folder}/ca`,
    'TLSVerifyClient try',
    // Whoever shows a certificate for `asteroid` is the reader.
    `authz-regexp "^cn=asteroid$" "${READER.dn}"`,
    ...['database mdb', `suffix "${SUFFIX}"`, `directory ${folder}/data`, 'dbnosync'],
    ...[`rootdn "${ADMIN.dn}"`, `rootpw ${ADMIN.password}`, 'overlay memberof'],
    'access to attrs=userPassword by anonymous auth',
    `access to * by dn.exact="${READER.dn}" read by anonymous auth`,
    ...lines,
    '',
  ].join('\n');
}
