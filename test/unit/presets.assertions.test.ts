import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../internal/protocol/claims.ts';
import { PRESET_NAMES, type PresetName } from '../../internal/protocol/presets.ts';
import type { GivenAssertion } from '../../internal/upstream/assertion/fill.ts';
import { openUpstream } from '../../internal/upstream/open.ts';
import { resolvePreset } from '../../internal/upstream/presets/resolve.ts';
import { PRESETS } from '../../internal/upstream/presets/table.ts';
import type { Verdict } from '../../internal/upstream/upstream.ts';
import { claimsOf, OPTIONS, PROXY, SECRET_LINE, subjectOf } from './upstream.fixture.ts';

const { trust } = OPTIONS;
const NOW = 1_800_000_000;

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER = generateKeyPairSync('ec', { namedCurve: 'P-256' });

type Alg = 'ES256' | 'RS256';
type Members = { readonly [name: string]: JsonValue };

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function makeToken(alg: Alg, key: KeyObject, header: Members, claims: Members): string {
  const input = `${part({ alg, kid: 'key-1', typ: 'JWT', ...header })}.${part(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const publicKey = (alg: Alg) => (alg === 'ES256' ? EC : RSA).publicKey;
const privateKey = (alg: Alg) => (alg === 'ES256' ? EC : RSA).privateKey;

type Signed = {
  readonly preset: PresetName;
  /** What only the operator knows. */
  readonly given: GivenAssertion;
  /** Where the keys of the product are. */
  readonly keysAt: string;
  readonly header: string;
  readonly prefix?: string;
  readonly alg: Alg;
  readonly head?: Members;
  /** As the product signs it for alice. */
  readonly claims: Members;
  readonly subject: string;
  readonly identity: object;
};

const JWKS = { kind: 'uri', uri: 'https://idp.example/jwks' } as const;
const TIMES = { iat: NOW - 5, exp: NOW + 60 };
const SIGNER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sso/0a1b2c';

const SIGNED: readonly Signed[] = [
  {
    preset: 'oauth2-proxy-id-token',
    given: { issuer: 'https://idp.example', audience: ['proxy'], keys: JWKS },
    keysAt: JWKS.uri,
    header: 'X-Upstream-Id-Token',
    alg: 'RS256',
    claims: {
      ...{ iss: 'https://idp.example', aud: 'proxy', sub: 'alice', auth_time: NOW - 60 },
      ...{ email: 'alice@corp.example', email_verified: true, groups: ['a,b'], acr: 'gold' },
      ...{ iat: NOW - 3000, exp: NOW + 600 },
    },
    subject: 'alice',
    identity: {
      authTime: NOW - 60,
      acr: 'gold',
      claims: { email: 'alice@corp.example', email_verified: true, groups: ['a,b'] },
    },
  },
  {
    preset: 'istio-jwt',
    given: { issuer: 'https://idp.example', audience: ['sso'], keys: JWKS },
    keysAt: JWKS.uri,
    header: 'Authorization',
    prefix: 'Bearer ',
    alg: 'RS256',
    claims: { iss: 'https://idp.example', aud: ['sso'], sub: 'alice', groups: ['a'], ...TIMES },
    subject: 'alice',
    identity: { claims: { groups: ['a'] } },
  },
  {
    preset: 'pomerium',
    given: { issuer: 'sso.example' },
    keysAt: 'https://sso.example/.well-known/pomerium/jwks.json',
    header: 'X-Pomerium-Jwt-Assertion',
    alg: 'ES256',
    claims: {
      ...{ iss: 'sso.example', aud: 'sso.example', sub: 'alice', user: 'alice', name: 'Alice' },
      ...{ email: 'alice@corp.example', groups: ['eng'], sid: 's-1', jti: 'j-1', ...TIMES },
    },
    subject: 'alice',
    identity: {
      sid: 's-1',
      claims: { email: 'alice@corp.example', name: 'Alice', groups: ['eng'] },
    },
  },
  {
    preset: 'cloudflare-access',
    given: { issuer: 'https://corp.cloudflareaccess.com', audience: ['32eafc76'] },
    keysAt: 'https://corp.cloudflareaccess.com/cdn-cgi/access/certs',
    header: 'Cf-Access-Jwt-Assertion',
    alg: 'RS256',
    claims: {
      ...{
        iss: 'https://corp.cloudflareaccess.com',
        aud: ['32eafc76'],
        type: 'app',
        country: 'US',
      },
      ...{ sub: '7335d417-61da', email: 'alice@corp.example', iat: NOW - 80_000, exp: NOW + 6400 },
    },
    subject: '7335d417-61da',
    identity: { claims: { email: 'alice@corp.example' } },
  },
  {
    preset: 'google-iap',
    given: { audience: ['/projects/1/global/backendServices/2'] },
    keysAt: 'https://www.gstatic.com/iap/verify/public_key-jwk',
    header: 'X-Goog-Iap-Jwt-Assertion',
    alg: 'ES256',
    claims: {
      ...{ iss: 'https://cloud.google.com/iap', aud: '/projects/1/global/backendServices/2' },
      ...{
        sub: 'accounts.google.com:118133',
        email: 'alice@corp.example',
        hd: 'corp.example',
        ...TIMES,
      },
    },
    subject: 'accounts.google.com:118133',
    identity: { claims: { email: 'alice@corp.example' } },
  },
  {
    preset: 'aws-alb',
    given: { keys: { kind: 'alb', region: 'eu-central-1', signer: SIGNER, client: 'client-1' } },
    keysAt:
      'https://public-keys.auth.elb.eu-central-1.amazonaws.com/12345678-1234-1234-1234-123456789012',
    header: 'X-Amzn-Oidc-Data',
    alg: 'ES256',
    head: {
      ...{ kid: '12345678-1234-1234-1234-123456789012', signer: SIGNER, client: 'client-1' },
      ...{ iss: 'https://idp.example', exp: NOW + 120 },
    },
    claims: {
      sub: 'alice',
      email: 'alice@corp.example',
      exp: NOW + 120,
      iss: 'https://idp.example',
    },
    subject: 'alice',
    identity: { claims: { email: 'alice@corp.example' } },
  },
  {
    preset: 'authentik',
    given: { issuer: 'https://auth.example/application/o/sso/', audience: ['client-1'] },
    keysAt: 'https://auth.example/application/o/sso/jwks/',
    header: 'X-Authentik-Jwt',
    alg: 'RS256',
    claims: {
      ...{ iss: 'https://auth.example/application/o/sso/', aud: 'client-1', sub: '900347b8' },
      ...{ email: 'alice@corp.example', preferred_username: 'alice', groups: ['a|b'] },
      ...{ iat: NOW - 80_000, exp: NOW + 6400 },
    },
    subject: '900347b8',
    identity: {
      claims: { email: 'alice@corp.example', preferred_username: 'alice', groups: ['a|b'] },
    },
  },
  {
    preset: 'teleport',
    given: { issuer: 'cluster', audience: ['http://127.0.0.1:8880'], keys: JWKS },
    keysAt: JWKS.uri,
    header: 'Teleport-Jwt-Assertion',
    alg: 'RS256',
    claims: {
      ...{ iss: 'cluster', aud: ['http://127.0.0.1:8880'], sub: 'alice', username: 'alice' },
      ...{ roles: ['access'], traits: { logins: ['root'] }, nbf: NOW - 15, ...TIMES },
    },
    subject: 'alice',
    identity: { claims: { preferred_username: 'alice', groups: ['access'] } },
  },
];

async function open({ preset, given, keysAt, alg, head }: Signed) {
  const resolution = resolvePreset(preset, { trust, assertion: given });
  if (resolution.kind === 'refused') throw new Error(resolution.problems.join('\n'));
  const kid = head?.['kid'] ?? 'key-1';
  const key = publicKey(alg);
  const body =
    preset === 'aws-alb'
      ? key.export({ type: 'spki', format: 'pem' }).toString()
      : JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid, alg, use: 'sig' }] });
  const asked: string[] = [];
  const upstream = await openUpstream(resolution.options, {
    now: () => NOW,
    onProblem: () => {},
    outbound: async ({ url }) => {
      asked.push(url);
      const found = url === keysAt;
      return { status: found ? 200 : 404, headers: {}, body: Buffer.from(found ? body : '') };
    },
  });
  const identify = async (lines: readonly string[]): Promise<Verdict> => {
    const answer = upstream.identify({ rawHeaders: [...SECRET_LINE, ...lines], peer: PROXY });
    return answer.kind === 'asserted' ? answer.verify() : answer;
  };
  return { identify, asked };
}

const outcome = (verdict: Verdict) =>
  verdict.kind === 'refused' ? [verdict.status, verdict.detail] : verdict.kind;

describe('presets of assertions', () => {
  it('are each signed once', () => {
    const signed = PRESET_NAMES.filter((name) => PRESETS[name].source.kind === 'assertion');

    expect(SIGNED.map(({ preset }) => preset)).toEqual(signed);
  });

  for (const signed of SIGNED) {
    const { preset, header, prefix = '', alg, head = {}, claims } = signed;
    const make = (changed: Members, key = privateKey(alg), heading: Members = head) =>
      `${prefix}${makeToken(alg, key, heading, { ...claims, ...changed })}`;

    describe(preset, () => {
      it('identifies the End-User by what the product signs, with keys of its own place', async () => {
        const { identify, asked } = await open(signed);

        const verdict = await identify([header, make({})]);

        expect(subjectOf(verdict)).toBe(signed.subject);
        expect(verdict).toEqual({
          kind: 'identified',
          identity: { subject: signed.subject, ...signed.identity },
        });
        expect(asked).toEqual([signed.keysAt]);
      });

      it('refuses what another key has signed (T19)', async () => {
        const { identify } = await open({ ...signed });
        const key =
          alg === 'ES256'
            ? OTHER.privateKey
            : generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

        expect(outcome(await identify([header, make({}, key)]))).toEqual([401, 'signature']);
      });

      it('refuses the public key used as a secret, and no signature at all (T19)', async () => {
        const { identify } = await open(signed);
        for (const forged of ['HS256', 'none']) {
          const token = `${part({ alg: forged, kid: 'key-1', ...head })}.${part(claims)}.`;
          const signature = createHash('sha256').update(token).digest('base64url');

          const verdict = await identify([
            header,
            `${prefix}${token}${forged === 'none' ? '' : signature}`,
          ]);

          expect(verdict).toMatchObject({
            kind: 'refused',
            status: 401,
            reason: 'assertion_invalid',
          });
        }
      });

      it('refuses one that is over', async () => {
        const { identify } = await open(signed);
        const past = { exp: NOW - 3600 };

        const token = make(
          past,
          privateKey(alg),
          preset === 'aws-alb' ? { ...head, ...past } : head,
        );

        expect(outcome(await identify([header, token]))).toEqual([401, 'expired']);
      });

      it('reads no plain header beside it', async () => {
        const { identify } = await open(signed);

        const verdict = await identify([header, make({}), 'X-Authenticated-User', 'admin']);

        expect(subjectOf(verdict)).toBe(signed.subject);
        expect(await identify(['X-Authenticated-User', 'admin'])).toEqual({ kind: 'anonymous' });
      });

      if (preset !== 'aws-alb') {
        it('refuses what was said to others, or by others (T20)', async () => {
          const { identify } = await open(signed);

          expect(outcome(await identify([header, make({ aud: 'another' })]))).toEqual([
            401,
            'audience',
          ]);
          expect(outcome(await identify([header, make({ iss: 'https://other.example' })]))).toEqual(
            [401, 'issuer'],
          );
        });
      }
    });
  }
});

const find = (preset: PresetName): Signed => {
  const found = SIGNED.find((one) => one.preset === preset);
  if (found === undefined) throw new Error(preset);
  return found;
};

describe('what a single product could be confused by', () => {
  it('cloudflare-access refuses a token of the team, and one of a service (T20)', async () => {
    const signed = find('cloudflare-access');
    const { identify } = await open(signed);
    const make = (changed: Members) =>
      makeToken('RS256', RSA.privateKey, {}, { ...signed.claims, ...changed });

    expect(outcome(await identify([signed.header, make({ type: 'org' })]))).toEqual([
      401,
      'require',
    ]);
    const service = make({ sub: '', common_name: 'service.access' });
    expect(outcome(await identify([signed.header, service]))).toEqual([401, 'subject']);
  });

  it('aws-alb refuses another load balancer of the region, and another client (T20)', async () => {
    const signed = find('aws-alb');
    const { identify } = await open(signed);
    const make = (changed: Members) =>
      makeToken('ES256', EC.privateKey, { ...signed.head, ...changed }, signed.claims);

    const other = SIGNER.replace('123456789012', '210987654321');
    expect(outcome(await identify([signed.header, make({ signer: other })]))).toEqual([
      401,
      'signer',
    ]);
    expect(outcome(await identify([signed.header, make({ client: 'x' })]))).toEqual([
      401,
      'client',
    ]);
  });

  it('teleport counts what a cluster of a newer suite signs', async () => {
    const { identify } = await open({ ...find('teleport'), alg: 'ES256' });
    const token = makeToken('ES256', EC.privateKey, {}, find('teleport').claims);

    expect(subjectOf(await identify(['Teleport-Jwt-Assertion', token]))).toBe('alice');
  });

  it('one that lasts a session counts no longer than a day', async () => {
    for (const preset of ['cloudflare-access', 'authentik'] as const) {
      const signed = find(preset);
      const { identify } = await open(signed);
      const old = makeToken('RS256', RSA.privateKey, {}, { ...signed.claims, iat: NOW - 90_000 });

      expect(outcome(await identify([signed.header, old]))).toEqual([401, 'too_old']);
    }
  });

  it('pomerium and google-iap sign anew all the time, so that a captured one is soon too old', async () => {
    for (const [preset, age] of [
      ['pomerium', 361],
      ['google-iap', 661],
    ] as const) {
      const signed = find(preset);
      const { identify } = await open(signed);
      const old = makeToken('ES256', EC.privateKey, {}, { ...signed.claims, iat: NOW - age });
      const young = makeToken('ES256', EC.privateKey, {}, { ...signed.claims, iat: NOW - age + 2 });

      expect(outcome(await identify([signed.header, old]))).toEqual([401, 'too_old']);
      expect(claimsOf(await identify([signed.header, young]))).toMatchObject({
        email: 'alice@corp.example',
      });
    }
  });
});

describe('what only the operator knows about an assertion', () => {
  const problemsOf = (preset: PresetName, assertion?: GivenAssertion) => {
    const resolution = resolvePreset(preset, { trust, assertion });
    return resolution.kind === 'refused' ? resolution.problems : [];
  };

  const NEEDS: readonly (readonly [PresetName, readonly string[]])[] = [
    ['oauth2-proxy-id-token', ['issuer', 'audience', 'jwks_uri']],
    ['istio-jwt', ['issuer', 'audience', 'jwks_uri']],
    ['pomerium', ['issuer']],
    ['cloudflare-access', ['issuer', 'audience']],
    ['google-iap', ['audience']],
    ['aws-alb', ['alb']],
    ['authentik', ['issuer', 'audience']],
    ['teleport', ['issuer', 'audience', 'jwks_uri']],
  ];
  for (const [preset, keys] of NEEDS) {
    it(`${preset}: ${keys.join(', ')}, each with what to write`, () => {
      const problems = problemsOf(preset);

      expect(problems.map((line) => line.split(':')[0])).toEqual(
        keys.map((key) => `upstream.assertion.${key}`),
      );
      for (const line of problems) expect(line).toMatch(/: (?:name|is missing; it is) .{12,}/);
      expect(problemsOf(preset, find(preset).given)).toEqual([]);
    });
  }

  it('is said together with a proof that is missing', () => {
    expect(resolvePreset('aws-alb', { trust: {} })).toEqual({
      kind: 'refused',
      problems: [
        'upstream.trust: the preset aws-alb needs peers: the subnets of the load balancer',
        'upstream.assertion.alb: name region, signer (the ARN of the load balancer) and client (its client id)',
      ],
    });
  });

  it('counts before what the preset derives from it', () => {
    const keys = { kind: 'uri', uri: 'https://keys.example/jwks' } as const;

    expect(
      resolvePreset('cloudflare-access', {
        trust,
        assertion: { ...find('cloudflare-access').given, keys },
      }),
    ).toMatchObject({
      options: { assertion: { keys } },
    });
    expect(
      resolvePreset('pomerium', {
        trust,
        assertion: { issuer: 'https://sso.example/', audience: ['sso.example'] },
      }),
    ).toMatchObject({
      options: {
        assertion: {
          issuer: 'https://sso.example/',
          keys: { uri: 'https://sso.example/.well-known/pomerium/jwks.json' },
        },
      },
    });
  });

  it('is not made up from an issuer that is no host', () => {
    expect(problemsOf('pomerium', { issuer: 'sso.example/evil' })).toEqual([
      'upstream.assertion: name jwks_uri, jwks_file or alb',
    ]);
  });
});
