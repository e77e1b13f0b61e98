import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFinder } from '../support/backends.ts';
import { createAuthority } from '../support/certificates.ts';
import {
  type DirectoryServer,
  READER,
  SUFFIX,
  startDirectory,
} from '../support/directory-server.ts';
import { startSilentServer } from '../support/silent-server.ts';

const PEOPLE = `ou=people,${SUFFIX}`;
const GROUPS = `ou=groups,${SUFFIX}`;
const dnOf = (uid: string) => `uid=${uid},${PEOPLE}`;

const person = (uid: string, more: Readonly<Record<string, string | readonly string[]>> = {}) => ({
  objectClass: ['inetOrgPerson', 'extensibleObject'],
  uid,
  cn: 'Alice Jensen',
  sn: 'Jensen',
  ...more,
});

let server: DirectoryServer;
let folder: string;
let passwordFile: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-ldap-'));
  passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, `${READER.password}\n`);
  server = await startDirectory({ lines: ['sizelimit 2000'] });
  await server.add({
    [dnOf('alice')]: person('alice', {
      cn: ['Alice Jensen', 'Alice'],
      givenName: 'Alice',
      mail: 'alice@example.test',
      telephoneNumber: '+1 201 555 0123',
      postalAddress: 'Main St 1$Amsterdam',
      jpegPhoto: '\u0001\u0002',
    }),
    [dnOf('bob')]: person('bob', { mail: ['bob@example.test', 'alice@example.test'] }),
  });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

type More = Readonly<Record<string, unknown>>;

const { open, find, close } = createFinder(() => ({
  type: 'ldap',
  urls: [server.url],
  bind: { dn: READER.dn, password_file: passwordFile },
  base: PEOPLE,
  cache_ttl: '0s',
  timeout: '30s',
}));
afterEach(close);

/** Entries that are there while a case runs. */
async function withEntries(
  entries: Parameters<DirectoryServer['add']>[0],
  work: () => Promise<void>,
) {
  await server.add(entries);
  try {
    await work();
  } finally {
    for (const dn of Object.keys(entries).reverse()) await server.delete(dn);
  }
}

const failure = (why: unknown) => ({
  name: 'Unavailable',
  message: 'userinfo did not answer: ask the ldap backend',
  cause: { message: why },
});

describe('userinfo ldap: claims', () => {
  it('are those of inetOrgPerson (RFC 2798) where the operator names none', async () => {
    expect(await find('alice')).toEqual({
      name: 'Alice Jensen',
      given_name: 'Alice',
      family_name: 'Jensen',
      preferred_username: 'alice',
      email: 'alice@example.test',
    });
  });

  it('are those that the operator names, of their types', async () => {
    await server.set(dnOf('alice'), 'description', ['TRUE']);
    const attributes = {
      names: { attribute: 'cn', type: 'texts' },
      email: 'mail',
      email_verified: 'description',
      updated_at: 'modifyTimestamp',
      address: 'postalAddress',
      phone_number: 'TELEPHONENUMBER',
      website: 'labeledURI',
    };
    const claims = await find('alice', { attributes });

    expect(claims).toEqual({
      names: ['Alice Jensen', 'Alice'],
      email: 'alice@example.test',
      email_verified: true,
      updated_at: expect.any(Number),
      address: { formatted: 'Main St 1\nAmsterdam' },
      phone_number: '+1 201 555 0123',
    });
    expect(Math.abs(Number(claims?.['updated_at']) - Date.now() / 1000)).toBeLessThan(600);
  });

  it('fail for several values where one is meant, of which anybody may have added one', async () => {
    await expect(find('bob')).rejects.toMatchObject(
      failure(
        'the attribute mail is not one text; type: first takes the first of several, texts all of them',
      ),
    );
    const attributes = { email: { attribute: 'mail', type: 'first' } };
    expect(await find('bob', { attributes })).toEqual({ email: 'bob@example.test' });
  });

  it('fail for what is not text, without repeating it', async () => {
    await expect(find('alice', { attributes: { picture: 'jpegPhoto' } })).rejects.toMatchObject(
      failure('the attribute jpegPhoto is not text'),
    );
    await expect(find('alice', { attributes: { email_verified: 'mail' } })).rejects.toMatchObject(
      failure('the attribute mail is not TRUE or FALSE'),
    );
  });

  it('have what the operator says of everybody, and never a reserved name (UP-11)', async () => {
    const more = { attributes: { sub: 'uid', acr: 'sn', email: 'mail' } };

    expect(await find('alice', { ...more, constants: { email_verified: true } })).toEqual({
      email: 'alice@example.test',
      email_verified: true,
    });
  });
});

