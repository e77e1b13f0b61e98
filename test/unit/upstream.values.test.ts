import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../internal/upstream/options.ts';
import {
  claimsOf,
  HEADERS,
  identify,
  identifyWith,
  refusal,
  subjectOf,
  wire,
} from './upstream.fixture.ts';

const USER = 'X-Authenticated-User';
const NAME = 'X-Authenticated-Name';
const VALUE = refusal(400, 'header_value', USER);
const ENCODING = refusal(400, 'header_encoding', USER);

const subjectIn = (encoding: Encoding, value: string) =>
  identifyWith([USER, value], { subject: { name: USER, encoding } });

const nameIn = (encoding: Encoding, value: string) =>
  claimsOf(identifyWith([USER, 'alice', NAME, value], { name: { name: NAME, encoding } }))?.[
    'name'
  ];

describe('upstream values: subject (T09, T10, T16, UP-7, UP-8)', () => {
  const HONEST = [
    'alice',
    'Alice',
    'alice.o_neil+test@corp.example',
    'corp:alice',
    'corp|alice/1=2',
    '0',
    'a'.repeat(255),
    'constructor',
    '__proto__',
  ];
  for (const value of HONEST) {
    it(`takes "${value.slice(0, 40)}" as it is`, () => {
      expect(subjectOf(identify([USER, value]))).toBe(value);
    });
  }

  const BAD = [
    ['a no-break space at its end', wire('admin\u00a0')],
    ['a no-break space in latin1', 'admin\u00a0'],
    ['nothing but a no-break space', '\u00a0'],
    ['a byte order mark', wire('\ufeffadmin')],
    ['a blank inside', 'alice admin'],
    ['a blank at its end', 'alice '],
    ['a tab', 'alice\t'],
    ['the Kelvin sign', wire('\u212aate')],
    ['full-width letters', wire('ａｄｍｉｎ')],
    ['a composed letter', wire('Zo\u00eb')],
    ['a decomposed letter', wire('Zoe\u0308')],
    ['a right-to-left mark', wire('alice\u200f')],
    ['a right-to-left override', wire('\u202eecila')],
    ['a zero-width joiner', wire('al\u200dice')],
    ['a percent escape that nobody declared', '%61dmin'],
    ['an encoded word that nobody declared', '=?utf-8?q?admin?='],
    ['a null byte', 'alice\0'],
    ['a line feed', 'alice\n'],
    ['an escape character', 'alice\x1b[2J'],
    ['a quote', 'alice"'],
    ['markup', '<b>alice'],
    ['256 characters', 'a'.repeat(256)],
    ['16,000 characters', 'a'.repeat(16_000)],
  ] as const;
  for (const [what, value] of BAD) {
    it(`refuses a subject with ${what} with header_value`, () => {
      expect(identify([USER, value])).toEqual(VALUE);
    });
  }

  it('keeps apart what differs in case only', () => {
    expect(subjectOf(identify([USER, 'alice']))).not.toBe(subjectOf(identify([USER, 'Alice'])));
  });

  it('takes a pattern of the operator for the whole value', () => {
    const subject = { name: USER, pattern: '[a-z]+\\\\[a-z]+' };

    expect(subjectOf(identifyWith([USER, 'corp\\alice'], { subject }))).toBe('corp\\alice');
    expect(identifyWith([USER, 'corp\\alice1'], { subject })).toEqual(VALUE);
    expect(identifyWith([USER, 'alice'], { subject })).toEqual(VALUE);
  });

  it('stays with printable ASCII of at most 255 characters whatever the pattern allows', () => {
    const subject = { name: USER, encoding: 'percent', pattern: '.*' } as const;
    const values = ['alice%20admin', 'a%2Cb', 'Zo%C3%AB', 'alice%0Aadmin', 'a'.repeat(256)];

    for (const value of values) {
      expect(identifyWith([USER, value], { subject })).toEqual(VALUE);
    }
    expect(
      identify([USER, 'a%20b'], { headers: { ...HEADERS, subject }, required: ['groups'] }),
    ).toEqual(VALUE);
    expect(subjectOf(identifyWith([USER, 'a%22b'], { subject }))).toBe('a"b');
  });
});

