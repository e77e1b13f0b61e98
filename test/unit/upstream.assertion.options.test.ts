import { describe, expect, it } from 'vitest';
import { fillAssertion } from '../../internal/upstream/assertion/fill.ts';
import type { AssertionOptions, SignedOptions } from '../../internal/upstream/options.ts';
import { type PresetInput, resolvePreset } from '../../internal/upstream/presets/resolve.ts';
import { findOptionProblems } from '../../internal/upstream/problems.ts';
import { OPTIONS } from './upstream.fixture.ts';

const { trust } = OPTIONS;

const ALB = {
  kind: 'alb',
  region: 'eu-central-1',
  signer: 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/sso/0a1b2c',
  client: 'client-1',
} as const;

const ASSERTION: AssertionOptions = {
  header: 'X-Proxy-Assertion',
  algorithms: ['ES256'],
  keys: { kind: 'uri', uri: 'https://proxy.example/jwks.json' },
  issuer: 'https://proxy.example',
  audience: ['https://sso.example'],
  claims: { subject: 'sub', groups: 'groups' },
};

const problemsOf = (
  assertion: Partial<AssertionOptions>,
  common: Partial<SignedOptions> = {},
): readonly string[] =>
  findOptionProblems({ trust, ...common, assertion: { ...ASSERTION, ...assertion } });

describe('options of an assertion (T19, T20, T22)', () => {
  it('have no problem when they are honest', () => {
    expect(problemsOf({})).toEqual([]);
    expect(problemsOf({ keys: { kind: 'file', text: () => '' } })).toEqual([]);
    expect(problemsOf({ keys: ALB, issuer: undefined, audience: undefined })).toEqual([]);
    expect(problemsOf({ keys: { kind: 'uri', uri: 'http://[::1]:1/x' } })).toEqual([]);
    expect(problemsOf({ header: 'Authorization', scheme: 'bearer' })).toEqual([]);
    expect(problemsOf({ maxAge: 1, clockSkew: 0 }, { required: ['subject', 'groups'] })).toEqual(
      [],
    );
  });

  const CASES: readonly (readonly [Partial<AssertionOptions>, string])[] = [
    [{ header: '' }, 'upstream.assertion.header: has to name its header'],
    [{ header: 'Cookie' }, 'upstream.assertion.header: Cookie cannot carry an identity'],
    [{ header: 'Authorization' }, 'Authorization cannot carry an identity'],
    [{ header: 'Proxy-Authorization', scheme: 'bearer' }, 'cannot carry an identity'],
    [{ header: 'x_asteroid.upstream-secret' }, 'is the header of upstream.assertion.header too'],
    [
      { rejectPlainHeaders: ['X.Proxy_Assertion'] },
      'is the header of upstream.assertion.header too',
    ],
    [
      { rejectPlainHeaders: ['X-A', 'X_A'] },
      'X_A is the header of upstream.assertion.reject_plain',
    ],
    [
      { scheme: 'bearer', rejectPlainHeaders: ['Authorization'] },
      'upstream.assertion.reject_plain_headers: Authorization cannot carry an identity',
    ],
    [{ algorithms: [] }, 'upstream.assertion.algorithms: name what the signer uses'],
    [{ algorithms: ['ES256', 'HS256'] }, 'HS256 is no asymmetric algorithm'],
    [{ algorithms: ['none'] }, 'none is no asymmetric algorithm'],
    [{ issuer: undefined }, 'upstream.assertion.issuer: name who signs'],
    [{ audience: undefined }, 'upstream.assertion.audience: name what is in aud'],
    [{ audience: [] }, 'upstream.assertion.audience: name what is in aud'],
    [{ audience: ['a', ''] }, 'upstream.assertion.audience: name what is in aud'],
    [{ keys: { kind: 'uri', uri: 'http://proxy.example/' } }, 'has to be an https URL'],
    [{ keys: { kind: 'uri', uri: 'http://127.0.0.1.evil.example/' } }, 'has to be an https URL'],
    [{ keys: { kind: 'uri', uri: 'https://a:b@proxy.example/' } }, 'has to be an https URL'],
    [{ keys: { kind: 'uri', uri: 'https://proxy.example/#a' } }, 'has to be an https URL'],
    [{ keys: { kind: 'uri', uri: 'x' } }, 'has to be an https URL'],
    [{ keys: { ...ALB, region: 'a.evil.example/' } }, 'upstream.assertion.alb.region'],
    [{ keys: { ...ALB, region: 'us-gov-west-1' } }, 'upstream.assertion.alb.region'],
    [{ keys: { ...ALB, signer: 'sso' } }, 'upstream.assertion.alb.signer'],
    [{ keys: { ...ALB, client: '' } }, 'upstream.assertion.alb.client'],
    [{ claims: { subject: '' } }, 'upstream.assertion.claims.subject: has to name its claim'],
    [{ claims: { subject: 'sub', extra: { acr: 'x' } } }, 'the claim acr cannot be set here'],
    [{ claims: { subject: 'sub', extra: { email: 'x' } } }, 'upstream.assertion.claims.extra'],
    [{ maxAge: 0 }, 'upstream.assertion.max_age'],
    [{ clockSkew: -1 }, 'upstream.assertion.clock_skew'],
  ];
  for (const [given, problem] of CASES) {
    it(`are refused with ${JSON.stringify(given).slice(0, 80)}`, () => {
      const problems = problemsOf(given);

      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(problem);
    });
  }

  it('are refused without trust, and when they require what no claim carries', () => {
    expect(problemsOf({}, { trust: {} })).toHaveLength(1);
    expect(problemsOf({}, { required: ['email'] })).toEqual([
      'upstream.required: no claim carries email',
    ]);
  });
});

