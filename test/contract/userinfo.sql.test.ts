import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFinder } from '../support/backends.ts';
import { createAuthority } from '../support/certificates.ts';
import { type DatabaseServer, startDatabase } from '../support/database-server.ts';

const SETUP = `
  create role asteroid login password 'reader-password';
  create table people (username text primary key, name text, email text, verified boolean);
  create table members (username text, team text);
  grant select, insert on people, members to asteroid;
  insert into people values ('alice', 'Alice', 'alice@example.test', true), ('bob', 'Bob', null, null);
  insert into members values ('alice', 'staff'), ('alice', 'admins'), ('alice', 'staff'), ('alice', null);
  create function write_down(text) returns text language sql
    as 'insert into members values ($1, ''written'') returning team';
  create function raise_value(given text) returns text language plpgsql
    as 'begin raise exception ''secret %'', given; end';
`;
const QUERY = 'select name, email, verified as email_verified from people where username = $1';

let server: DatabaseServer;
let folder: string;
let passwordFile: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-sql-'));
  passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, 'reader-password\n');
  server = await startDatabase();
  await server.run(SETUP);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const { open, find, close } = createFinder(() => ({
  type: 'sql',
  url: `postgres://asteroid@127.0.0.1:${server.port}/postgres`,
  password_file: passwordFile,
  query: QUERY,
  cache_ttl: '0s',
  timeout: '30s',
}));
afterEach(close);

/** What one expression becomes. */
const readBack = async (expression: string) =>
  (await find('alice', { query: `select ${expression} as v, 1 as one where $1::text <> ''` }))?.[
    'v'
  ];

const failure = (why: unknown) => ({
  name: 'Unavailable',
  message: 'userinfo did not answer: ask the sql backend',
  cause: { message: why },
});

describe('userinfo sql: claims', () => {
  it('are the columns of the row, without nulls', async () => {
    expect(await find('alice')).toEqual({
      name: 'Alice',
      email: 'alice@example.test',
      email_verified: true,
    });
    expect(await find('bob')).toEqual({ name: 'Bob' });
    expect(await find('carol')).toBeUndefined();
  });

  it('are the members of one column of JSON', async () => {
    const query = `select jsonb_build_object('name', name, 'sub', username, 'acr', 'x',
      'address', jsonb_build_object('country', 'NL', 'region', null)) from people where username = $1`;

    expect(await find('alice', { query })).toEqual({ name: 'Alice', address: { country: 'NL' } });
    await expect(
      find('alice', { query: `select '[1]'::json as claims where $1 = 'alice'` }),
    ).rejects.toMatchObject(failure('the column claims is not a JSON object'));
  });

  it('fail for a row about another subject, and for a standard claim of a wrong type', async () => {
    const about = `select 'bob' as sub where $1 = 'alice'`;
    await expect(find('alice', { query: about })).rejects.toMatchObject(
      failure('the answer is about another subject'),
    );
    const wrong = `select 'yes' as email_verified where $1 = 'alice'`;
    await expect(find('alice', { query: wrong })).rejects.toMatchObject(
      failure('claims of a wrong type: email_verified'),
    );
  });

  it('fail for two columns of one name', async () => {
    await expect(
      find('alice', { query: `select 'a' as name, 'b' as name where $1 = 'alice'` }),
    ).rejects.toMatchObject(failure('two columns have the name name'));
  });

  const VALUES: readonly (readonly [expression: string, value: unknown])[] = [
    [`timestamptz '2026-01-02 03:04:05.678+02'`, 1_767_315_845],
    [`timestamp '2026-01-02 03:04:05'`, 1_767_323_045],
    [`timestamptz 'infinity'`, undefined],
    [`date '1970-02-03'`, '1970-02-03'],
    [`array[timestamptz '1970-01-01 00:00:10+00', null]`, [10]],
    [`array[date '1970-02-03']`, ['1970-02-03']],
    ['9007199254740991::int8', 9_007_199_254_740_991],
    ['array[1, 2]::int8[]', [1, 2]],
    ['1.5::numeric', 1.5],
    ['array[1.5]::numeric[]', [1.5]],
    [`'NaN'::float8`, undefined],
    [`array['a', 'b,"c']`, ['a', 'b,"c']],
    [`array['a']::varchar[]`, ['a']],
    [`array[true, false]`, [true, false]],
    [`'{"a": [1]}'::jsonb`, { a: [1] }],
    [`'6ff4a3f2-3a7c-4c61-8a0e-d5f7a3a1b2c3'::uuid`, '6ff4a3f2-3a7c-4c61-8a0e-d5f7a3a1b2c3'],
    [`interval '1 day'`, '1 day'],
    ['null::text', undefined],
  ];
  for (const [expression, value] of VALUES) {
    it(`read ${expression}`, async () => {
      expect(await readBack(expression)).toEqual(value);
    });
  }

  it('fail for a number that JSON would round, and for bytes', async () => {
    await expect(readBack('9007199254740993::int8')).rejects.toMatchObject(
      failure('a number is too long for JSON'),
    );
    await expect(readBack(`'\\x00'::bytea`)).rejects.toMatchObject(
      failure('a column is bytea, which is not text'),
    );
  });
});