describe('upstream values: placeholders (T18, UP-5)', () => {
  const PLACEHOLDERS = [
    '(null)',
    '(NULL)',
    '-',
    'null',
    'None',
    'undefined',
    'anonymous',
    'Anonymous',
    'unknown',
    '{http.reverse_proxy.header.X-Auth-Request-User}',
    '$remote_user',
    '$',
    '%{REMOTE_USER}e',
  ];
  for (const value of PLACEHOLDERS) {
    it(`refuses ${value} with placeholder`, () => {
      expect(identify([USER, value])).toEqual(refusal(400, 'placeholder', USER));
    });
  }

  it('takes names that only contain such a word', () => {
    for (const value of ['nullius', 'anna-none', 'a-', 'unknown-soldier']) {
      expect(subjectOf(identify([USER, value]))).toBe(value);
    }
  });

  it('refuses one that is hidden in an encoding or left by a transform', () => {
    expect(subjectIn('base64url', Buffer.from('null').toString('base64url'))).toEqual(
      refusal(400, 'placeholder', USER),
    );
    expect(
      identify([USER, 'none@corp.example'], {
        subject: { transform: { stripDomain: 'corp.example' } },
      }),
    ).toEqual(refusal(400, 'placeholder', USER));
  });

  it('refuses one that is hidden in an encoded attribute', () => {
    const acr = { name: 'X-Authenticated-Acr', encoding: 'base64url' } as const;
    const value = Buffer.from('unknown').toString('base64url');

    expect(identifyWith([USER, 'alice', 'X-Authenticated-Acr', value], { acr })).toEqual(
      refusal(400, 'placeholder', 'X-Authenticated-Acr'),
    );
  });

  it('refuses what the operator lists instead of the usual words', () => {
    const options = { rejectValues: ['Guest'] };

    expect(identify([USER, 'guest'], options)).toEqual(refusal(400, 'placeholder', USER));
    expect(subjectOf(identify([USER, 'unknown'], options))).toBe('unknown');
    expect(identify([USER, '$user'], options)).toEqual(refusal(400, 'placeholder', USER));
  });

  it('refuses one in every attribute that decides something', () => {
    const headers = ['Email', 'Groups', 'At', 'Acr', 'Amr', 'Session'];
    for (const header of headers.map((name) => `X-Authenticated-${name}`)) {
      expect(identify([USER, 'alice', header, '(null)'])).toEqual(
        refusal(400, 'placeholder', header),
      );
    }
  });
});