describe('userinfo ldap: who is found', () => {
  it('does not know a name in another case or with spaces, which the directory takes for the same', async () => {
    expect(await find('ALICE')).toBeUndefined();
    expect(await find(' alice')).toBeUndefined();
    expect(await find('ALICE', { ignore_case: true })).toMatchObject({ name: 'Alice Jensen' });
    expect(await find(' alice', { ignore_case: true })).toBeUndefined();
  });

  it('does not take the sign of Kelvin for a k, as the directory does', async () => {
    await withEntries({ [`cn=mike,${PEOPLE}`]: person('mike', { cn: 'mike' }) }, async () => {
      expect(await find('mi\u212ae', { ignore_case: true })).toBeUndefined();
      expect(await find('MIKE', { ignore_case: true })).toMatchObject({ name: 'mike' });
    });
  });

  it('fails for two entries of one subject instead of choosing', async () => {
    const twin = { [`cn=twin,${PEOPLE}`]: person('alice', { cn: 'twin' }) };
    await withEntries(twin, async () => {
      await expect(find('alice')).rejects.toMatchObject(
        failure('more than one entry has this subject'),
      );
    });
    expect(await find('alice')).toMatchObject({ name: 'Alice Jensen' });
  });

  it('does not know whom the filter leaves out', async () => {
    const filter = '(&(uid={sub})(!(employeeType=left)))';
    expect(await find('alice', { filter })).toBeDefined();
    await server.set(dnOf('alice'), 'employeeType', ['left']);

    expect(await find('alice', { filter })).toBeUndefined();
    await server.set(dnOf('alice'), 'employeeType', []);
  });

  it('does not look deeper than the scope', async () => {
    expect(await find('alice', { base: SUFFIX, scope: 'one' })).toBeUndefined();
    expect(await find('alice', { base: SUFFIX })).toBeDefined();
  });

  it('follows no referral to another server', async () => {
    const referral = {
      [`ou=elsewhere,${PEOPLE}`]: {
        objectClass: ['referral', 'extensibleObject'],
        ou: 'elsewhere',
        ref: 'ldap://127.0.0.1:1/ou=people,dc=elsewhere',
      },
    };
    await server.add(referral);
    expect(await find('alice')).toMatchObject({ name: 'Alice Jensen' });

    await expect(find('alice', { base: `ou=elsewhere,${PEOPLE}` })).rejects.toMatchObject(
      failure(expect.stringMatching(/refers to another server/)),
    );
  });
});

describe('userinfo ldap: a subject is a value (RFC 4515 §3)', () => {
  const ATTACKS = [
    '*',
    'a*',
    ')(uid=*',
    '*)(uid=*',
    'alice)(|(uid=*',
    '\\2a',
    'alice\\',
    'alice\u0000',
    '\u0000',
    '{sub}',
    '{dn}',
    '$&',
    '&',
    'jürgen 🚲',
    '(',
  ];
  for (const attack of ATTACKS) {
    it(`finds nobody with ${JSON.stringify(attack)}, and whoever has it as a name`, async () => {
      // The name itself is no text for a claim where it has a control character in it.
      const attributes = { name: 'cn' };
      expect(await find(attack, { attributes })).toBeUndefined();

      const odd = { [`cn=odd,${PEOPLE}`]: person(attack, { cn: 'odd' }) };
      await withEntries(odd, async () => {
        expect(await find(attack, { attributes })).toEqual({ name: 'odd' });
      });
    });
  }
});

