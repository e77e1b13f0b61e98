import { beforeAll, describe, expect, it } from 'vitest';
import { type Metadata, startProgram } from '../support/program.ts';
import { createSigner, type Signer, setOf } from '../support/signer.ts';

const TRUST = { secret: { files: ['upstream'] } };

const ASSERTION = {
  header: 'X-Proxy-Assertion',
  algorithms: ['ES256'],
  jwks_uri: 'https://proxy.example/jwks.json',
  issuer: 'https://proxy.example',
  audience: ['https://sso.example'],
};

const ALB = {
  region: 'eu-central-1',
  signer: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sso/0a1b2c',
  client: 'client-of-the-alb',
};

/** Without the members that are undefined. */
const asserting = (
  different: Readonly<Record<string, unknown>>,
  upstream: Metadata = {},
): Metadata => ({
  upstream: {
    trust: TRUST,
    assertion: JSON.parse(JSON.stringify({ ...ASSERTION, ...different })),
    ...upstream,
  },
});

async function problemsOf(config: Metadata, files: Readonly<Record<string, string>> = {}) {
  try {
    await startProgram({ config, files });
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [];
  }
}

const URIS = [
  'http://proxy.example/jwks.json',
  'http://127.0.0.1.evil.example/jwks.json',
  'https://user:pass@proxy.example/jwks.json',
  'https://proxy.example/jwks.json#x',
  'file:///etc/keys.json',
  'proxy.example/jwks.json',
];

describe('an assertion that serve does not start with (T19, T20, T22)', () => {
  const CASES: readonly {
    readonly given: string;
    readonly config: Metadata;
    readonly key: string;
    readonly text: string;
  }[] = [
    ...['header', 'algorithms', 'issuer', 'audience'].map((name) => ({
      given: `no ${name}`,
      config: asserting({ [name]: undefined }),
      key: `upstream.assertion.${name}`,
      text: 'is missing',
    })),
    {
      given: 'no keys',
      config: asserting({ jwks_uri: undefined }),
      key: 'upstream.assertion',
      text: 'name jwks_uri, jwks_file or alb',
    },
    {
      given: 'an empty audience',
      config: asserting({ audience: [] }),
      key: 'upstream.assertion.audience',
      text: '',
    },
    ...['HS256', 'none', 'RS1', 'dir'].map((algorithm) => ({
      given: `the algorithm ${algorithm}`,
      config: asserting({ algorithms: ['ES256', algorithm] }),
      key: 'upstream.assertion.algorithms[1]',
      text: 'has to be asymmetric',
    })),
    ...URIS.map((jwks_uri) => ({
      given: `keys at ${jwks_uri}`,
      config: asserting({ jwks_uri }),
      key: 'upstream.assertion.jwks_uri',
      text: '',
    })),
    {
      given: 'two sources of keys',
      config: asserting({ alb: ALB }),
      key: 'upstream.assertion.alb',
      text: 'cannot be combined with jwks_uri',
    },
    {
      given: 'an ALB without its signer',
      config: asserting({ jwks_uri: undefined, alb: { ...ALB, signer: undefined } }),
      key: 'upstream.assertion.alb.signer',
      text: '',
    },
    {
      given: 'an ALB without its client',
      config: asserting({ jwks_uri: undefined, alb: { ...ALB, client: undefined } }),
      key: 'upstream.assertion.alb.client',
      text: '',
    },
    ...['eu-central-1.evil.example/', 'cn-north-1', 'us-gov-west-1', '../x'].map((region) => ({
      given: `an ALB of the region ${region}`,
      config: asserting({ jwks_uri: undefined, alb: { ...ALB, region } }),
      key: 'upstream.assertion.alb.region',
      text: 'is no region',
    })),
    ...['Authorization', 'Cookie', 'Host', 'X-Forwarded-For', 'X_Proxy'].map((header) => ({
      given: `the header ${header}`,
      config: asserting({ header }),
      key: 'upstream.assertion.header',
      text: '',
    })),
    {
      given: 'the header of the secret',
      config: asserting({ header: 'X-Asteroid-Upstream-Secret' }),
      key: 'upstream.assertion.header',
      text: 'is the header of upstream.trust.secret.header too',
    },
    {
      given: 'plain headers beside it',
      config: asserting({}, { headers: { subject: { name: 'X-Authenticated-User' } } }),
      key: 'upstream.headers.subject',
      text: 'cannot be combined with assertion',
    },
    {
      given: 'claims of the operator from plain headers beside it',
      config: asserting({}, { headers: { extra: { team: { name: 'X-Team' } } } }),
      key: 'upstream.headers.extra',
      text: 'cannot be combined with assertion',
    },
    {
      given: 'required plain headers beside it',
      config: asserting({}, { headers: { required: ['subject', 'groups'] } }),
      key: 'upstream.headers.required',
      text: 'cannot be combined with assertion',
    },
    {
      given: 'a claim that only Asteroid may set',
      config: asserting({ claims: { extra: { acr: 'level' } } }),
      key: 'upstream.assertion.claims.extra.acr',
      text: 'only Asteroid may set',
    },
    {
      given: 'a required attribute that nothing carries',
      config: asserting({ required: ['subject', 'gruops'] }),
      key: 'upstream.assertion.required[1]',
      text: 'did you mean groups?',
    },
    {
      given: 'no trust',
      config: asserting({}, { trust: {} }),
      key: 'upstream.trust',
      text: 'is missing',
    },
  ];

  for (const { given, config, key, text } of CASES) {
    it(`says in which line what to do about ${given}`, async () => {
      const problems = await problemsOf(config);

      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^.*asteroid\.yaml:\d+: /);
      expect(problems[0]).toContain(` ${key}: `);
      expect(problems[0]).toContain(text);
    });
  }
});