describe('upstream values: declared encodings (T10, T11)', () => {
  const NAMES: ReadonlyArray<readonly [Encoding, string]> = [
    ['ascii', 'Zoe Smith'],
    ['utf-8', wire('Zoë Smith')],
    ['latin1', 'Zo\xeb Smith'],
    ['percent', 'Zo%C3%AB%20Smith'],
    ['rfc2047', '=?utf-8?q?Zo=C3=AB_Smith?='],
    ['rfc2047', '=?UTF-8?B?Wm/DqyBTbWl0aA==?='],
    ['rfc2047', '=?iso-8859-1?Q?Zo=EB?= Smith'],
    ['rfc2047', '=?utf-8?q?Zo=C3=AB?=  =?us-ascii?q?_Smith?='],
    ['base64url', Buffer.from('Zoë Smith').toString('base64url')],
  ];
  for (const [encoding, value] of NAMES) {
    it(`reads ${JSON.stringify(value)} as ${encoding}`, () => {
      expect(nameIn(encoding, value)).toBe(encoding === 'ascii' ? 'Zoe Smith' : 'Zoë Smith');
    });
  }

  it('never guesses: what is not declared stays as it was written', () => {
    expect(nameIn('utf-8', 'Zo%C3%AB')).toBe('Zo%C3%AB');
    expect(nameIn('utf-8', '=?utf-8?q?Zo=C3=AB?=')).toBe('=?utf-8?q?Zo=C3=AB?=');
    expect(nameIn('percent', 'Zoe+Smith')).toBe('Zoe+Smith');
    expect(nameIn('rfc2047', 'Zoe  Smith, PhD')).toBe('Zoe  Smith, PhD');
  });

  const UNREADABLE: ReadonlyArray<readonly [Encoding, string, string]> = [
    ['utf-8', 'latin1 bytes', 'Zo\xeb'],
    ['utf-8', 'an overlong form', '\xc1\xa1dmin'],
    ['utf-8', 'half of a surrogate pair', '\xed\xa0\x80'],
    ['utf-8', 'a character that no byte can be', 'Zo\u0105'],
    ['percent', 'a lone percent sign', '100%'],
    ['percent', 'an escape that is not UTF-8', '%ff'],
    ['percent', 'an escaped letter', '%61dmin'],
    ['percent', 'bytes that should have been escaped', wire('Zoë')],
    ['rfc2047', 'an unknown charset', '=?koi8-r?q?=C1?='],
    ['rfc2047', 'an unknown form', '=?utf-8?x?a?='],
    ['rfc2047', 'a word without an end', '=?utf-8?q?a'],
    ['rfc2047', 'a word inside a word', 'a=?utf-8?q?b?='],
    ['rfc2047', 'a broken escape', '=?utf-8?q?=4?='],
    ['rfc2047', 'bytes that are not UTF-8', '=?utf-8?q?=FF?='],
    ['rfc2047', 'bytes that are not ASCII', '=?us-ascii?q?=C3=AB?='],
    ['rfc2047', 'base64 without its padding', '=?utf-8?b?YQ?='],
    ['rfc2047', 'base64 with garbage', '=?utf-8?b?Y!Q==?='],
    ['base64url', 'padding', 'YQ=='],
    ['base64url', 'the other alphabet', 'Wm/D'],
    ['base64url', 'bits that nobody reads', 'YR'],
    ['base64url', 'bytes that are not UTF-8', '_w'],
  ];
  for (const [encoding, what, value] of UNREADABLE) {
    it(`refuses ${what} in ${encoding} with header_encoding, and drops a display name`, () => {
      const email = { name: 'X-Authenticated-Email', encoding };

      expect(identifyWith([USER, 'alice', 'X-Authenticated-Email', value], { email })).toEqual(
        refusal(400, 'header_encoding', 'X-Authenticated-Email'),
      );
      expect(nameIn(encoding, value)).toBe(undefined);
    });
  }

  it('refuses raw bytes in a value declared ascii with header_value', () => {
    expect(identify([USER, 'Zo\xeb'])).toEqual(VALUE);
    expect(nameIn('ascii', wire('Zoë'))).toBe(undefined);
  });

  it('asks again after decoding: control and format characters come in encoded', () => {
    const attacks = ['a\r\nb', 'a\0b', 'a\x7fb', 'a\u0085b', 'a\u2028b', 'a\u2029b', 'a\u202eb'];
    for (const attack of [...attacks, '\ufeffa', 'a\u200fb', 'a\u00adb', 'Zoe\u0308']) {
      expect(nameIn('percent', encodeURIComponent(attack))).toBe(undefined);
      expect(nameIn('base64url', Buffer.from(attack).toString('base64url'))).toBe(undefined);
      expect(nameIn('rfc2047', `=?utf-8?b?${Buffer.from(attack).toString('base64')}?=`)).toBe(
        undefined,
      );
    }
    expect(nameIn('percent', encodeURIComponent('Nguyễn Văn A 🦊'))).toBe('Nguyễn Văn A 🦊');
  });

  it('refuses control characters in a decoded subject', () => {
    expect(subjectIn('percent', 'alice%0D%0AX-Admin')).toEqual(VALUE);
    expect(subjectIn('percent', 'alice%00')).toEqual(VALUE);
    expect(subjectIn('base64url', Buffer.from('alice\n').toString('base64url'))).toEqual(VALUE);
    expect(subjectOf(subjectIn('percent', 'alice%40corp.example'))).toBe('alice@corp.example');
  });

  it('never gives one subject two spellings', () => {
    expect(subjectIn('percent', '%61lice')).toEqual(ENCODING);
    expect(subjectIn('base64url', 'YWxpY2U=')).toEqual(ENCODING);
    expect(subjectOf(subjectIn('base64url', 'YWxpY2U'))).toBe('alice');
  });
});

