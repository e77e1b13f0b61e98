import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG, createFolder, loadFolder, problemsOf, SECRET } from './loader.fixture.ts';

const SALT = 'c2FsdC1vZi10aGlzLWlzc3Vlci0wMTIzNDU2Nzg5';
const WITH_SALT = `${CONFIG}pairwise: { salt_file: salt }\n`;

const client = (rest: string, uris = 'https://a.example/cb'): string =>
  `clients:\n  - client_id: a\n    client_secret: ${SECRET}\n    redirect_uris: [${uris}]\n${rest}`;

const folderWith = (rest: string, config = WITH_SALT, uris?: string) =>
  createFolder({ 'asteroid.yaml': config, 'clients.yaml': client(rest, uris), salt: `${SALT}\n` });

const problemsWith = async (rest: string, config?: string, uris?: string) =>
  problemsOf(await folderWith(rest, config, uris));

async function loadWith(rest: string, config?: string, uris?: string) {
  const snapshot = await loadFolder(await folderWith(rest, config, uris));
  const [only] = snapshot.clients.values();
  if (only === undefined) throw new Error('no client');
  return { client: only, snapshot };
}

describe('clients.yaml: claims in another form', () => {
  it('takes over everything that is said', async () => {
    const { client: loaded } = await loadWith(`    preferred_username_transform: [slug, lower]
    claims:
      roles: { from: groups, match: "a.*", strip_prefix: "a-", values: { b: c } }
      groups: { from: groups }
    allow: { email_domains: [corp.example] }
`);

    expect(loaded).toMatchObject({
      preferredUsernameTransform: ['slug', 'lower'],
      claimMappings: [
        { claim: 'roles', from: 'groups', stripPrefix: 'a-', values: new Map([['b', 'c']]) },
        { claim: 'groups', match: undefined, stripPrefix: '', values: undefined },
      ],
      allow: { subjects: [], groups: [], emailDomains: ['corp.example'] },
    });
    expect(loaded.claimMappings[0]?.match).toEqual(/^(?:a.*)$/u);
  });

  for (const [entry, problem] of [
    ['sub: { from: name }', 'claims.sub: is a claim that only Asteroid may set; use another name'],
    ['iss: { from: name }', 'claims.iss: is a claim that only Asteroid may set; use another name'],
    [
      'email: { from: email }',
      'claims.email: is believed as a proven address, and may not be made of anything; use another name',
    ],
    [
      'email_verified: { from: name }',
      'claims.email_verified: is believed as a proven address, and may not be made of anything; use another name',
    ],
    [
      'phone_number: { from: name }',
      'claims.phone_number: is believed as a proven address, and may not be made of anything; use another name',
    ],
    ['"": { from: name }', 'claims.: is empty; name the claim'],
    [
      'name: { from: nickname }',
      'claims.name: is a standard claim, and may be made of nothing but itself; write from: name, or use another name',
    ],
    [
      'groups: { from: name }',
      'claims.groups: is a standard claim, and may be made of nothing but itself; write from: groups, or use another name',
    ],
    [
      'roles: { from: groups, match: "(" }',
      'claims.roles.match: is not a regular expression as JavaScript has them with the u flag',
    ],
    [
      'roles: { from: groups, match: "(a+)+" }',
      'claims.roles.match: repeats a group that repeats, chooses or leaves out something itself; write it without',
    ],
    [
      'roles: { from: groups, match: ".*-.*-.*-.*" }',
      'claims.roles.match: has too many ways through a text; write it with fewer of * + {n,} ? and |',
    ],
    [
      'roles: { from: groups, strip: a }',
      'claims.roles.strip: is not a known key; known here: from, match, strip_prefix, values',
    ],
    ['roles: { match: a }', 'claims.roles.from: is missing; it has to be text'],
    ['roles: { from: sub }', 'claims.roles.from: has to be one of'],
    ['roles: { from: department }', 'claims.roles.from: has to be one of'],
    ['roles: { from: address }', 'claims.roles.from: has to be one of'],
    ['roles: { from: email_verified }', 'claims.roles.from: has to be one of'],
  ] as const) {
    it(`refuses ${entry}, with its line`, async () => {
      const [found, ...more] = await problemsWith(`    claims:\n      ${entry}\n`);

      expect(found?.startsWith(`clients.yaml:6: clients[0].${problem}`), found).toBe(true);
      expect(more).toEqual([]);
    });
  }

  it('refuses two ways to one preferred_username', async () => {
    const both = `    preferred_username_transform: [lower]
    claims: { preferred_username: { from: preferred_username } }
`;

    expect(await problemsWith(both)).toEqual([
      'clients.yaml:6: clients[0].claims.preferred_username: is made by preferred_username_transform already; remove one of the two',
    ]);
    expect(await problemsWith(both.split('\n').slice(1).join('\n'))).toEqual([]);
  });

  it('refuses a step that does not exist', async () => {
    expect(await problemsWith('    preferred_username_transform: [lowercase]\n')).toEqual([
      'clients.yaml:5: clients[0].preferred_username_transform[0]: has to be one of local-part, lower, slug',
    ]);
  });

  for (const domain of ['"@corp.example"', '"*.corp.example"', '""', 'corp..', 'münchen.example']) {
    it(`refuses ${domain} as the domain of an address`, async () => {
      expect(await problemsWith(`    allow: { email_domains: [${domain}] }\n`)).toEqual([
        'clients.yaml:5: clients[0].allow.email_domains[0]: has to be a domain, as in example.com, without an @',
      ]);
    });
  }
});

