import { describe, expect, it } from 'vitest';
import { toTokenIssuers } from '../../internal/app/token-issuers.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { printPath } from '../../internal/config/finding.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { createSigner, setOf } from '../support/signer.ts';
import { CONFIG, createFolder, loadFolder, problemsOf, TERMS } from './loader.fixture.ts';

const CLUSTER = {
  issuer: 'https://kubernetes.default.svc',
  jwks_uri: 'https://kubernetes.default.svc/openid/v1/jwks',
  algorithms: ['RS256'],
  subjects: { prefix: 'k8s:' },
};

const read = (token_issuers: object, more: object = {}) =>
  readConfig(
    { upstream: { trust: { secret: { files: ['s'] } } }, token_issuers, ...more },
    { mode: 'serve', exposed: false },
  );

const problemsWith = (different: object, more: object = {}): readonly string[] =>
  read({ cluster: { ...CLUSTER, ...different } }, more).problems.map(
    ({ path, problem }) => `${printPath(path)}: ${problem}`,
  );

describe('token_issuers (TX-1, JB-1)', () => {
  it('are none by default: whoever is not named is not believed', () => {
    expect(readConfig({}, { mode: 'dev', exposed: false }).config.token_issuers).toEqual({});
  });

  it('become what the domain decides by, strict where nothing is said', () => {
    const { config, problems } = read({ cluster: CLUSTER });

    expect(problems).toEqual([]);
    expect(toTokenIssuers(config.token_issuers, () => new Map())).toEqual([
      {
        name: 'cluster',
        issuer: CLUSTER.issuer,
        keys: { kind: 'uri', uri: CLUSTER.jwks_uri, writtenBy: 'operator' },
        algorithms: ['RS256'],
        audience: undefined,
        maxLifetime: 3600,
        clockSkew: 30,
        require: new Map(),
        subjects: {
          claim: 'sub',
          match: undefined,
          as: { kind: 'prefixed', prefix: 'k8s:' },
          mustExist: true,
        },
      },
    ]);
  });

  it('take everything that may be said of one', () => {
    const { config, problems } = read({
      corp: {
        ...CLUSTER,
        audience: ['sso'],
        max_lifetime: '10m',
        clock_skew: '5s',
        require: { tenant: 'corp', mfa: true, level: 2 },
        subjects: { claim: 'oid', match: 'u-[0-9]+', map: { 'u-1': 'alice' } },
      },
    });
    const [corp] = toTokenIssuers(config.token_issuers, () => new Map());

    expect(problems).toEqual([]);
    expect(corp).toMatchObject({
      audience: ['sso'],
      maxLifetime: 600,
      clockSkew: 5,
      require: new Map<string, unknown>([
        ['tenant', 'corp'],
        ['mfa', true],
        ['level', 2],
      ]),
      subjects: {
        claim: 'oid',
        match: /^(?:u-[0-9]+)$/u,
        as: { kind: 'mapped', subjects: new Map([['u-1', 'alice']]) },
        mustExist: true,
      },
    });
    const same = read({ cluster: { ...CLUSTER, subjects: { same: true } } });
    const [known] = toTokenIssuers(same.config.token_issuers, () => new Map());
    expect(known?.subjects.as).toEqual({ kind: 'same' });
  });

  for (const [what, different, problem] of [
    [
      'no rule for its subjects',
      { subjects: {} },
      'subjects: has to have exactly one of same, prefix, map',
    ],
    [
      'two rules for its subjects',
      { subjects: { same: true, prefix: 'k8s:' } },
      'subjects: has to have exactly one of same, prefix, map',
    ],
    [
      'subjects of ours that need not exist',
      { subjects: { same: true, must_exist: false } },
      'subjects.must_exist: may be false only with prefix; remove it',
    ],
    [
      'mapped subjects that need not exist',
      { subjects: { map: { a: 'alice' }, must_exist: false } },
      'subjects.must_exist: may be false only with prefix; remove it',
    ],
    [
      'an empty prefix',
      { subjects: { prefix: '' } },
      'subjects.prefix: is empty; give it a value, or remove the key',
    ],
    [
      'a pattern that is none',
      { subjects: { prefix: 'a', match: '(' } },
      'subjects.match: is not a regular expression as JavaScript has them with the u flag',
    ],
    ['no keys', { jwks_uri: undefined }, 'has to have exactly one of jwks_uri and jwks_file'],
    ['keys twice', { jwks_file: 'keys.json' }, 'has to have exactly one of jwks_uri and jwks_file'],
    ['keys over plain http', { jwks_uri: 'http://keys.example/jwks' }, 'jwks_uri: has to be https'],
    [
      'no algorithms',
      { algorithms: [] },
      'algorithms: is empty; give it a value, or remove the key',
    ],
    [
      'no audience at all',
      { audience: [] },
      'audience: is empty; give it a value, or remove the key',
    ],
    [
      'a life without an end',
      { max_lifetime: '367d' },
      'max_lifetime: has to be between 1s and 366d',
    ],
    [
      'clocks of which one is wrong',
      { clock_skew: '6m' },
      'clock_skew: has to be between 0s and 5m',
    ],
  ] as const) {
    it(`refuses one with ${what}`, () => {
      const [found = '', ...more] = problemsWith(different);

      expect(found).toBe(
        `token_issuers.cluster${problem.startsWith('has to have') ? ': ' : '.'}${problem}`,
      );
      expect(more).toEqual([]);
    });
  }

  it('refuses symmetric algorithms, and none at all', () => {
    for (const alg of ['HS256', 'none', 'RS1']) {
      expect(problemsWith({ algorithms: [alg] })[0]).toContain('has to be asymmetric: ES256');
    }
    expect(problemsWith({ jwks_uri: 'http://127.0.0.1:8001/jwks' })).toEqual([]);
  });

  it('refuses names that stand for something else, and our own tokens as those of others', () => {
    const nameProblems = (name: string) =>
      read({ [name]: CLUSTER }).problems.map(({ problem }) => problem);

    expect(nameProblems('self')).toEqual(['stands for tokens of our own; use another name']);
    expect(nameProblems('Cluster')).toEqual([
      'has to be small letters, digits, dots, dashes and underscores',
    ]);
    expect(nameProblems('cluster-1.eu_2')).toEqual([]);
    expect(
      problemsWith({ issuer: 'https://sso.example' }, { issuer: 'https://sso.example' }),
    ).toEqual(['token_issuers.cluster.issuer: is this issuer; its own tokens are named by self']);
    expect(
      read({ cluster: CLUSTER, twin: { ...CLUSTER, subjects: { same: true } } }).problems,
    ).toMatchObject([
      { path: ['token_issuers', 'twin', 'issuer'], problem: 'is that of cluster too; remove one' },
    ]);
  });
});

