import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { type Claims, RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { openStore } from '../../internal/store/open.ts';
import type { Backend } from '../../internal/userinfo/backend.ts';
import { BACKENDS, type UserinfoDeps } from '../../internal/userinfo/open.ts';
import { printStoredUser } from '../../internal/userinfo/stored-user.ts';
import { startRedis } from '../support/redis-server.ts';

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

/** Writes wherever a value lets itself be written to. */
function vandalise(value: object): void {
  for (const name of Object.keys(value)) {
    const member: unknown = Reflect.get(value, name);
    if (typeof member === 'object' && member !== null) vandalise(member);
    Reflect.set(value, name, 'vandalised');
  }
  Reflect.set(value, 'admin', true);
}

for (const [type, { open, remote, provesExistence }] of Object.entries(LINES)) {
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
      expect(await find(ALICE)).toEqual(EXPECTED);
      expect(await find(ALICE)).toEqual(EXPECTED);
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
        expect(await find(NOBODY)).toEqual(EXPECTED);
        expect(await opened.backend.find(NOBODY, {})).toEqual({});
      });
    }

    it('answers claims that nobody can use to change the next answer', async () => {
      const claims = await find(ALICE);
      expect(claims).toEqual(EXPECTED);
      vandalise(claims ?? {});

      expect(await find(ALICE)).toEqual(EXPECTED);
    });

    it('gives a hundred callers at once the same answer', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => find(ALICE)));

      expect(answers).toEqual(Array.from({ length: 100 }, () => EXPECTED));
    });
  });
}

describe('userinfo backend contract', () => {
  it('is held against every backend of the table', () => {
    expect(Object.keys(LINES)).toEqual(Object.keys(BACKENDS));
  });
});
