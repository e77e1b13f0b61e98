import { describe, expect, it } from 'vitest';
import type { ExtraOptions, ListFormat, ListOptions } from '../../internal/upstream/options.ts';
import {
  ALICE,
  claimsOf,
  identify,
  identifyWith,
  refusal,
  subjectOf,
  wire,
} from './upstream.fixture.ts';

const EMAIL = 'X-Authenticated-Email';
const GROUPS = 'X-Authenticated-Groups';

const groupsAnswer = (lines: readonly string[], options: Partial<ListOptions> = {}) =>
  identifyWith([...ALICE, ...lines.flatMap((line) => [GROUPS, line])], {
    groups: { name: GROUPS, ...options },
  });

const groupsIn = (format: ListFormat, ...lines: string[]) =>
  claimsOf(groupsAnswer(lines, { format }))?.['groups'];

const REFUSED = refusal(400, 'header_value', GROUPS);

describe('upstream attributes: email', () => {
  const emailIn = (value: string) => identify([...ALICE, EMAIL, value]);

  it('takes addresses as they are', () => {
    for (const value of ["o'neil+x@corp.example", 'Alice@Corp.Example', 'a@b']) {
      expect(claimsOf(emailIn(value))?.['email']).toBe(value);
    }
  });

  it('refuses what is no address, or too long for one, with header_value', () => {
    const bad = ['alice', 'alice@', '@corp.example', 'a@b@c', 'a b@c.example', 'a@b.example '];
    for (const value of [...bad, wire('zoë@corp.example'), `${'a'.repeat(320)}@b`]) {
      expect(emailIn(value)).toEqual(refusal(400, 'header_value', EMAIL));
    }
  });

  it('leaves an empty one out', () => {
    expect(claimsOf(emailIn(''))).toEqual({});
  });

  it('drops a bad one where the operator wants that, and its flag with it', () => {
    const email = { name: EMAIL, verified: true, onInvalid: 'drop' } as const;

    expect(claimsOf(identifyWith([...ALICE, EMAIL, 'alice'], { email }))).toEqual({});
  });
});

describe('upstream attributes: email_verified (UP-11)', () => {
  const FLAG = 'X-Authenticated-Email-Verified';
  const withFlag = (...flag: string[]) =>
    claimsOf(
      identifyWith(
        [...ALICE, EMAIL, 'alice@x.example', ...flag.flatMap((value) => [FLAG, value])],
        {
          email: { name: EMAIL, verified: { header: FLAG } },
        },
      ),
    );

  it('says what the operator says, and nothing when the operator says nothing', () => {
    const lines = [...ALICE, EMAIL, 'alice@x.example'];

    for (const verified of [true, false]) {
      expect(claimsOf(identifyWith(lines, { email: { name: EMAIL, verified } }))).toEqual({
        email: 'alice@x.example',
        email_verified: verified,
      });
    }
    expect(claimsOf(identifyWith(lines, { email: { name: EMAIL } }))).toEqual({
      email: 'alice@x.example',
    });
  });

  it('takes true and false from the header that the operator names', () => {
    expect(withFlag('true')?.['email_verified']).toBe(true);
    expect(withFlag('false')?.['email_verified']).toBe(false);
  });

  it('leaves the claim out for anything else', () => {
    for (const value of ['1', 'True', 'yes', '', 'truetrue', '(null)']) {
      expect(withFlag(value)).toEqual({ email: 'alice@x.example' });
    }
    expect(withFlag()).toEqual({ email: 'alice@x.example' });
  });

  it('says nothing about an email that is not there', () => {
    const email = { name: EMAIL, verified: { header: FLAG } };

    expect(claimsOf(identifyWith([...ALICE, FLAG, 'true'], { email }))).toEqual({});
    expect(claimsOf(identifyWith(ALICE, { email: { name: EMAIL, verified: true } }))).toEqual({});
  });

  it('refuses a flag that was sent twice', () => {
    const email = { name: EMAIL, verified: { header: FLAG } };
    const lines = [...ALICE, EMAIL, 'a@x.example', FLAG, 'false', FLAG, 'true'];

    expect(identifyWith(lines, { email })).toEqual(refusal(400, 'duplicate_header', FLAG));
  });

  it('cannot be set by a claim of the operator’s own', () => {
    expect(() =>
      identifyWith(ALICE, { extra: { email_verified: { name: 'X-Verified', type: 'bool' } } }),
    ).toThrow('the claim email_verified cannot be set here');
  });
});

