import { describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Claims } from '../../internal/protocol/claims.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import { openUserinfo, type UserinfoDeps } from '../../internal/userinfo/open.ts';

const FILES: { readonly [file: string]: ReadonlyMap<Subject, Claims> } = {
  'staff.yaml': new Map([
    [toSubject('alice'), { name: 'Alice' }],
    [toSubject('bob'), { name: 'Bob' }],
  ]),
  'guests.yaml': new Map([
    [toSubject('bob'), { name: 'Another Bob', locale: 'nl' }],
    [toSubject('carol'), {}],
  ]),
};

const loaded: string[] = [];

const deps: UserinfoDeps = {
  now: () => 1_800_000_000,
  outbound: createOutbound(anyAddress),
  onProblem: () => {},
  findUser: async () => undefined,
  async loadUsers(file) {
    loaded.push(file);
    const users = FILES[file];
    if (users === undefined) throw new Error(`${file}: no such file`);
    return users;
  },
};

const STAFF = { type: 'yaml', file: 'staff.yaml' } as const;
const GUESTS = { type: 'yaml', file: 'guests.yaml' } as const;

describe('userinfo: opening what is configured', () => {
  it('opens nothing but the code: files are read at the first question', async () => {
    const userinfo = await openUserinfo([STAFF], deps);
    expect(loaded).toEqual([]);

    expect(await userinfo.find(toSubject('alice'), {})).toEqual({ name: 'Alice' });
    expect(loaded).toEqual(['staff.yaml']);
  });

  it('asks several backends of one type in the order configured', async () => {
    const userinfo = await openUserinfo([STAFF, GUESTS], deps);

    expect(await userinfo.find(toSubject('bob'), {})).toEqual({ name: 'Bob', locale: 'nl' });
    expect(await userinfo.find(toSubject('carol'), {})).toEqual({});
    expect(await userinfo.find(toSubject('dave'), {})).toBeUndefined();
  });

  it('lets every subject exist when nothing is configured', async () => {
    const userinfo = await openUserinfo([], deps);

    expect(await userinfo.find(toSubject('dave'), {})).toEqual({});
    expect(userinfo).toMatchObject({ provesExistence: false, remote: false });
  });

  it('refuses an http backend whose URL names no subject', async () => {
    const opening = openUserinfo([{ type: 'http', url: 'https://people.test/' }], deps);

    await expect(opening).rejects.toThrow('needs {sub}');
  });
});

describe('userinfo: listing End-Users', () => {
  it('lists those of every file once, in order, and skips backends that cannot list', async () => {
    const http = { type: 'http', url: 'https://people.test/{sub}' } as const;
    const userinfo = await openUserinfo([{ type: 'headers' }, STAFF, http, GUESTS], deps);

    expect(await userinfo.listUsers()).toEqual([
      { subject: 'alice', name: 'Alice', claims: { name: 'Alice' } },
      { subject: 'bob', name: 'Bob', claims: { name: 'Bob' } },
      { subject: 'carol', name: 'carol', claims: {} },
    ]);
  });

  it('is unavailable rather than short when a file cannot be read', async () => {
    const missing = { type: 'yaml', file: 'missing.yaml' } as const;
    const userinfo = await openUserinfo([STAFF, missing], deps);

    await expect(userinfo.listUsers()).rejects.toBeInstanceOf(Unavailable);
  });
});
