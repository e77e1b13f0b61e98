import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClaimsParameter } from '../../internal/oidc/claims-parameter.ts';
import { OAuthError } from '../../internal/protocol/errors.ts';
import { startWork } from '../support/work.ts';

function reasonOf(text: string): string {
  try {
    parseClaimsParameter(text);
  } catch (error) {
    if (error instanceof OAuthError) return `${error.code} ${error.reason}`;
    throw error;
  }
  return 'accepted';
}

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('claims parameter: what it says (OIDC Core §5.5)', () => {
  it('reads null, essential, value and values for both places', () => {
    const text = `{"id_token":{"acr":{"essential":true,"values":["1",":2"]},"auth_time":null},
      "userinfo":{"email":{"value":"a\\":b"},"name":{"essential":false}}}`;

    expect(parseClaimsParameter(text)).toEqual({
      idToken: [
        ['acr', { essential: true, values: ['1', ':2'] }],
        ['auth_time', {}],
      ],
      userinfo: [
        ['email', { value: 'a":b' }],
        ['name', { essential: false }],
      ],
    });
  });

  it('ignores members it does not know, at every level', () => {
    const text = '{"verified_claims":{"x":[1]},"userinfo":{"name":{"purpose":"why"}}}';

    expect(parseClaimsParameter(text)).toEqual({ idToken: [], userinfo: [['name', {}]] });
  });

  it('reads an empty object and a place that is null as asking for nothing', () => {
    expect(parseClaimsParameter('{}')).toEqual({ idToken: [], userinfo: [] });
    expect(parseClaimsParameter('{"userinfo":null}')).toEqual({ idToken: [], userinfo: [] });
  });
});

describe('claims parameter: what is refused (AZ-13)', () => {
  for (const text of [
    '',
    'null',
    '[]',
    '5',
    '"x"',
    'true',
    '{',
    '{"id_token":5}',
    '{"id_token":[]}',
    '{"id_token":{"sub":5}}',
    '{"id_token":{"sub":"alice"}}',
    '{"id_token":{"sub":[]}}',
    '{"id_token":{"sub":{"essential":"yes"}}}',
    '{"id_token":{"sub":{"essential":null}}}',
    '{"id_token":{"sub":{"values":"alice"}}}',
    '{"userinfo":{"name":false}}',
  ]) {
    it(`refuses ${text === '' ? 'an empty text' : text} with invalid_request`, () => {
      expect(reasonOf(text)).toBe('invalid_request claims_malformed');
    });
  }

  for (const text of [
    '{"id_token":{"sub":{"value":"alice"}},"id_token":{}}',
    '{"id_token":{"sub":{"value":"alice"},"s\\u0075b":{"value":"bob"}}}',
    '{"id_token":{"sub":{"value":"alice","value":"bob"}}}',
    '{"a":{"b":1 , "b" : 2}}',
    '{"a":[{"b":1},{"b":1,"b":2}]}',
  ]) {
    it(`refuses a member that is named twice: ${text}`, () => {
      expect(reasonOf(text)).toBe('invalid_request claims_malformed');
    });
  }

  it('accepts one name in several objects, and text that merely looks like a name', () => {
    const text = '{"userinfo":{"name":null},"id_token":{"name":{"values":["a",":","b:","\\":"]}}}';

    expect(reasonOf(text)).toBe('accepted');
  });

  it('refuses more than 8 KiB, and depth that exhausts a stack, in no time', () => {
    const work = startWork();

    expect(reasonOf(`{"x":"${'a'.repeat(1_000_000)}"}`)).toContain('claims_malformed');
    expect(reasonOf(nested(10_000))).toContain('claims_malformed');
    expect(reasonOf(nested(1000))).toContain('claims_malformed');
    expect(reasonOf('['.repeat(4000) + ']'.repeat(4000))).toContain('claims_malformed');
    expect(reasonOf(`{"x":"${'\\"'.repeat(4000)}"}`)).toBe('accepted');
    expect(work()).toBeLessThan(500);
  });

  it('leaves prototypes alone when __proto__ is a claim name', () => {
    const { userinfo } = parseClaimsParameter('{"userinfo":{"__proto__":{"value":"x"}}}');

    expect(userinfo).toEqual([['__proto__', { value: 'x' }]]);
    expect(Reflect.get({}, 'value')).toBeUndefined();
  });
});

describe('claims parameter: properties', () => {
  const request = fc.oneof(
    fc.constant(null),
    fc.record(
      {
        essential: fc.boolean(),
        value: fc.jsonValue({ maxDepth: 1 }),
        values: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 3 }),
      },
      { requiredKeys: [] },
    ),
  );
  const name = fc.string({ unit: fc.constantFrom(...'ab":,\\{}[] é'), minLength: 1 });

  it('throws nothing but OAuthError, whatever the text', () => {
    const jsonLike = fc.string({ unit: fc.constantFrom(...'{}[]":,\\ab1-.e tn\n') });
    fc.assert(
      fc.property(fc.oneof(jsonLike, fc.json(), fc.string()), (text) => {
        expect(reasonOf(text)).toMatch(/^(accepted|invalid_request claims_malformed)$/);
      }),
      { numRuns: 3000 },
    );
  });

  it('accepts every well-formed request, whatever the names and values are made of', () => {
    fc.assert(
      fc.property(fc.dictionary(name, request), (userinfo) => {
        const text = JSON.stringify({ userinfo });
        fc.pre(text.length <= 8192);

        expect(parseClaimsParameter(text).userinfo.map(([claim]) => claim)).toEqual(
          Object.keys(JSON.parse(text).userinfo),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