describe('userinfo ldap: groups', () => {
  const group = (cn: string, ...member: readonly string[]) => ({
    objectClass: 'groupOfNames',
    cn,
    member,
  });
  const STAFF = `cn=staff,${GROUPS}`;
  const ALL = {
    [STAFF]: group('staff', dnOf('alice'), dnOf('bob')),
    [`cn=all\\, of us,${GROUPS}`]: group('all, of us', STAFF),
    [`cn=loop,${GROUPS}`]: group('loop', `cn=all\\, of us,${GROUPS}`),
    [`cn=posix,${GROUPS}`]: {
      objectClass: 'posixGroup',
      cn: 'posix',
      gidNumber: '1',
      memberUid: 'alice',
    },
    [`cn=unique,${GROUPS}`]: {
      objectClass: 'groupOfUniqueNames',
      cn: 'unique',
      uniqueMember: dnOf('alice'),
    },
    [`cn=staff,${PEOPLE}`]: group('staff', dnOf('bob')),
    [`cn=admins,${PEOPLE}`]: group('admins', dnOf('alice')),
  };
  beforeAll(async () => {
    await server.add(ALL);
    await server.set(STAFF, 'member', [dnOf('alice'), dnOf('bob'), `cn=loop,${GROUPS}`]);
  });
  const groupsOf = async (more: More) =>
    [...(((await find('alice', more))?.['groups'] as string[] | undefined) ?? [])].sort();
  const search = (more: More = {}) => ({ group_search: { base: GROUPS, ...more } });

  it('are those of memberOf, below the base alone: others may make groups elsewhere', async () => {
    expect(await groupsOf({ member_of: {} })).toEqual(['admins', 'staff']);
    expect(await groupsOf({ member_of: { base: GROUPS } })).toEqual(['staff']);
    expect(await groupsOf({ member_of: { base: 'OU=Groups, dc=example,dc=TEST' } })).toEqual([
      'staff',
    ]);
  });

  it('are those that name the entry, or the subject', async () => {
    expect(await groupsOf(search())).toEqual(['staff']);
    expect(await groupsOf(search({ filter: '(uniqueMember={dn})' }))).toEqual(['unique']);
    expect(await groupsOf(search({ filter: '(memberUid={sub})' }))).toEqual(['posix']);
    expect(
      await groupsOf(search({ filter: '(|(member={dn})(uniqueMember={dn})(memberUid={sub}))' })),
    ).toEqual(['posix', 'staff', 'unique']);
  });

  it('are those of groups, too, as many steps as the operator says, loops and commas included', async () => {
    expect(await groupsOf(search({ nested: 1 }))).toEqual(['all, of us', 'staff']);
    expect(await groupsOf(search({ nested: 16 }))).toEqual(['all, of us', 'loop', 'staff']);
  });

  it('are both kinds, each once', async () => {
    expect(await groupsOf({ member_of: {}, ...search() })).toEqual(['admins', 'staff']);
  });

  it('are a failure where one has two names, of which anybody may have added one', async () => {
    await server.set(STAFF, 'description', ['one', 'two']);

    await expect(find('alice', search({ name: 'description' }))).rejects.toMatchObject(
      failure('the attribute description of a group is not one text'),
    );
  });

  it('are a failure where the directory does not tell all of them', async () => {
    const short = await startDirectory({ lines: ['sizelimit 3'] });
    const groups = ['a', 'b', 'c'].map((cn) => [`cn=${cn},${GROUPS}`, group(cn, dnOf('alice'))]);
    await short.add({ [dnOf('alice')]: person('alice'), ...Object.fromEntries(groups) });
    const terms = { urls: [short.url], ...search() };
    expect(await groupsOf(terms)).toEqual(['a', 'b', 'c']);

    await short.add({ [`cn=d,${GROUPS}`]: group('d', dnOf('alice')) });
    await expect(find('alice', terms)).rejects.toMatchObject(
      failure(expect.stringMatching(/more entries than it tells/)),
    );
    await short.close();
  });

  it('are a failure where there are more than a thousand, and all of them up to that', async () => {
    const many = `ou=many,${SUFFIX}`;
    const of = (cn: string) => ({ ...group(cn, dnOf('alice')), description: 'same' });
    const entries = Array.from({ length: 1000 }, (_, index) => [
      `cn=g${index},${many}`,
      of(`g${index}`),
    ]);
    await server.add({
      [many]: { objectClass: 'organizationalUnit', ou: 'many' },
      ...Object.fromEntries(entries),
    });
    expect(await groupsOf(search({ base: many }))).toHaveLength(1000);

    await server.add({ [`cn=more,${many}`]: of('more') });
    // Also of one name: the group that is missing may have another.
    for (const name of ['cn', 'description']) {
      await expect(find('alice', search({ base: many, name })), name).rejects.toMatchObject(
        failure('more than 1000 groups'),
      );
    }
  });
});