describe('upstream attributes: groups (T15, UP-11)', () => {
  it('reads every format, without empty and repeated entries', () => {
    expect(groupsIn('csv', 'dev, ops ,,dev,Domain Admins,')).toEqual([
      'dev',
      'ops',
      'Domain Admins',
    ]);
    expect(groupsIn('pipe', 'dev|ops||dev|CN=Admins,OU=Groups')).toEqual([
      'dev',
      'ops',
      'CN=Admins,OU=Groups',
    ]);
    expect(groupsIn('space', 'dev  ops dev')).toEqual(['dev', 'ops']);
    expect(groupsIn('repeated', 'dev', '', 'CN=Admins,OU=Groups', 'dev')).toEqual([
      'dev',
      'CN=Admins,OU=Groups',
    ]);
    expect(groupsIn('json', '["dev","ops","","dev","CN=Admins,OU=Groups"]')).toEqual([
      'dev',
      'ops',
      'CN=Admins,OU=Groups',
    ]);
  });

  it('refuses a second line in every format but repeated', () => {
    for (const format of ['csv', 'pipe', 'space', 'json'] as const) {
      expect(groupsAnswer(['dev', 'admins'], { format })).toEqual(
        refusal(400, 'duplicate_header', GROUPS),
      );
    }
  });

  it('is not a list with nothing in it', () => {
    for (const [format, line] of [
      ['csv', ', ,'],
      ['pipe', '||'],
      ['space', '  '],
      ['repeated', ''],
      ['json', '[]'],
      ['json', '[""]'],
    ] as const) {
      expect(claimsOf(groupsAnswer([line], { format }))).toEqual({});
    }
  });

  it('splits at a delimiter inside a name: only allow, prefix or another format help', () => {
    expect(groupsIn('csv', 'CN=Admins,OU=Groups')).toEqual(['CN=Admins', 'OU=Groups']);
    expect(groupsIn('csv', 'a,admin')).toEqual(['a', 'admin']);
    expect(
      claimsOf(groupsAnswer(['a,admin,dev'], { allow: ['a', 'dev'], prefix: 'corp:' })),
    ).toEqual({ groups: ['corp:a', 'corp:dev'] });
  });

  it('keeps an encoded delimiter inside its entry', () => {
    expect(claimsOf(groupsAnswer(['dev,CN=Admins%2COU=Groups'], { encoding: 'percent' }))).toEqual({
      groups: ['dev', 'CN=Admins,OU=Groups'],
    });
  });

  it('leaves the claim out when none of the groups is allowed', () => {
    expect(claimsOf(groupsAnswer(['admins'], { allow: ['dev'] }))).toEqual({});
  });

  it('refuses JSON that is not a list of strings with header_value', () => {
    const bad = ['dev', '[', '{}', '"dev"', 'null', '[1]', '[["dev"]]', '[null]', '["a\\u0000"]'];
    for (const line of bad) {
      expect(groupsAnswer([line], { format: 'json' }).kind).toBe('refused');
    }
    expect(groupsAnswer(['{}'], { format: 'json' })).toEqual(REFUSED);
  });

  it('drops bad JSON where the operator wants that', () => {
    const answer = groupsAnswer(['{'], { format: 'json', onInvalid: 'drop' });

    expect(subjectOf(answer)).toBe('alice');
    expect(claimsOf(answer)).toEqual({});
  });

  it('refuses entries with characters that no group has', () => {
    for (const line of ['dev,\x07', wire('dev,K\u00fcche'), wire('dev,\u202eadmins'), 'a\tb']) {
      expect(groupsAnswer([line])).toEqual(REFUSED);
    }
    expect(groupsAnswer(['["a\\u202eb"]'], { format: 'json', pattern: '.*' })).toEqual(REFUSED);
    expect(
      claimsOf(groupsAnswer([wire('dev,Küche')], { encoding: 'utf-8', pattern: '[\\p{L}]+' })),
    ).toEqual({ groups: ['dev', 'Küche'] });
  });

  it('refuses a list beyond its size instead of cutting it', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `group${at}`);

    expect(groupsIn('csv', many(200).join(','))).toHaveLength(200);
    expect(groupsAnswer([many(201).join(',')])).toEqual(REFUSED);
    expect(groupsAnswer(many(201), { format: 'repeated' })).toEqual(REFUSED);
    expect(groupsAnswer([JSON.stringify(many(201))], { format: 'json' })).toEqual(REFUSED);
    expect(groupsAnswer([`${'a'.repeat(255)},`.repeat(33)])).toEqual(REFUSED);
    expect(groupsAnswer(['a'.repeat(256)])).toEqual(REFUSED);
    expect(groupsIn('csv', 'a'.repeat(255))).toEqual(['a'.repeat(255)]);
  });
});

