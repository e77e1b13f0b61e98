import { beforeAll, describe, expect, it } from 'vitest';
import { createAssertionUpstream } from '../../internal/upstream/assertion/assertion.ts';
import type {
  AssertionClaims,
  AssertionOptions,
  SignedOptions,
} from '../../internal/upstream/options.ts';
import type { Verdict } from '../../internal/upstream/upstream.ts';
import {
  AUDIENCE,
  claimsAt,
  createSigner,
  SIGNER_ISSUER,
  type Signer,
  setOf,
} from '../support/signer.ts';
import { claimsOf, OPTIONS, PROXY, SECRET_LINE, subjectOf } from './upstream.fixture.ts';

const NOW = 1_800_000_000;
const HEADER = 'X-Proxy-Assertion';

const CLAIMS: AssertionClaims = {
  subject: 'sub',
  email: 'email',
  emailVerified: 'email_verified',
  preferredUsername: 'preferred_username',
  name: 'name',
  groups: 'groups',
  authTime: 'auth_time',
  acr: 'acr',
  amr: 'amr',
  sid: 'sid',
  extra: { team: 'department' },
};

let signer: Signer;
beforeAll(async () => {
  signer = await createSigner('key-1');
});

const optionsWith = (
  assertion: Partial<AssertionOptions> = {},
  common: Partial<SignedOptions> = {},
): SignedOptions => ({
  trust: OPTIONS.trust,
  ...common,
  assertion: {
    header: HEADER,
    algorithms: ['ES256'],
    keys: { kind: 'file', text: () => setOf(signer) },
    issuer: SIGNER_ISSUER,
    audience: [AUDIENCE],
    claims: CLAIMS,
    ...assertion,
  },
});

const deps = {
  now: () => NOW,
  outbound: () => Promise.reject(new Error('nobody is asked')),
  onProblem: () => {},
};

async function identify(claims: object, options: SignedOptions = optionsWith()): Promise<Verdict> {
  const token = await signer.sign(claimsAt(NOW, claims));
  const upstream = createAssertionUpstream(options, deps);
  const answer = upstream.identify({ rawHeaders: [...SECRET_LINE, HEADER, token], peer: PROXY });
  return answer.kind === 'asserted' ? answer.verify() : answer;
}

const refusal = (status: number, reason: string, detail: string) => ({
  kind: 'refused',
  status,
  reason,
  header: HEADER,
  detail,
});

describe('claims of an assertion', () => {
  it('become the identity, each under its own name', async () => {
    const answer = await identify({
      email: 'alice@corp.example',
      email_verified: true,
      preferred_username: 'älice',
      name: 'Älice Ⅷ',
      groups: ['staff', 'a,b', 'staff', ''],
      auth_time: NOW - 5,
      acr: 'urn:a:b',
      amr: ['pwd', 'otp'],
      sid: 'session-1',
      department: { id: 7, names: ['x'] },
      role: 'admin',
    });

    expect(answer).toEqual({
      kind: 'identified',
      identity: {
        subject: 'alice',
        authTime: NOW - 5,
        acr: 'urn:a:b',
        amr: ['pwd', 'otp'],
        sid: 'session-1',
        claims: {
          email: 'alice@corp.example',
          email_verified: true,
          preferred_username: 'älice',
          name: 'Älice Ⅷ',
          groups: ['staff', 'a,b'],
          team: { id: 7, names: ['x'] },
        },
      },
    });
  });

  it('are absent when they are null, empty or not mapped', async () => {
    const nothing = {
      email: null,
      name: '',
      groups: [],
      amr: null,
      auth_time: null,
      department: {},
    };

    expect(await identify({ ...nothing, department: undefined, email_verified: null })).toEqual({
      kind: 'identified',
      identity: { subject: 'alice', claims: {} },
    });
    const none = optionsWith({ claims: { subject: 'sub', email: null } });
    expect(claimsOf(await identify({ email: 'a@x.example', groups: ['a'] }, none))).toEqual({});
  });

  it('name the subject by the claim that is configured', async () => {
    const options = optionsWith({ claims: { subject: 'uid' } });

    expect(subjectOf(await identify({ uid: 'bob' }, options))).toBe('bob');
    expect(await identify({}, options)).toEqual(refusal(401, 'assertion_invalid', 'subject'));
  });

  it('are the assertion’s own: nothing is inherited', async () => {
    for (const subject of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const options = optionsWith({ claims: { subject } });
      expect(await identify({}, options)).toEqual(refusal(401, 'assertion_invalid', 'subject'));
    }
  });
});

