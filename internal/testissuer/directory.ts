// Clients and End-Users as a test changes them: one change after another, each in force or refused as a
// whole.

import { createQueue } from '../keys/queue.ts';
import type { Snapshot } from '../loader/load.ts';
import { after } from '../protocol/awaitable.ts';
import type { Userinfo } from '../userinfo/backend.ts';
import type { Metadata, TestIssuer } from './api.ts';
import type { ClientChanges } from './clients.ts';
import { copy, explain, readingFor } from './documents.ts';
import { Misuse } from './misuse.ts';
import { readTestUsers, type UserChanges, withoutUser } from './users.ts';

type ClientBook = {
  readonly api: TestIssuer['clients'];
  readonly changes: () => ClientChanges;
};

type ClientTerms = {
  /** Throws `ConfigError`. */
  readonly read: () => Promise<Snapshot>;
  readonly replace: (snapshot: Snapshot) => Promise<void>;
};

export function createClientBook(first: ClientChanges, { read, replace }: ClientTerms): ClientBook {
  const inTurn = createQueue();
  let changes = first;

  const change = (what: string, id: string, client: Metadata | undefined): Promise<void> =>
    inTurn(async () => {
      const before = changes;
      const others = [...before.changed].filter(([other]) => other !== id);
      changes = { ...before, changed: new Map([...others, [id, client]]) };
      try {
        await replace(await readingFor(what, read));
      } catch (error) {
        changes = before;
        throw error;
      }
    });

  const api: TestIssuer['clients'] = {
    async add(client) {
      const kept = copy(client);
      const { client_id: id } = kept;
      if (typeof id !== 'string') throw new Misuse('clients.add: client_id: is missing; add it');
      await change('clients.add', id, kept);
    },
    async remove(id) {
      const { clients } = await read();
      if (!clients.has(id)) throw new Misuse(`clients.remove: ${noneOf('client', id, clients)}`);
      await change('clients.remove', id, undefined);
    },
    list: async () => [...(await read()).clients.keys()],
  };
  return { api, changes: () => changes };
}

type UserBook = {
  readonly api: Omit<TestIssuer['users'], 'list'>;
  readonly changes: () => UserChanges;
  /** Throws `Misuse` for who is certainly nobody. @param what asks. */
  readonly check: (what: string, sub: string) => void;
  /** Without those who were removed, whoever else knows them: claims may have been entered at the chooser. */
  readonly withoutRemoved: (userinfo: Userinfo) => Userinfo;
};

export function createUserBook(first: UserChanges, hidesOthers: boolean): UserBook {
  let changes = first;
  /** Whom the book does not know, and somebody has met: where only the book counts, the chooser entered them. */
  const entered = new Set<string>();
  const check = (what: string, sub: string): void => {
    const isKnown = [...changes].some(([subject, claims]) => subject === sub && claims);
    const mayBe = !hidesOthers && ![...changes.keys()].some((subject) => subject === sub);
    if (isKnown || mayBe) return;
    const known = [...changes].filter(([, claims]) => claims !== undefined);
    throw new Misuse(`${what}: ${noneOf('user', sub, new Map(known))}`);
  };
  const api: UserBook['api'] = {
    async add(user) {
      const added = readTestUsers('added', [user]);
      if (added.problems.length > 0) throw new Misuse(explain('users.add', added.problems));
      changes = new Map([...changes, ...added.users]);
    },
    async remove(sub) {
      if (!entered.delete(sub)) check('users.remove', sub);
      changes = withoutUser(changes, sub);
    },
  };
  const withoutRemoved = (userinfo: Userinfo): Userinfo => ({
    provesExistence: userinfo.provesExistence,
    get remote() {
      return userinfo.remote;
    },
    find(subject, snapshot) {
      if (changes.has(subject) && changes.get(subject) === undefined) return undefined;
      return after(userinfo.find(subject, snapshot), (claims) => {
        if (claims !== undefined && !changes.has(subject)) entered.add(subject);
        return claims;
      });
    },
    close: userinfo.close,
  });
  return { api, changes: () => changes, check, withoutRemoved };
}

/** So many names help; of more, nobody finds the one. */
const MOST_NAMES = 10;

function noneOf(kind: string, name: string, known: ReadonlyMap<string, unknown>): string {
  const names = [...known.keys()].slice(0, MOST_NAMES);
  const others = names.length === 0 ? 'there is none at all' : `there are ${names.join(', ')}`;
  return `there is no ${kind} ${JSON.stringify(name)}; ${others}`;
}
