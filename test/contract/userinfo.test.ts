import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { type Claims, RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { openStore } from '../../internal/store/open.ts';
import type { Backend } from '../../internal/userinfo/backend.ts';
import { BACKENDS, type UserinfoDeps } from '../../internal/userinfo/open.ts';
import { printStoredUser } from '../../internal/userinfo/stored-user.ts';
import { openBackend } from '../support/backends.ts';
import { startDatabase } from '../support/database-server.ts';
import { READER, SUFFIX, startDirectory } from '../support/directory-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { startScim } from '../support/scim-server.ts';

const ALICE = toSubject('alice');
const NOBODY = toSubject('nobody');

/** Every reserved name, null and emptiness beside what an honest End-User has. */
const HOSTILE = {
  ...Object.fromEntries([...RESERVED_CLAIMS].map((name) => [name, name === 'sub' ? ALICE : 'x'])),
  name: 'Alice',
  groups: ['staff', 'admins'],
  address: { country: 'NL', region: '' },
  email: 'alice@example.test',
  email_verified: true,
  nickname: null,
  phone_number: '',
  roles: [],
};

const EXPECTED = {
  name: 'Alice',
  groups: ['staff', 'admins'],
  address: { country: 'NL' },
  email: 'alice@example.test',
  email_verified: true,
};

type Opened = {
  readonly backend: Backend;
  /** What the upstream said at sign-in. */
  readonly snapshot: Claims;
  /** From now on the source of claims does not answer. */
  breakDown(): Promise<void>;
  close(): Promise<void>;
};

type Line = {
  readonly remote: boolean;
  readonly provesExistence: boolean;
  open(): Promise<Opened>;
  /** What it answers, where its source cannot say all of `EXPECTED`. */
  readonly expected?: Claims;
};

const deps: UserinfoDeps = {
  now: () => 1_800_000_000,
  outbound: createOutbound(anyAddress),
  onProblem: () => {},
  findUser: async () => undefined,
  async loadUsers(file) {
    const users: { readonly [subject: string]: Claims } = JSON.parse(await readFile(file, 'utf8'));
    return new Map<Subject, Claims>(
      Object.entries(users).map(([sub, claims]) => [toSubject(sub), claims]),
    );
  },
};

const folders: string[] = [];
async function writePassword(password: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'asteroid-contract-'));
  folders.push(folder);
  await writeFile(join(folder, 'password'), password);
  return join(folder, 'password');
}
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** A backend has a line here, or the last case of this file fails. */
const LINES: { readonly [type: string]: Line } = {
  yaml: {
    remote: false,
    provesExistence: true,
    async open() {
      const dir = await mkdtemp(join(tmpdir(), 'asteroid-contract-'));
      const file = join(dir, 'users.yaml');
      await writeFile(file, JSON.stringify({ [ALICE]: HOSTILE }));
      return {
        backend: await BACKENDS.yaml({ type: 'yaml', file }, deps),
        snapshot: {},
        breakDown: () => rm(file),
        close: () => rm(dir, { recursive: true }),
      };
    },
  },
  headers: {
    remote: false,
    provesExistence: false,
    open: async () => ({
      backend: await BACKENDS.headers({ type: 'headers' }, deps),
      snapshot: HOSTILE,
      breakDown: async () => {},
      close: async () => {},
    }),
  },
  http: {
    remote: true,
    provesExistence: true,
    async open() {
      const server = createServer(({ url }, response) => {
        const status = url === `/${ALICE}` ? 200 : 404;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(HOSTILE));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{sub}`;
      const close = () =>
        new Promise<void>((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        });
      const backend = await BACKENDS.http({ type: 'http', url }, deps);
      return { backend, snapshot: {}, breakDown: close, close };
    },
  },
  ldap: {
    remote: true,
    provesExistence: true,
    expected: { ...EXPECTED, address: { formatted: 'NL' } },
    async open() {
      const server = await startDirectory();
      const base = `ou=people,${SUFFIX}`;
      const reserved = [...RESERVED_CLAIMS].filter((name) => name !== '__proto__');
      const dn = `uid=alice,${base}`;
      const group = { objectClass: 'groupOfNames', member: dn };
      await server.add({
        [dn]: {
          objectClass: ['inetOrgPerson', 'extensibleObject'],
          ...{ uid: 'alice', cn: 'Alice', sn: 'x', mail: 'alice@example.test' },
          postalAddress: 'NL',
        },
        [`cn=staff,ou=groups,${SUFFIX}`]: { ...group, cn: 'staff' },
        [`cn=admins,ou=groups,${SUFFIX}`]: { ...group, cn: 'admins' },
      });
      const given = {
        ...{ type: 'ldap', urls: [server.url], base, start_tls: false },
        bind: { dn: READER.dn, password_file: await writePassword(READER.password) },
        attributes: {
          ...Object.fromEntries(reserved.map((name) => [name, name === 'sub' ? 'uid' : 'sn'])),
          ...{ name: 'cn', email: 'mail', address: 'postalAddress', nickname: 'title' },
        },
        constants: { email_verified: true, acr: 'x' },
        member_of: {},
      };
      return openRemote(given, server);
    },
  },
  sql: {
    remote: true,
    provesExistence: true,
    async open() {
      const server = await startDatabase();
      await server.run(`create role asteroid login password 'p';
        create table people (username text, claims jsonb);
        insert into people values ('${ALICE}', '${JSON.stringify(HOSTILE)}');
        grant select on people to asteroid`);
      const given = {
        type: 'sql',
        url: `postgres://asteroid@127.0.0.1:${server.port}/postgres`,
        password_file: await writePassword('p'),
        query: 'select claims from people where username = $1',
      };
      return openRemote(given, server);
    },
  },
  scim: {
    remote: true,
    provesExistence: true,
    async open() {
      const reserved = [...RESERVED_CLAIMS].filter((name) => !name.startsWith('_'));
      const server = await startScim({
        users: [
          {
            ...{ id: '1', userName: 'alice', displayName: 'Alice', title: 'x' },
            emails: [{ value: 'alice@example.test' }],
            addresses: [{ country: 'NL', region: '' }],
            groups: [
              { value: '1', display: 'staff' },
              { value: '2', display: 'admins' },
            ],
          },
        ],
        groups: [],
      });
      const given = {
        ...{ type: 'scim', url: server.url },
        constants: { email_verified: true, acr: 'x' },
        attributes: {
          ...Object.fromEntries(reserved.map((name) => [name, 'title'])),
          ...{ sub: 'userName', preferred_username: 'nowhere' },
        },
      };
      return openRemote(given, server);
    },
  },
  store: {
    remote: true,
    provesExistence: true,
    async open() {
      const redis = await startRedis();
      const options = { url: redis.url, issuer: 'https://issuer.example', maxPending: 5 };
      const store = await openStore({ driver: 'redis', options });
      const findUser = async (subject: Subject) => (await store.findUser(subject))?.text;
      const user = { claims: HOSTILE, isDisabled: false, createdAt: 1, changedAt: 1 };
      await store.createUser(ALICE, { text: printStoredUser(user), version: 'one' }, 5);
      return {
        backend: await BACKENDS.store({ type: 'store' }, { ...deps, findUser }),
        snapshot: {},
        breakDown: () => redis.stop(),
        close: async () => {
          await store.close();
          await redis.stop();
        },
      };
    },
  },
};