const keysFrom = (file: string) => `${CONFIG}token_issuers:
  cluster:
    issuer: https://kubernetes.default.svc
    jwks_file: ${file}
    algorithms: [ES256]
    subjects: { prefix: "k8s:" }
`;

describe('token_issuers.<name>.jwks_file (TX-1, JB-1)', () => {
  it('is read from beside the file that names it, and asked for anew each time', async () => {
    const set = setOf(await createSigner('k1'));
    const folder = await createFolder({
      'sub/more.yaml': keysFrom('keys.json').slice(CONFIG.length),
      'sub/keys.json': set,
    });
    const { config, tokenIssuerKeys } = await loadFolder(folder, {
      files: ['asteroid.yaml', 'sub/more.yaml'],
    });

    expect(tokenIssuerKeys).toEqual(new Map([['cluster', set]]));
    let keys: ReadonlyMap<string, string> = tokenIssuerKeys;
    const [issuer] = toTokenIssuers(config.token_issuers, () => keys);
    const textNow = () => (issuer?.keys.kind === 'text' ? issuer.keys.text() : undefined);
    expect(textNow()).toBe(set);
    keys = new Map([['cluster', 'another set']]);
    expect(textNow()).toBe('another set');
    keys = new Map();
    expect(textNow()).toBe('{"keys":[]}');
  });

  for (const [what, content, problem] of [
    ['is not there', undefined, 'does not exist; create it, or name another file'],
    ['is empty', '', 'is empty'],
    ['is no JWK Set', '[]', 'is no JWK Set, as in { "keys": [ … ] }'],
    [
      'holds a symmetric key',
      '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}',
      'has a key that is a symmetric key, which proves nothing (key 1)',
    ],
  ] as const) {
    it(`is refused with its line where it ${what}`, async () => {
      const folder = await createFolder({
        'asteroid.yaml': keysFrom('keys.json'),
        ...(content === undefined ? {} : { 'keys.json': content }),
      });

      expect(await problemsOf(folder)).toEqual([
        `asteroid.yaml:8: token_issuers.cluster.jwks_file: keys.json ${problem}`,
      ]);
    });
  }
});