describe('upstream attributes: how the End-User was authenticated', () => {
  const members = (header: string, value: string) => {
    const answer = identify([...ALICE, header, value]);
    if (answer.kind !== 'identified') return answer;
    const { subject, claims, ...rest } = answer.identity;
    return { ...rest, claims };
  };

  it('takes auth_time in seconds', () => {
    expect(members('X-Authenticated-At', '1764547200')).toEqual({
      authTime: 1_764_547_200,
      claims: {},
    });
  });

  it('refuses any other time, milliseconds included, with header_value', () => {
    const bad = [
      '1764547200000',
      '1764547200.5',
      '-1',
      '0',
      '01',
      '1e9',
      '0x10',
      'now',
      '2025-12-01',
    ];
    for (const value of bad) {
      expect(members('X-Authenticated-At', value)).toEqual(
        refusal(400, 'header_value', 'X-Authenticated-At'),
      );
    }
  });

  it('never invents what the upstream does not say', () => {
    expect(identify(ALICE)).toEqual({
      kind: 'identified',
      identity: { subject: 'alice', claims: {} },
    });
  });

  it('takes acr, amr and the session id as words', () => {
    expect(members('X-Authenticated-Acr', 'urn:example:loa:2')).toEqual({
      acr: 'urn:example:loa:2',
      claims: {},
    });
    expect(members('X-Authenticated-Amr', 'pwd otp pwd')).toEqual({
      amr: ['pwd', 'otp'],
      claims: {},
    });
    expect(members('X-Authenticated-Session', 'S-1_2=')).toEqual({ sid: 'S-1_2=', claims: {} });
    expect(members('X-Authenticated-Session', 'a b')).toEqual(
      refusal(400, 'header_value', 'X-Authenticated-Session'),
    );
  });
});

describe('upstream attributes: claims of the operator’s own (UP-11)', () => {
  const extra = (type: NonNullable<ExtraOptions['type']>, value: string) =>
    claimsOf(
      identifyWith([...ALICE, 'X-Extra', value], { extra: { extra: { name: 'X-Extra', type } } }),
    )?.['extra'];

  it('takes values that fit their type', () => {
    expect(extra('string', 'Research & Development')).toBe('Research & Development');
    expect(extra('int', '42')).toBe(42);
    expect(extra('int', '-7')).toBe(-7);
    expect(extra('bool', 'true')).toBe(true);
    expect(extra('bool', 'false')).toBe(false);
    expect(extra('json', '{"a":[1,"b",null,true]}')).toEqual({ a: [1, 'b', null, true] });
    expect(extra('json', '0')).toBe(0);
  });

  it('leaves out what does not fit', () => {
    const misfits = {
      string: ['', 'a\x07b', 'a'.repeat(1025), wire('Küche')],
      int: ['', '4.2', '007', '1e3', '9'.repeat(16), 'NaN', 'Infinity', '-0'],
      bool: ['', '1', 'TRUE', 'yes'],
      json: [
        '',
        '{',
        'undefined',
        'null',
        '""',
        '[]',
        '{}',
        '1e999',
        `${'['.repeat(9)}1${']'.repeat(9)}`,
      ],
    } as const;
    for (const type of ['string', 'int', 'bool', 'json'] as const) {
      for (const value of misfits[type]) expect(extra(type, value)).toBe(undefined);
    }
  });

  it('leaves out JSON that would pollute a prototype, or overflow a stack', () => {
    expect(extra('json', '{"a":{"__proto__":{"admin":true}}}')).toBe(undefined);
    expect(extra('json', '[{"constructor":{"prototype":1}}]')).toBe(undefined);
    expect(extra('json', '['.repeat(8000))).toBe(undefined);
    expect(extra('json', `${'['.repeat(4000)}${']'.repeat(4000)}`)).toBe(undefined);
  });

  it('leaves out JSON whose escapes hide what the header could not carry', () => {
    expect(extra('json', '{"a":"\\u202eb"}')).toBe(undefined);
    expect(extra('json', '{"a\\u0000":"b"}')).toBe(undefined);
    expect(extra('json', '["\\ud800"]')).toBe(undefined);
    expect(extra('json', '["\\u00eb"]')).toEqual(['ë']);
  });

  it('keeps claims in an object of their own names only', () => {
    const names = ['toString', 'hasOwnProperty', 'valueOf'];
    const options = Object.fromEntries(names.map((name) => [name, { name: `X-${name}` }]));
    const claims = claimsOf(
      identifyWith([...ALICE, ...names.flatMap((name) => [`X-${name}`, name])], { extra: options }),
    );

    expect(Object.entries(claims ?? {})).toEqual(names.map((name) => [name, name]));
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
  });
});