/** As the configuration opens it, with its server. */
async function openRemote(
  given: Readonly<Record<string, unknown>>,
  server: { kill(): Promise<void>; close(): Promise<void> },
): Promise<Opened> {
  const opened = await openBackend(given);
  const { remote, provesExistence } = opened;
  const type = String(given['type']);
  const backend = { ...opened, type, remote, provesExistence };
  return { backend, snapshot: {}, breakDown: () => server.kill(), close: () => server.close() };
}

/** Writes wherever a value lets itself be written to. */
function vandalise(value: object): void {
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (typeof member === 'object' && member !== null) vandalise(member);
    Reflect.set(value, name, 'vandalised');
  }
  Reflect.set(value, 'admin', true);
}

for (const [type, { open, remote, provesExistence, expected = EXPECTED }] of Object.entries(
  LINES,
)) {
  describe(`userinfo backend contract: ${type}`, () => {
    let opened: Opened;
    let find: (subject: Subject) => Promise<Claims | undefined>;

    beforeEach(async () => {
      opened = await open();
      find = async (subject) => opened.backend.find(subject, opened.snapshot);
    });

    afterEach(async () => {
      await opened.backend.close();
      await opened.close();
    });

    it('says, once it was asked, whether asking again may fail, and whether it proves existence', async () => {
      await find(ALICE);

      expect(opened.backend).toMatchObject({ type, remote, provesExistence });
    });

    it('answers the claims of a subject it knows, the second time like the first', async () => {
      expect(await find(ALICE)).toEqual(expected);
      expect(await find(ALICE)).toEqual(expected);
    });

    it('never answers a reserved claim, nor null, nor anything empty (UP-11, TC-5)', async () => {
      const claims = (await find(ALICE)) ?? {};

      expect(Object.keys(claims).filter((name) => RESERVED_CLAIMS.has(name))).toEqual([]);
      expect(JSON.stringify(claims)).not.toMatch(/null|""|\[\]|\{\}/);
    });

    if (provesExistence) {
      for (const sub of [NOBODY, 'Alice', 'alice ', '__proto__', 'constructor', '', '..']) {
        it(`does not know ${JSON.stringify(sub)}`, async () => {
          expect(await find(toSubject(sub))).toBeUndefined();
        });
      }

      it('does not invent an End-User from what the upstream said', async () => {
        expect(await opened.backend.find(NOBODY, { name: 'Nobody' })).toBeUndefined();
      });

      it('is unavailable, and not without End-Users, when its source is gone', async () => {
        await opened.breakDown();

        await expect(find(ALICE)).rejects.toMatchObject({
          name: 'Unavailable',
          dependency: 'userinfo',
        });
      });
    } else {
      it('has an answer for every subject', async () => {
        expect(await find(NOBODY)).toEqual(expected);
        expect(await opened.backend.find(NOBODY, {})).toEqual({});
      });
    }

    it('answers claims that nobody can use to change the next answer', async () => {
      const claims = await find(ALICE);
      expect(claims).toEqual(expected);
      vandalise(claims ?? {});

      expect(await find(ALICE)).toEqual(expected);
    });

    it('gives a hundred callers at once the same answer', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => find(ALICE)));

      expect(answers).toEqual(Array.from({ length: 100 }, () => expected));
    });
  });
}

describe('userinfo backend contract', () => {
  it('is held against every backend of the table', () => {
    expect(Object.keys(LINES)).toEqual(Object.keys(BACKENDS));
  });
});