const ISSUERS = `${CONFIG}token_issuers:
  cluster:
    issuer: https://kubernetes.default.svc
    jwks_uri: https://kubernetes.default.svc/openid/v1/jwks
    algorithms: [RS256]
    subjects: { prefix: "k8s:" }
pairwise: { salt_file: salt }
`;
const terms = { grantTypes: new Set([...TERMS.grantTypes, TOKEN_EXCHANGE, JWT_BEARER]) };

const clientProblems = async (metadata: object, config = ISSUERS) => {
  const client = { client_id: 'app', client_secret_file: 'app-secret', ...metadata };
  const folder = await createFolder({
    'asteroid.yaml': config,
    'clients.yaml': JSON.stringify({ clients: [client] }),
    salt: 'c2FsdC1vZi10aGlzLWlzc3Vlci0wMTIzNDU2Nzg5',
  });
  return (await problemsOf(folder, terms)).map((line) =>
    line.replace(/^clients\.yaml:1: clients\[0\]\.?/, ''),
  );
};

const EXCHANGE = {
  grant_types: [TOKEN_EXCHANGE],
  token_exchange: { issuers: ['self', 'cluster'], audiences: ['orders'] },
};
const BEARER = { grant_types: [JWT_BEARER], jwt_bearer: { issuers: ['cluster'] } };