describe('a file of keys that serve does not start with (T22)', () => {
  let signer: Signer;
  beforeAll(async () => {
    signer = await createSigner('key-1');
  });

  const filed = (keys: unknown) =>
    problemsOf(asserting({ jwks_uri: undefined, jwks_file: 'keys.json' }), {
      'keys.json': typeof keys === 'string' ? keys : JSON.stringify(keys),
    });

  it('is no JWK Set, has no key, or keys that prove nothing', async () => {
    const oct = { kty: 'oct', k: 'c2VjcmV0', kid: 'a' };
    const broken = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' };
    const CASES: readonly (readonly [unknown, string])[] = [
      ['not json', 'is no JWK Set'],
      [[], 'is no JWK Set'],
      ['', 'is empty'],
      [{ keys: {} }, 'is no JWK Set'],
      [{ keys: [] }, 'has no key in it'],
      [{ keys: ['x'] }, 'has a key that is no JWK'],
      [{ keys: [{}] }, 'has a key that is no JWK'],
      [
        { keys: [signer.jwk, oct] },
        'has a key that is a symmetric key, which proves nothing (key 2)',
      ],
      [{ keys: [{ ...signer.jwk, d: 'canary' }] }, 'has a key that is a private key'],
      [{ keys: [broken] }, 'has a key that cannot be read'],
    ];
    for (const [keys, text] of CASES) {
      const problems = await filed(keys);
      expect(problems).toEqual([expect.stringContaining(text)]);
      expect(problems[0]).toMatch(/asteroid\.yaml:\d+: upstream\.assertion\.jwks_file: /);
      expect(problems.join()).not.toContain('canary');
    }
  });

  it('is not there', async () => {
    const config = asserting({ jwks_uri: undefined, jwks_file: 'missing.json' });

    expect(await problemsOf(config)).toEqual([expect.stringContaining('missing.json')]);
  });

  it('is honest when all of its keys are public', async () => {
    const rsa = await createSigner('rsa-1', 'RS256');

    expect(await filed(setOf(signer, rsa))).toEqual([]);
  });
});

describe('an assertion that serve starts with', () => {
  for (const [given, config] of Object.entries({
    'keys of an https URL': asserting({}),
    'keys of plain http on loopback': asserting({ jwks_uri: 'http://127.0.0.1:9/jwks.json' }),
    'an ALB, which has no audience': asserting({
      jwks_uri: undefined,
      issuer: undefined,
      audience: undefined,
      alb: ALB,
    }),
    Authorization: asserting({ header: 'Authorization', scheme: 'bearer' }),
    'rules for names that are no plain header': asserting(
      {},
      { headers: { aliases: 'ignore', reject_values: ['guest'] } },
    ),
    'every claim named': asserting({
      claims: {
        subject: 'uid',
        email: null,
        email_verified: false,
        groups: 'roles',
        extra: { a: 'b' },
      },
      required: ['subject', 'groups', 'a'],
      groups: { allow: ['a'], prefix: 'p:' },
      max_age: '5m',
      clock_skew: '10s',
      require: { type: 'app', n: 1, b: true },
      reject_plain_headers: ['X-Plain'],
    }),
  })) {
    it(`has ${given}`, async () => {
      expect(await problemsOf(config)).toEqual([]);
    });
  }
});