const PAIRWISE = '    subject_type: pairwise\n';

describe('clients.yaml: pairwise subjects (TC-3)', () => {
  it('are told by the one host of the redirect URIs', async () => {
    const uris = 'https://a.example/cb, https://a.example:8443/other';
    const { client: loaded, snapshot } = await loadWith(PAIRWISE, WITH_SALT, uris);

    expect(loaded.sectorIdentifier).toBe('a.example');
    expect(snapshot.pairwiseSalt).toEqual(Buffer.from(SALT));
  });

  it('are told by the sector that is named, whatever the redirect URIs are', async () => {
    const named = `${PAIRWISE}    sector_identifier: sector.example\n`;
    const uris = 'https://a.example/cb, https://b.example/cb, http://localhost/cb';

    expect((await loadWith(named)).client.sectorIdentifier).toBe('sector.example');
    expect((await loadWith(named, WITH_SALT, uris)).client.sectorIdentifier).toBe('sector.example');
  });

  it('are for nobody who does not ask for them', async () => {
    expect((await loadWith('')).client.sectorIdentifier).toBeUndefined();
    expect((await loadWith('', CONFIG)).snapshot.pairwiseSalt).toBeUndefined();
  });

  const NAME = 'name the sector by sector_identifier: HOST';
  for (const [what, rest, config, uris, problem] of [
    [
      'no salt',
      PAIRWISE,
      CONFIG,
      undefined,
      'subject_type: needs a salt; set pairwise.salt_file in asteroid.yaml',
    ],
    [
      'two hosts',
      PAIRWISE,
      WITH_SALT,
      'https://a.example/cb, https://b.example/cb',
      `subject_type: is not clear, since redirect_uris have several hosts; ${NAME}`,
    ],
    [
      'loopback',
      PAIRWISE,
      WITH_SALT,
      'http://localhost:3000/cb',
      `subject_type: would be shared with every client on loopback; ${NAME}`,
    ],
    [
      'an app',
      `${PAIRWISE}    application_type: native\n`,
      WITH_SALT,
      '"com.example.app:/cb"',
      `subject_type: has no redirect URI with a host, which pairwise subjects need; ${NAME}`,
    ],
    [
      'another type',
      '    subject_type: pair\n',
      WITH_SALT,
      undefined,
      'subject_type: has to be one of public, pairwise',
    ],
    [
      'a sector of nothing',
      '    sector_identifier: a.example\n',
      WITH_SALT,
      undefined,
      'sector_identifier: is of no use with subject_type: public; remove it',
    ],
  ] as const) {
    it(`refuses ${what}, with its line`, async () => {
      expect(await problemsWith(rest, config, uris)).toEqual([
        `clients.yaml:5: clients[0].${problem}`,
      ]);
    });
  }

  for (const host of [
    'https://a.example',
    'a.example:8443',
    'A.example',
    'a.example/',
    '"a\\0b"',
    '""',
    '-a',
  ]) {
    it(`refuses ${host} as a sector`, async () => {
      const found = await problemsWith(`${PAIRWISE}    sector_identifier: ${host}\n`);

      expect(found).toEqual([
        'clients.yaml:6: clients[0].sector_identifier: has to be a host in small letters, without scheme, port and path',
      ]);
    });
  }

  it('are not missed where the salt is there and could not be read', async () => {
    const folder = await createFolder({
      'asteroid.yaml': `${CONFIG}pairwise: { salt_fil: salt }\n`,
      'clients.yaml': client(PAIRWISE),
    });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:5: pairwise.salt_file: is missing; it has to be text',
      'asteroid.yaml:5: pairwise.salt_fil: is not a known key; did you mean salt_file?',
    ]);
  });
});