describe('token_exchange and jwt_bearer of a client (TX-1, TX-2, JB-1)', () => {
  it('become a policy in which nothing is allowed that is not written', async () => {
    const folder = await createFolder({
      'asteroid.yaml': ISSUERS,
      'clients.yaml': JSON.stringify({
        clients: [
          { client_id: 'narrow', client_secret_file: 'app-secret', ...EXCHANGE },
          {
            client_id: 'wide',
            client_secret_file: 'app-secret',
            grant_types: [TOKEN_EXCHANGE, JWT_BEARER],
            token_exchange: {
              ...EXCHANGE.token_exchange,
              subject_token_types: ['id_token', 'jwt'],
              clients: '*',
              scope: 'a b',
              actor_issuers: ['self'],
              impersonation: true,
              rebind: true,
            },
            jwt_bearer: BEARER.jwt_bearer,
          },
        ],
      }),
      salt: 'c2FsdC1vZi10aGlzLWlzc3Vlci0wMTIzNDU2Nzg5',
    });
    const { clients } = await loadFolder(folder, terms);

    expect(clients.get('narrow')).toMatchObject({
      tokenExchange: {
        issuers: ['self', 'cluster'],
        subjectTokenTypes: ['access_token'],
        clients: [],
        audiences: ['orders'],
        scope: [],
        actorIssuers: [],
        impersonation: false,
        rebind: false,
      },
      jwtBearer: undefined,
    });
    expect(clients.get('wide')).toMatchObject({
      tokenExchange: {
        subjectTokenTypes: ['id_token', 'jwt'],
        clients: '*',
        scope: ['a', 'b'],
        actorIssuers: ['self'],
        impersonation: true,
        rebind: true,
      },
      jwtBearer: { issuers: ['cluster'] },
    });
  });

  it('are taken where everything they name is there', async () => {
    expect(await clientProblems(EXCHANGE)).toEqual([]);
    expect(await clientProblems(BEARER)).toEqual([]);
  });

  for (const [what, metadata, problem] of [
    [
      'a policy without the grant',
      { ...EXCHANGE, grant_types: ['client_credentials'] },
      `token_exchange: is of no use without ${TOKEN_EXCHANGE} in grant_types; add it, or remove this`,
    ],
    [
      'the grant without a policy',
      { grant_types: [TOKEN_EXCHANGE] },
      `token_exchange: is missing; ${TOKEN_EXCHANGE} needs it`,
    ],
    [
      'assertions without the grant',
      { ...BEARER, grant_types: ['client_credentials'] },
      `jwt_bearer: is of no use without ${JWT_BEARER} in grant_types; add it, or remove this`,
    ],
    [
      'the grant for nobody’s assertions',
      { grant_types: [JWT_BEARER] },
      `jwt_bearer: is missing; ${JWT_BEARER} needs it`,
    ],
    [
      'an issuer that is not configured',
      { ...EXCHANGE, token_exchange: { issuers: ['self', 'clusters'], audiences: ['orders'] } },
      'token_exchange.issuers[1]: is not among token_issuers of asteroid.yaml; did you mean cluster?',
    ],
    [
      'actors of an issuer that is not configured',
      { ...EXCHANGE, token_exchange: { ...EXCHANGE.token_exchange, actor_issuers: ['other'] } },
      'token_exchange.actor_issuers[0]: is not among token_issuers of asteroid.yaml',
    ],
    [
      'assertions of our own',
      { ...BEARER, jwt_bearer: { issuers: ['self'] } },
      'jwt_bearer.issuers[0]: is not among token_issuers of asteroid.yaml',
    ],
    [
      'nothing to exchange for',
      { ...EXCHANGE, token_exchange: { issuers: ['self'], audiences: [] } },
      'token_exchange.audiences: is empty; give it a value, or remove the key',
    ],
    [
      'a client list that is neither',
      { ...EXCHANGE, token_exchange: { ...EXCHANGE.token_exchange, clients: 'all' } },
      "token_exchange.clients: has to be a list of client ids, or '*'",
    ],
    [
      'foreign subjects under pairwise names',
      { ...EXCHANGE, subject_type: 'pairwise', sector_identifier: 'app.example' },
      'token_exchange: names issuers besides self, which cannot be combined with subject_type: pairwise; remove one of the two',
    ],
    [
      'assertions under pairwise names',
      { ...BEARER, subject_type: 'pairwise', sector_identifier: 'app.example' },
      'jwt_bearer: cannot be combined with subject_type: pairwise; remove one of the two',
    ],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      expect(await clientProblems(metadata)).toEqual([problem]);
    });
  }

  it('of our own tokens go with pairwise names', async () => {
    const self = { issuers: ['self'], audiences: ['orders'] };
    const pairwise = { subject_type: 'pairwise', sector_identifier: 'app.example' };

    expect(await clientProblems({ ...EXCHANGE, token_exchange: self, ...pairwise })).toEqual([]);
  });

  it('are refused to a client without credentials', async () => {
    for (const metadata of [EXCHANGE, BEARER]) {
      const open = {
        ...metadata,
        client_secret_file: undefined,
        token_endpoint_auth_method: 'none',
      };
      expect(await clientProblems(open)).toEqual([
        'grant_types[0]: needs a client that authenticates; remove it',
      ]);
    }
  });

  it('are not judged by issuers that could not be read', async () => {
    const broken = ISSUERS.replace('algorithms: [RS256]', 'algorithms: [HS256]');
    const found = await clientProblems(EXCHANGE, broken);

    expect(found).toHaveLength(1);
    expect(found[0]).toContain('token_issuers.cluster.algorithms');
  });
});
