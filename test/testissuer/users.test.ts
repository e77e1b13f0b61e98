// Users that a test adds and takes away, over those that the configuration knows (`asteroid dev`).

import { describe, expect, it } from 'vitest';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { readTestUsers, type UserChanges, withTestUsers } from '../../internal/testissuer/users.ts';
import type { OpenedUserinfo } from '../../internal/userinfo/open.ts';

const SNAPSHOT = { nickname: 'Al', name: 'as the proxy says' };
const [ALICE, BOB, CAROL] = ['alice', 'bob', 'carol'].map(toSubject) as [Subject, Subject, Subject];

/** As users.yaml: alice and bob, or everybody where it can tell of nobody. */
const configured = (provesExistence: boolean): OpenedUserinfo => ({
  provesExistence,
  remote: true,
  find: (subject, snapshot) => {
    if (!provesExistence) return snapshot;
    return subject === ALICE || subject === BOB ? { name: 'configured', groups: ['g'] } : undefined;
  },
  listUsers: async () =>
    [ALICE, BOB].map((subject) => ({
      subject,
      name: 'configured',
      claims: { name: 'configured' },
    })),
  close: async () => undefined,
});

const NONE: UserChanges = new Map();
const CHANGES: UserChanges = new Map([
  [ALICE, { name: 'changed' }],
  [BOB, undefined],
  [CAROL, {}],
]);

const open = (changes: UserChanges, hidesOthers: boolean, proves = true) =>
  withTestUsers(configured(proves), () => changes, hidesOthers);

describe('users of a test', () => {
  it('are those of the configuration while nothing was changed', async () => {
    const users = open(NONE, false);

    expect(await users.find(ALICE, SNAPSHOT)).toEqual({ name: 'configured', groups: ['g'] });
    expect(await users.find(CAROL, SNAPSHOT)).toBeUndefined();
    expect(users.remote).toBe(true);
    expect(await users.listUsers()).toHaveLength(2);
  });

  it('replace, hide and join them: of one who is replaced nothing is left', async () => {
    const users = open(CHANGES, false);

    expect(await users.find(ALICE, SNAPSHOT)).toEqual({ name: 'changed', nickname: 'Al' });
    expect(await users.find(BOB, SNAPSHOT)).toBeUndefined();
    expect(await users.find(CAROL, SNAPSHOT)).toEqual(SNAPSHOT);
    expect(await users.listUsers()).toEqual([
      { subject: ALICE, name: 'changed', claims: { name: 'changed' } },
      { subject: CAROL, name: 'carol', claims: {} },
    ]);
  });

  it('are all that there are where a test says who exists', async () => {
    const users = open(new Map([[CAROL, {}]]), true);

    expect(await users.find(ALICE, SNAPSHOT)).toBeUndefined();
    expect(await users.find(CAROL, SNAPSHOT)).toEqual(SNAPSHOT);
    expect(users.provesExistence).toBe(true);
    expect(users.remote).toBe(false);
    expect(await users.listUsers()).toEqual([{ subject: CAROL, name: 'carol', claims: {} }]);
  });

  it('can be gone also where everybody exists', async () => {
    const users = open(CHANGES, false, false);

    expect(await users.find(BOB, SNAPSHOT)).toBeUndefined();
    expect(await users.find(toSubject('dave'), SNAPSHOT)).toEqual(SNAPSHOT);
  });

  it('are read as users.yaml is, with every problem', () => {
    const { users, problems } = readTestUsers('users', [
      { sub: 'alice', email: 'alice@example.test' },
      { sub: 'alice' },
      { sub: 'bob', exp: 1 },
    ]);

    expect(users.get(ALICE)).toEqual({});
    expect(problems.map(({ key }) => key)).toEqual(['users[1].sub', 'users[2].exp']);
  });
});