describe('an assertion beside presets', () => {
  const resolve = (assertion: PresetInput['assertion'], more: Partial<PresetInput> = {}) =>
    resolvePreset('custom', { trust, assertion, ...more });

  it('has the claims that the standards name, unless the operator says otherwise', () => {
    const { claims: _claims, ...parts } = ASSERTION;
    const resolution = resolve({
      ...parts,
      claims: { subject: undefined, email: null, groups: 'roles', emailVerified: 'verified' },
    });

    expect(resolution).toEqual({
      kind: 'resolved',
      urls: {},
      options: {
        trust,
        assertion: {
          ...parts,
          claims: {
            subject: 'sub',
            email: null,
            preferredUsername: 'preferred_username',
            name: 'name',
            groups: 'roles',
            emailVerified: 'verified',
          },
        },
      },
    });
  });

  it('replaces the headers of a preset, and excludes those of the operator', () => {
    const plain = resolve(ASSERTION, { headers: { subject: { name: 'X-User' } } });

    expect(resolve(ASSERTION)).toMatchObject({ kind: 'resolved' });
    expect(plain).toEqual({
      kind: 'refused',
      problems: [expect.stringContaining('upstream.headers: plain headers are not read beside')],
    });
  });

  it('is what the operator says first, then the preset, then the standards', () => {
    const preset = {
      ...ASSERTION,
      scheme: 'bearer',
      claims: { subject: 'uid', groups: 'roles', name: null },
    } as const;
    const filled = fillAssertion(preset, {
      header: 'X-Own',
      issuer: undefined,
      claims: { groups: 'teams', name: undefined },
    });

    expect(filled).toEqual({
      ...ASSERTION,
      header: 'X-Own',
      scheme: 'bearer',
      claims: {
        subject: 'uid',
        email: 'email',
        preferredUsername: 'preferred_username',
        name: null,
        groups: 'teams',
      },
    });
  });

  it('is refused with what is missing', () => {
    expect(resolve({})).toEqual({
      kind: 'refused',
      problems: ['upstream.assertion: name jwks_uri, jwks_file or alb'],
    });
    expect(resolve({ keys: ASSERTION.keys })).toMatchObject({
      problems: [
        'upstream.assertion.header: has to name its header',
        'upstream.assertion.algorithms: name what the signer uses, for example ES256',
        expect.stringContaining('upstream.assertion.issuer'),
        expect.stringContaining('upstream.assertion.audience'),
      ],
    });
  });
});