describe('times of an assertion, to the second (T21)', () => {
  const invalid = (detail: string) => refusal(401, 'assertion_invalid', detail);
  const END = NOW + 3600;

  for (const { when, options, last, first, detail } of [
    {
      when: 'the end, with the clocks’ difference',
      last: { exp: NOW - 59 },
      first: { exp: NOW - 60 },
      detail: 'expired',
    },
    {
      when: 'the age of fifteen minutes',
      last: { exp: END, iat: NOW - 960 },
      first: { exp: END, iat: NOW - 961 },
      detail: 'too_old',
    },
    {
      when: 'the age and the difference that are configured',
      options: { maxAge: 10, clockSkew: 1 },
      last: { exp: END, iat: NOW - 11 },
      first: { exp: END, iat: NOW - 12 },
      detail: 'too_old',
    },
    {
      when: 'the beginning',
      last: { nbf: NOW + 60 },
      first: { nbf: NOW + 61 },
      detail: 'not_yet_valid',
    },
    {
      when: 'the issue',
      last: { iat: NOW + 60 },
      first: { iat: NOW + 61 },
      detail: 'issued_ahead',
    },
  ]) {
    it(`are held to ${when}`, async () => {
      expect(subjectOf(await identify(last, optionsWith(options)))).toBe('alice');
      expect(await identify(first, optionsWith(options))).toEqual(invalid(detail));
    });
  }
});

describe('claims of a wrong type are refused, not made into the right one', () => {
  const CASES: readonly (readonly [string, unknown])[] = [
    ['sub', 7],
    ['sub', true],
    ['sub', ['alice']],
    ['sub', { toString: 'alice' }],
    ['email', 7],
    ['email', ['a@x.example']],
    ['groups', { staff: true }],
    ['groups', 7],
    ['groups', ['staff', 7]],
    ['groups', ['staff', null]],
    ['groups', [['staff']]],
    ['auth_time', String(NOW)],
    ['auth_time', 1.5],
    ['auth_time', 0],
    ['auth_time', -NOW],
    ['auth_time', NOW * 1000],
    ['acr', 2],
    ['amr', 7],
    ['sid', 7],
  ];
  for (const [claim, value] of CASES) {
    it(`${claim} ${JSON.stringify(value)}`, async () => {
      expect(await identify({ [claim]: value })).toEqual(refusal(400, 'header_value', claim));
    });
  }

  it('or left out where they are only shown', async () => {
    const wrong = { name: 7, preferred_username: ['x'], email_verified: 'true', department: null };

    expect(claimsOf(await identify({ email: 'a@x.example', ...wrong }))).toEqual({
      email: 'a@x.example',
    });
  });

  it('and no address is verified that is not there', async () => {
    expect(claimsOf(await identify({ email_verified: true }))).toEqual({});
    const always = optionsWith({ claims: { ...CLAIMS, emailVerified: true } });
    expect(claimsOf(await identify({}, always))).toEqual({});
    expect(
      claimsOf(await identify({ email: 'a@x.example', email_verified: false }, always)),
    ).toEqual({
      email: 'a@x.example',
      email_verified: true,
    });
  });
});