describe('userinfo ldap: the way to the directory', () => {
  const caFile = () => path.join(folder, 'ca.pem');

  it('is TLS from the start or by StartTLS, proven by the CA alone', async () => {
    await writeFile(caFile(), server.authority.cert);
    const tls = { ca_file: caFile() };
    expect(await find('alice', { urls: [server.tlsUrl], tls })).toBeDefined();
    expect(await find('alice', { start_tls: true, tls })).toBeDefined();

    await writeFile(caFile(), createAuthority('CA of the directory').cert);
    for (const way of [{ urls: [server.tlsUrl] }, { start_tls: true }]) {
      await expect(find('alice', { ...way, tls })).rejects.toMatchObject(
        failure(expect.stringMatching(/certificate/)),
      );
    }
    await writeFile(caFile(), server.authority.cert);
  });

  it('is refused where the certificate is of another name', async () => {
    await writeFile(caFile(), server.authority.cert);
    const { tls: port } = server.ports;
    const tls = { ca_file: caFile() };

    expect(await find('alice', { urls: [`ldaps://localhost:${port}`], tls })).toBeDefined();
    await expect(
      find('alice', { urls: [`ldaps://127.0.0.2:${port}`], tls, timeout: '2s' }),
    ).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('is a certificate of ours, where the directory knows it (SASL EXTERNAL)', async () => {
    const files = { cert_file: path.join(folder, 'cert'), key_file: path.join(folder, 'key') };
    const { cert, key } = server.authority.issue({ commonName: 'asteroid' });
    await writeFile(files.cert_file, cert);
    await writeFile(files.key_file, key);
    const tls = { ca_file: caFile(), ...files };
    const terms = { urls: [server.tlsUrl], tls, bind: { external: true } };
    expect(await find('alice', terms)).toBeDefined();

    const other = server.authority.issue({ commonName: 'somebody-else' });
    await writeFile(files.cert_file, other.cert);
    await writeFile(files.key_file, other.key);
    expect(await find('alice', terms).catch(() => undefined)).toBeUndefined();
  });

  it('fails with a wrong or an empty password, never as nobody', async () => {
    const file = path.join(folder, 'other');
    const bind = { dn: READER.dn, password_file: file };
    await writeFile(file, 'wrong');
    await expect(find('alice', { bind })).rejects.toMatchObject(
      failure(expect.stringMatching(/Invalid credentials/)),
    );

    await writeFile(file, '\n');
    await expect(find('alice', { bind })).rejects.toMatchObject(
      failure('the password of the directory is empty'),
    );
  });

  it('leads to the next server where one does not answer', async () => {
    const urls = ['ldap://127.0.0.1:1', server.url];

    expect(await find('alice', { urls })).toBeDefined();
    await expect(find('alice', { urls: ['ldap://127.0.0.1:1'] })).rejects.toMatchObject(
      failure(expect.stringMatching(/ECONNREFUSED/)),
    );
  });

  it('leads to the next server where one takes connections and says nothing', async () => {
    const silent = await startSilentServer();
    for (const scheme of ['ldap', 'ldaps']) {
      const urls = [`${scheme}://127.0.0.1:${silent.port}`, server.url];
      const allowed = { allow_plain_text: true, timeout: '4s' };
      expect(await find('alice', { urls, ...allowed }), scheme).toBeDefined();
    }
    silent.close();
  });
});

it('is asked about nobody to find problems, and says them', async () => {
  expect(await (await open()).findProblems?.()).toEqual([]);

  const wrong = await open({ base: 'ou=nowhere,dc=example,dc=test' });
  expect(await wrong.findProblems?.()).toMatchObject([
    failure(expect.stringMatching(/nothing at the base/)),
  ]);
});
