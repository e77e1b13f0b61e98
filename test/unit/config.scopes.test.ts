import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { printPath } from '../../internal/config/finding.ts';
import { toScopeTable } from '../../internal/config/sections/scopes.ts';
import { RESERVED_CLAIMS } from '../../internal/protocol/claims.ts';
import { STANDARD_SCOPES } from '../../internal/protocol/scope-table.ts';
import {
  CONFIG,
  createFolder,
  loadFolder,
  problemsOf,
  SECRET,
  warningsOf,
} from './loader.fixture.ts';

const read = (scopes: object) =>
  readConfig(
    { upstream: { trust: { secret: { files: ['s'] } } }, scopes },
    { mode: 'serve', exposed: false },
  );

const problemsIn = (scopes: object): readonly string[] =>
  read(scopes).problems.map(({ path, problem }) => `${printPath(path)}: ${problem}`);

describe('scopes of asteroid.yaml', () => {
  it('become a table behind the standard ones', () => {
    const { config, problems } = read({
      'api:read': { default: true, clients: ['a'] },
      profile: { description: 'who you are at work', claims: ['department', 'name'] },
      hr: {},
    });
    const table = toScopeTable(config.scopes);
    const standard = STANDARD_SCOPES.get('profile')?.claims ?? [];

    expect(problems).toEqual([]);
    expect([...table.keys()]).toEqual([...STANDARD_SCOPES.keys(), 'api:read', 'hr']);
    expect(table.get('api:read')).toEqual({
      description: undefined,
      claims: [],
      isDefault: true,
      clients: ['a'],
    });
    expect(table.get('profile')).toEqual({
      description: 'who you are at work',
      claims: [...standard, 'department'],
      isDefault: false,
      clients: undefined,
    });
    expect(table.get('email')).toEqual(STANDARD_SCOPES.get('email'));
  });

  it('are the standard ones where nothing is said', () => {
    expect([...toScopeTable(read({}).config.scopes)]).toEqual([...STANDARD_SCOPES]);
  });

  for (const name of ['a b', 'a"b', 'a\\b', 'é', '', 'a\tb']) {
    it(`refuse the name ${JSON.stringify(name)}`, () => {
      expect(problemsIn({ [name]: {} })).toEqual([
        expect.stringContaining('has to be one scope name: printable ASCII characters'),
      ]);
    });
  }

  for (const claim of [...RESERVED_CLAIMS].filter((name) => name !== '__proto__')) {
    it(`refuse to release ${claim}`, () => {
      expect(problemsIn({ hr: { claims: ['department', claim] } })).toEqual([
        'scopes.hr.claims[1]: is a claim that only Asteroid may set, and that no scope releases; remove it',
      ]);
    });
  }

  for (const [scopes, problem] of [
    [{ hr: { claims: [''] } }, 'scopes.hr.claims[0]: has to be the name of a claim'],
    [{ hr: { claims: ['a\nb'] } }, 'scopes.hr.claims[0]: has to be the name of a claim'],
    [
      { hr: { description: 'a\nb' } },
      'scopes.hr.description: has a control character in it; remove it',
    ],
    [{ hr: { description: 'x'.repeat(201) } }, 'scopes.hr.description: has to be at most 200 long'],
    [{ hr: { clients: [] } }, 'scopes.hr.clients: is empty; give it a value, or remove the key'],
    [{ hr: { claim: [] } }, 'scopes.hr.claim: is not a known key; did you mean claims?'],
    [
      { offline_access: { default: true } },
      'scopes.offline_access.default: cannot be granted without being asked for (OIDC Core §11); remove it',
    ],
  ] as const) {
    it(`refuse ${JSON.stringify(scopes).slice(0, 60)}`, () => {
      expect(problemsIn(scopes)).toEqual([problem]);
    });
  }

  it('may restrict a standard scope to some clients, and make openid a default', () => {
    expect(problemsIn({ offline_access: { clients: ['a'] }, openid: { default: true } })).toEqual(
      [],
    );
  });
});

describe('clients.yaml, held against the scopes', () => {
  const OWN = `${CONFIG}scopes:
  hr: { claims: [department, room], clients: [app] }
  reports: {}
`;
  const client = (id: string, rest: string): string =>
    `clients:\n  - client_id: ${id}\n    client_secret: ${SECRET}\n    redirect_uris: [https://a.example/cb]\n${rest}`;
  const folder = (id: string, rest: string, config = OWN) =>
    createFolder({ 'asteroid.yaml': config, 'clients.yaml': client(id, rest) });

  it('may list what it may ask for, and names that only a resource server knows', async () => {
    const sound = await folder('app', '    scope: openid hr reports api:read\n');

    expect(await problemsOf(sound)).toEqual([]);
    expect((await warningsOf(sound)).filter((line) => line.includes('scope'))).toEqual([]);
  });

  it('may not list what is for others', async () => {
    expect(await problemsOf(await folder('app2', '    scope: openid hr\n'))).toEqual([
      'clients.yaml:5: clients[0].scope: lists hr, which is for other clients; remove it, or add the client to scopes.hr.clients in asteroid.yaml',
    ]);
  });

  it('is warned of a name that is nearly a known one', async () => {
    for (const [scope, nearest] of [
      ['opnid', 'openid'],
      ['openid report', 'reports'],
    ]) {
      const warnings = await warningsOf(await folder('app', `    scope: ${scope}\n`));

      expect(warnings).toContainEqual(
        `clients.yaml:5: clients[0].scope: has a name that the issuer does not know; did you mean ${nearest}? Otherwise describe it under scopes in asteroid.yaml`,
      );
    }
  });

  it('may make claims of what a scope of one’s own releases', async () => {
    const rest = '    claims: { unit: { from: department } }\n';

    expect(await problemsOf(await folder('app', rest))).toEqual([]);
    const [problem, ...more] = await problemsOf(await folder('app', rest, CONFIG));
    expect(problem).toMatch(
      /^clients\.yaml:5: clients\[0\]\.claims\.unit\.from: has to be one of name, /,
    );
    expect(more).toEqual([]);
  });

  it('is warned of ids that no client has', async () => {
    const warnings = await warningsOf(await folder('other', ''));

    expect(warnings).toContainEqual(
      'asteroid.yaml:6: scopes.hr.clients[0]: is the id of no client of clients.yaml; correct it, or remove it',
    );
    expect((await warningsOf(await folder('app', ''))).join('\n')).not.toContain('scopes.hr');
  });

  it('is not judged by scopes that could not be read', async () => {
    const broken = `${CONFIG}scopes: { hr: { claim: [department] } }\n`;
    const rest = '    claims: { unit: { from: department } }\n    scope: openid hr\n';

    expect(await problemsOf(await folder('app', rest, broken))).toEqual([
      'asteroid.yaml:5: scopes.hr.claim: is not a known key; did you mean claims?',
    ]);
  });

  it('keeps the scopes of the file in the snapshot', async () => {
    const { config } = await loadFolder(await folder('app', ''));

    expect(Object.keys(config.scopes)).toEqual(['hr', 'reports']);
  });
});