describe('upstream values: display names never block a sign-in (T10)', () => {
  it('drops a name that is not what was declared', () => {
    const answer = identify([USER, 'alice', NAME, 'Zo\xeb']);

    expect(subjectOf(answer)).toBe('alice');
    expect(claimsOf(answer)).toEqual({});
  });

  it('drops a placeholder, a blank edge and a name beyond its size', () => {
    for (const value of ['(null)', ' Alice', 'Alice ', wire('\u00a0Alice'), 'a'.repeat(1025)]) {
      expect(claimsOf(identify([USER, 'alice', NAME, value]))).toEqual({});
    }
    expect(claimsOf(identify([USER, 'alice', NAME, 'a'.repeat(1024)]))).toEqual({
      name: 'a'.repeat(1024),
    });
  });

  it('refuses instead where the operator wants that', () => {
    const name = { name: NAME, encoding: 'utf-8', onInvalid: 'reject' } as const;

    expect(identifyWith([USER, 'alice', NAME, 'Zo\xeb'], { name })).toEqual(
      refusal(400, 'header_encoding', NAME),
    );
  });
});

describe('upstream values: transform, namespace and deny list (UP-7)', () => {
  it('lowers ASCII letters and nothing else', () => {
    const subject = { transform: 'lowercase-ascii' } as const;

    expect(subjectOf(identify([USER, 'ALICE@Corp'], { subject }))).toBe('alice@corp');
    expect(identify([USER, wire('\u212aate')], { subject })).toEqual(VALUE);
  });

  const DOMAIN = { transform: { stripDomain: 'corp.example' } } as const;

  it('strips its own domain and leaves others alone', () => {
    expect(subjectOf(identify([USER, 'alice@corp.example'], { subject: DOMAIN }))).toBe('alice');
    expect(subjectOf(identify([USER, 'alice@CORP.example'], { subject: DOMAIN }))).toBe('alice');
    expect(subjectOf(identify([USER, 'alice@evil.example'], { subject: DOMAIN }))).toBe(
      'alice@evil.example',
    );
    expect(subjectOf(identify([USER, 'alice@notcorp.example'], { subject: DOMAIN }))).toBe(
      'alice@notcorp.example',
    );
  });

  it('refuses names that stripping would make somebody else', () => {
    const names = ['alice', 'bob@other@corp.example', '@corp.example', 'alice@'];
    for (const name of names) {
      expect(identify([USER, name], { subject: DOMAIN })).toEqual(VALUE);
    }
  });

  it('puts the namespace first and counts it', () => {
    const subject = { namespace: 'corp:' };

    expect(subjectOf(identify([USER, 'alice'], { subject }))).toBe('corp:alice');
    expect(subjectOf(identify([USER, 'a'.repeat(250)], { subject }))).toHaveLength(255);
    expect(identify([USER, 'a'.repeat(251)], { subject })).toEqual(VALUE);
  });

  it('refuses a denied name after the transform, in any case', () => {
    const subject = { ...DOMAIN, namespace: 'corp:', deny: ['root', 'Admin'] };
    const denied = refusal(403, 'subject_denied', USER);

    expect(identify([USER, 'root@corp.example'], { subject })).toEqual(denied);
    expect(identify([USER, 'ROOT@corp.example'], { subject })).toEqual(denied);
    expect(identify([USER, 'admin@corp.example'], { subject })).toEqual(denied);
    expect(subjectOf(identify([USER, 'rooty@corp.example'], { subject }))).toBe('corp:rooty');
  });
});