describe('userinfo sql: a subject is a value', () => {
  for (const attack of [
    "' or '1'='1",
    "alice' --",
    "'; drop table people; --",
    '$1',
    '%',
    'alice\\',
    'alice ',
    'ALICE',
    'jürgen 🚲',
  ]) {
    it(`finds nobody with ${JSON.stringify(attack)}, and whoever has it as a name`, async () => {
      expect(await find(attack)).toBeUndefined();

      const quoted = attack.replaceAll("'", "''");
      await server.run(`insert into people values ('${quoted}', 'odd')`);
      expect(await find(attack)).toEqual({ name: 'odd' });
      await server.run(`delete from people where username = '${quoted}'`);
    });
  }

  it('does not know a name that no text of PostgreSQL can be, without asking', async () => {
    expect(await find('alice\u0000', { query: 'select wrong where $1 = 1' })).toBeUndefined();
  });
});

describe('userinfo sql: what a query may do', () => {
  it('has one row, and fails for two instead of choosing', async () => {
    await expect(
      find('alice', { query: `select name from people where $1 <> ''` }),
    ).rejects.toMatchObject(failure('more than one row has this subject'));
  });

  it('may end with a semicolon or a comment', async () => {
    expect(await find('alice', { query: `${QUERY} ; \n` })).toMatchObject({ name: 'Alice' });
    expect(await find('alice', { query: `${QUERY} -- of people` })).toMatchObject({
      name: 'Alice',
    });
  });

  it('reads and never writes, not even by a function', async () => {
    await expect(find('alice', { query: 'select write_down($1) as name' })).rejects.toMatchObject(
      failure(expect.stringMatching(/read-only transaction.*25006/)),
    );
    const { rows } = await server.run(`select from members where team = 'written'`);
    expect(rows).toEqual([]);
  });

  it('is given up by the server as well, which is busy no longer then', async () => {
    const query = `select pg_sleep(30)::text as name where $1 = 'alice'`;
    await expect(find('alice', { query, timeout: '500ms' })).rejects.toMatchObject({
      name: 'Unavailable',
    });

    const busy = `select from pg_stat_activity where state = 'active' and query like '%pg_sleep(30)%'
      and pid <> pg_backend_pid()`;
    await expect.poll(async () => (await server.run(busy)).rowCount).toBe(0);
  });

  it('is told to the operator where it is wrong, without any value', async () => {
    await expect(
      find('alice', { query: 'select nmae from people where username = $1' }),
    ).rejects.toMatchObject(failure(expect.stringMatching(/column "nmae" does not exist.*42703/)));
    await expect(find('alice', { query: 'select raise_value($1) as name' })).rejects.toMatchObject(
      failure('the database refuses the query: SQLSTATE P0001'),
    );
    await expect(find('alice', { query: 'select $1::text::int as name' })).rejects.toMatchObject(
      failure('the database refuses the query: SQLSTATE 22P02'),
    );
  });
});

describe('userinfo sql: groups', () => {
  const groups = (more: string) => ({ groups_query: `select ${more} where username = $1` });

  it('are the rows of the second query, each once and without nulls', async () => {
    const claims = await find('alice', groups('team from members'));

    expect([...((claims?.['groups'] ?? []) as string[])].sort()).toEqual(['admins', 'staff']);
    expect(await find('bob', groups('team from members'))).toEqual({ name: 'Bob' });
  });

  it('are a failure with two columns, or with more than a thousand', async () => {
    await expect(find('alice', groups('team, team as t from members'))).rejects.toMatchObject(
      failure('the query for groups has more than one column'),
    );
    const many = (count: number) =>
      groups(`'g' || n from people, generate_series(1, ${count}) as n`);
    expect((await find('alice', many(1000)))?.['groups']).toHaveLength(1000);
    await expect(find('alice', many(1001))).rejects.toMatchObject(failure('more than 1000 groups'));
  });
});

describe('userinfo sql: the way to the database', () => {
  it('is TLS proven by the CA alone', async () => {
    const caFile = path.join(folder, 'ca.pem');
    await writeFile(caFile, server.authority.cert);
    const tls = { ca_file: caFile };
    const encrypted = `select ssl::text as name from pg_stat_ssl where pid = pg_backend_pid() and $1 <> ''`;
    expect(await find('alice', { tls, query: encrypted })).toEqual({ name: 'true' });
    expect(await find('alice', { query: encrypted })).toEqual({ name: 'false' });

    await writeFile(caFile, createAuthority('CA of the database').cert);
    await expect(find('alice', { tls })).rejects.toMatchObject(
      failure(expect.stringMatching(/certificate/)),
    );
    await writeFile(caFile, server.authority.cert);
  });

  it('is refused where the certificate is of another name', async () => {
    const tls = { ca_file: path.join(folder, 'ca.pem') };
    const url = `postgres://asteroid@localhost:${server.port}/postgres`;

    await expect(find('alice', { tls, url })).rejects.toMatchObject(
      failure(expect.stringMatching(/does not match certificate/)),
    );
  });

  it('is a socket in a folder', async () => {
    const url = `postgres://asteroid@${encodeURIComponent(server.folder)}:${server.port}/postgres`;

    expect(await find('alice', { url })).toMatchObject({ name: 'Alice' });
  });

  it('fails with a wrong password and without one', async () => {
    const file = path.join(folder, 'other');
    await writeFile(file, 'wrong');
    await expect(find('alice', { password_file: file })).rejects.toMatchObject(
      failure(expect.stringMatching(/password authentication failed.*28P01/)),
    );
    await expect(find('alice', { password_file: undefined })).rejects.toMatchObject({
      name: 'Unavailable',
    });
  });
});

it('is asked about nobody to find problems, and says them', async () => {
  expect(await (await open()).findProblems?.()).toEqual([]);

  const wrong = await open({ query: 'select nmae from people where username = $1' });
  expect(await wrong.findProblems?.()).toMatchObject([failure(expect.stringMatching(/nmae/))]);
});