describe('pairwise.salt_file (TC-3)', () => {
  const saltIs = async (salt: string, mode = 0o600) => {
    const folder = await createFolder({ 'asteroid.yaml': WITH_SALT, salt });
    await chmod(path.join(folder, 'salt'), mode);
    return problemsOf(folder);
  };

  for (const [what, salt, mode, problem] of [
    [
      'short',
      'abcdefghijklmnopqrstuvwxyz01234',
      0o600,
      'is shorter than 32 bytes; use openssl rand -base64 32',
    ],
    ['empty', '', 0o600, 'is empty; give a secret, as openssl rand -base64 32 makes them'],
    [
      'a placeholder',
      'a'.repeat(40),
      0o600,
      'is a placeholder that anybody would try first; use a random one, as openssl rand -base64 32 makes them',
    ],
    [
      'readable for everybody',
      SALT,
      0o644,
      'may be read by everybody on this machine; chmod o-r, or in Kubernetes defaultMode: 0440',
    ],
  ] as const) {
    it(`refuses one that is ${what}, with its line`, async () => {
      expect(await saltIs(salt, mode)).toEqual([
        `asteroid.yaml:5: pairwise.salt_file: salt ${problem}`,
      ]);
    });
  }

  it('takes 32 bytes that only the group may read besides', async () => {
    expect(await saltIs('abcdefghijklmnopqrstuvwxyz012345', 0o640)).toEqual([]);
  });

  it('refuses one that is not there: none is ever made', async () => {
    const folder = await createFolder({ 'asteroid.yaml': WITH_SALT });

    expect(await problemsOf(folder)).toEqual([
      'asteroid.yaml:5: pairwise.salt_file: salt does not exist; create it, or name another file',
    ]);
  });

  it('is found beside the file that names it, or by the variable', async () => {
    const folder = await createFolder({
      'sub/salt': SALT,
      'sub/more.yaml': 'pairwise: { salt_file: salt }\n',
    });
    const files = ['asteroid.yaml', 'sub/more.yaml'];
    const env = { ASTEROID_PAIRWISE_SALT_FILE: path.join(folder, 'sub/salt') };

    expect((await loadFolder(folder, { files })).pairwiseSalt).toEqual(Buffer.from(SALT));
    expect((await loadFolder(folder, { env })).pairwiseSalt).toEqual(Buffer.from(SALT));
  });
});
