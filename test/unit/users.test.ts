import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { printPath } from '../../internal/config/finding.ts';
import { readUsers } from '../../internal/config/users.ts';
import { ConfigError } from '../../internal/loader/problem.ts';
import { loadUsers } from '../../internal/loader/users.ts';
import { RESERVED_CLAIMS, SCOPE_CLAIMS } from '../../internal/protocol/claims.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { createFolder } from './loader.fixture.ts';

const problemsIn = (...users: readonly object[]): readonly string[] =>
  readUsers({ users }).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

const claimsOf = (user: object) =>
  readUsers({ users: [{ sub: 'a', ...user }] }).users.get(toSubject('a'));

describe('users.yaml: what is read', () => {
  it('gives the claims of each subject, without sub', async () => {
    const folder = await createFolder({
      'users.yaml': `users:
  - { sub: alice, name: Alice, email: a@b.example, email_verified: true, groups: [x] }
  - { sub: bob }
`,
    });

    expect([...(await loadUsers(path.join(folder, 'users.yaml')))]).toEqual([
      ['alice', { name: 'Alice', email: 'a@b.example', email_verified: true, groups: ['x'] }],
      ['bob', {}],
    ]);
  });

  it('keeps further claims as they are, nested ones too', () => {
    const extra = {
      'https://x.example/roles': ['a', ['b']],
      level: 3,
      on: false,
      o: { p: { q: 'r' } },
    };

    expect(claimsOf(extra)).toEqual(extra);
  });

  it('accepts the dates that OIDC Core §5.1 knows', () => {
    for (const birthdate of ['1985-10-26', '0000-10-26', '1985']) {
      expect(claimsOf({ birthdate })).toEqual({ birthdate });
    }
  });
});

describe('users.yaml: what is refused', () => {
  const cases: readonly {
    readonly name: string;
    readonly user: object;
    readonly problem: string;
  }[] = [
    { name: 'no sub', user: { sub: undefined }, problem: 'sub: is missing; it has to be text' },
    {
      name: 'a sub that is a number',
      user: { sub: 123 },
      problem: 'sub: has to be text, and YAML reads a number here: put it in quotes',
    },
    {
      name: 'a sub with a blank',
      user: { sub: 'a b' },
      problem: 'sub: has to be 1 to 255 printable ASCII characters without blanks and commas',
    },
    {
      name: 'a sub of 256 characters (UP-8)',
      user: { sub: 'a'.repeat(256) },
      problem: 'sub: has to be 1 to 255 printable ASCII characters without blanks and commas',
    },
    {
      name: 'email_verified as text',
      user: { email_verified: 'yes' },
      problem: 'email_verified: has to be true or false',
    },
    {
      name: 'updated_at as a date',
      user: { updated_at: '2020-01-01' },
      problem: 'updated_at: has to be a whole number',
    },
    {
      name: 'an address as text',
      user: { address: 'x' },
      problem: 'address: has to be a map of keys and values',
    },
    {
      name: 'an unknown part of the address',
      user: { address: { city: 'x' } },
      problem:
        'address.city: is not a known key; known here: formatted, street_address, locality, region, postal_code, country',
    },
    {
      name: 'a postal code that is a number',
      user: { address: { postal_code: 8001 } },
      problem:
        'address.postal_code: has to be text, and YAML reads a number here: put it in quotes',
    },
    {
      name: 'an impossible date',
      user: { birthdate: '1985-13-01' },
      problem: 'birthdate: has to be YYYY-MM-DD, 0000-MM-DD or "YYYY"',
    },
    {
      name: 'an address without @',
      user: { email: 'alice' },
      problem: 'email: has to be an e-mail address',
    },
    {
      name: 'a picture that is a script',
      user: { picture: 'javascript:x' },
      problem: 'picture: has to be an http URL',
    },
    {
      name: 'groups as text',
      user: { groups: 'a,b' },
      problem: 'groups: has to be a list, as in [ … ]',
    },
    {
      name: 'a group that is a number',
      user: { groups: ['a', 7] },
      problem: 'groups[1]: has to be text, and YAML reads a number here: put it in quotes',
    },
    {
      name: 'a claim without a value',
      user: { team: null },
      problem: 'team: has no value; give it one, or remove the key',
    },
    {
      name: 'a null deep inside',
      user: { team: { lead: [null] } },
      problem: 'team.lead[0]: has no value; give it one, or remove the key',
    },
    {
      name: 'an empty name',
      user: { name: '' },
      problem: 'name: is empty; give it a value, or remove the key',
    },
  ];
  for (const { name, user, problem } of cases) {
    it(`refuses ${name}`, () => {
      expect(problemsIn({ sub: 'a', ...user })).toEqual([`users[0].${problem}`]);
    });
  }

  it('refuses every claim that is ours alone (UP-11)', () => {
    for (const claim of RESERVED_CLAIMS) {
      if (claim === 'sub' || claim === '__proto__') continue;
      expect(problemsIn({ sub: 'a', [claim]: 'x' })).toEqual([
        `users[0].${claim}: is a claim that only Asteroid may set; remove or rename it`,
      ]);
    }
  });

  it('refuses two End-Users of one subject, and takes case as it is', () => {
    expect(problemsIn({ sub: 'a' }, { sub: 'b' }, { sub: 'a' })).toEqual([
      'users[2].sub: is the subject of users[0] too; rename or remove one',
    ]);
    expect(problemsIn({ sub: 'a' }, { sub: 'A' })).toEqual([]);
  });

  it('throws all problems of a file with their lines', async () => {
    const folder = await createFolder({ 'users.yaml': 'user: []\nusers:\n  - sub: 0123\n' });
    const file = path.join(folder, 'users.yaml');

    const error = await loadUsers(file).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      problems: [
        { file, line: 1, key: 'user', problem: 'is not a known key; did you mean users?' },
        {
          file,
          line: 3,
          key: 'users[0].sub',
          problem: expect.stringContaining('put it in quotes'),
        },
      ],
    });
  });
});

describe('the sample users.yaml', () => {
  const sample = path.resolve(import.meta.dirname, '../../users.yaml');

  it('has alice and bob with every claim of every scope', async () => {
    const users = await loadUsers(sample);

    for (const name of ['alice', 'bob']) {
      const claims = Object.keys(users.get(toSubject(name)) ?? {});
      expect(claims.sort()).toEqual([...SCOPE_CLAIMS.values()].flat().sort());
    }
  });
});