describe('claims are held to the rules of headers', () => {
  const CASES: readonly (readonly [string, unknown, string])[] = [
    ['sub', 'a,b', 'header_value'],
    ['sub', 'a b', 'header_value'],
    ['sub', 'älice', 'header_value'],
    ['sub', 'a'.repeat(256), 'header_value'],
    ['sub', 'alice\n', 'header_value'],
    ['sub', '(null)', 'placeholder'],
    ['sub', 'Anonymous', 'placeholder'],
    ['sub', '%{user}e', 'placeholder'],
    ['email', 'a@x.example, b@x.example', 'header_value'],
    ['email', 'no address', 'header_value'],
    ['email', '-', 'placeholder'],
    ['groups', ['a\u202eb'], 'header_value'],
    ['groups', ['a'.repeat(256)], 'header_value'],
    ['groups', Array.from({ length: 201 }, (_, index) => `g${index}`), 'header_value'],
    [
      'groups',
      Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(210, 'x')),
      'header_value',
    ],
    ['acr', 'two words', 'header_value'],
    ['amr', ['two words'], 'header_value'],
    ['sid', 'a\u0000', 'header_value'],
  ];
  for (const [claim, value, reason] of CASES) {
    it(`${claim} ${JSON.stringify(value).slice(0, 40)}`, async () => {
      expect(await identify({ [claim]: value })).toEqual(refusal(400, reason, claim));
    });
  }

  it('and nobody is kept out for how their name is written', async () => {
    const odd = {
      name: 'a\u202eb',
      preferred_username: 'x'.repeat(256),
      department: 'x'.repeat(1025),
    };

    expect(claimsOf(await identify(odd))).toEqual({});
    expect(claimsOf(await identify({ department: { deep: 'x'.repeat(8 * 1024) } }))).toEqual({});
    const polluting = JSON.parse('{"a":{"__proto__":{"admin":true}}}');
    expect(claimsOf(await identify({ department: polluting }))).toEqual({});
    expect(claimsOf(await identify({ department: 0 }))).toEqual({ team: 0 });
    expect(claimsOf(await identify({ department: false }))).toEqual({ team: false });
  });

  it('lists as long as they may be', async () => {
    const groups = Array.from({ length: 200 }, (_, index) => `g${index}`);

    expect(claimsOf(await identify({ groups }))?.['groups']).toEqual(groups);
  });

  it('groups of one as AD FS writes them, which are never split', async () => {
    expect(claimsOf(await identify({ groups: 'a,b c' }))?.['groups']).toEqual(['a,b c']);
    expect(claimsOf(await identify({ groups: '' }))).toEqual({});
  });

  it('groups that pass, with what is put before them', async () => {
    const options = optionsWith({ groups: { allow: ['staff', 'none'], prefix: 'corp:' } });

    expect(claimsOf(await identify({ groups: ['admins', 'staff'] }, options))).toEqual({
      groups: ['corp:staff'],
    });
    expect(claimsOf(await identify({ groups: ['admins'] }, options))).toEqual({});
    const amr = await identify({ amr: ['pwd'] }, options);
    expect(amr).toMatchObject({ identity: { amr: ['pwd'] } });
  });

  it('what is required, transforms, namespaces and the deny list', async () => {
    const options = optionsWith(
      {},
      {
        required: ['subject', 'groups', 'team'],
        subject: { namespace: 'corp:', transform: 'lowercase-ascii', deny: ['root'] },
        rejectValues: ['guest'],
      },
    );
    const all = { groups: ['a'], department: 'x' };

    expect(subjectOf(await identify({ sub: 'Alice', ...all }, options))).toBe('corp:alice');
    expect(await identify({ department: 'x' }, options)).toEqual(
      refusal(401, 'attribute_missing', 'groups'),
    );
    expect(await identify({ groups: ['a'] }, options)).toEqual(
      refusal(401, 'attribute_missing', 'department'),
    );
    expect(await identify({ ...all, sub: 'ROOT' }, options)).toEqual(
      refusal(403, 'subject_denied', 'sub'),
    );
    expect(await identify({ ...all, sub: 'guest' }, options)).toEqual(
      refusal(400, 'placeholder', 'sub'),
    );
    expect(subjectOf(await identify({ ...all, sub: 'none' }, options))).toBe('corp:none');
  });
});

describe('what an upstream of assertions tells about itself', () => {
  it('is the names of its headers, for Vary and for redaction', () => {
    const { headerNames } = createAssertionUpstream(
      optionsWith({ rejectPlainHeaders: ['X-Plain'] }),
      deps,
    );

    expect(headerNames).toEqual(['x-proxy-assertion', 'x-asteroid-upstream-secret', 'x-plain']);
  });

  it('is at once what is wrong with its options', () => {
    expect(() => createAssertionUpstream(optionsWith({ issuer: '' }), deps)).toThrow(
      'upstream.assertion.issuer',
    );
  });
});
