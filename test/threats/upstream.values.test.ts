import { beforeAll, describe, expect, it } from 'vitest';
import { type Program, startProgram } from '../support/program.ts';
import { sendRaw } from '../support/raw-http.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  attempt,
  honest,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
  user,
} from './threats.fixture.ts';

const TRUST = { secret: { files: ['upstream'] } };

const reading = (headers: object, subject: object = {}): Promise<Program> =>
  startProgram({
    config: { upstream: { trust: TRUST, headers: { ...headers }, subject: { ...subject } } },
  });

const subjectIn = (encoding: string): Promise<Program> =>
  reading({ subject: { name: 'X-Authenticated-User', encoding } });

/** The bytes of a text in UTF-8, one character each, as they travel. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const proven = (name: string): readonly string[] => unproven(SECRET, user(name));

const claimsFor = async (program: Program, ...lines: readonly string[]) =>
  claimsOf((await signIn(program, honest(...lines))).id_token);

let program: Program;
beforeAll(async () => {
  program = await startProgram();
});

const printed = (text: string): string => JSON.stringify(text).slice(1, -1);

describe('a subject that merely looks like another (T09, T10, UP-7)', () => {
  for (const { given, value } of [
    { given: 'a no-break space behind it, in ISO-8859-1', value: 'admin\u00a0' },
    { given: 'a no-break space behind it, in UTF-8', value: utf8('admin\u00a0') },
    { given: 'a byte order mark before it', value: utf8('\ufeffadmin') },
    { given: 'a blank inside', value: 'ad min' },
    { given: 'a tab inside', value: 'ad\tmin' },
    { given: 'the Kelvin sign for its K', value: utf8('\u212aate') },
    { given: 'letters of full width', value: utf8('ａｄｍｉｎ') },
    { given: 'a Cyrillic а', value: utf8('аdmin') },
    { given: 'a dotless ı', value: utf8('admın') },
    { given: 'a zero-width space inside', value: utf8('ad\u200bmin') },
    { given: 'a soft hyphen inside', value: utf8('ad\u00admin') },
    { given: 'a mark that turns the direction', value: utf8('\u202enimda') },
    { given: 'an escaped letter', value: '%61dmin' },
    { given: 'an encoded word', value: '=?utf-8?q?admin?=' },
    { given: 'quotes around it', value: '"admin"' },
    { given: 'a semicolon and more', value: 'admin;role=root' },
    { given: 'a backslash', value: 'corp\\admin' },
    { given: 'a tag', value: '<b>admin</b>' },
    { given: 'an accent in ISO-8859-1', value: 'zo\u00eb' },
    { given: 'an accent in UTF-8', value: utf8('zoë') },
  ]) {
    it(`is refused with 400: ${given}`, async () => {
      expect(await attempt(program, proven(value))).toEqual(refused(400, 'header_value'));
    });
  }

  it('is another subject where only the case differs', async () => {
    for (const name of ['Alice', 'ALICE', 'alice', 'kate', 'Kate']) {
      expect(await attempt(program, proven(name))).toEqual({ ...SIGNED_IN, subject: name });
    }
  });

  it('is the subject itself with blanks around it, which are not part of a header', async () => {
    expect(await attempt(program, proven('\talice  \t'))).toEqual(SIGNED_IN);
  });

  it('takes every character that names are made of', async () => {
    const name = 'auth0|corp:Alice.B_c+d=e/f-g@x.example';

    expect(await attempt(program, proven(name))).toEqual({ ...SIGNED_IN, subject: name });
  });
});

describe('bytes that end or break a line (T11)', () => {
  for (const byte of ['\0', '\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x7f']) {
    it(`refuses ${printed(byte)} in a subject with 400`, async () => {
      const { status, subject } = await attempt(program, proven(`al${byte}ice`));

      expect({ status, subject }).toEqual({ status: 400, subject: undefined });
    });
  }

  for (const { given, bytes } of [
    { given: 'a bare carriage return', bytes: 'bob\rX-Authenticated-Groups: admins' },
    { given: 'a bare line feed', bytes: 'bob\nX-Authenticated-Groups: admins' },
    { given: 'a folded line', bytes: 'bob\r\n root' },
  ]) {
    it(`refuses ${given} with 400 and ends the connection`, async () => {
      const lines = proven(bytes).join('\r\n');
      const { answers, closed } = await sendRaw(program.public, `${lines}\r\n\r\n`);

      expect(answers.map(({ status }) => status)).toEqual([400]);
      expect(closed).toBe(true);
    });
  }

  for (const { encoding, value } of [
    { encoding: 'percent', value: 'bob%0d%0aX-Admin:%201' },
    { encoding: 'percent', value: 'bob%00' },
    { encoding: 'percent', value: 'bob%E2%80%A8root' },
    { encoding: 'percent', value: 'bob%2Croot' },
    { encoding: 'percent', value: '%20bob' },
    { encoding: 'percent', value: 'zo%C3%AB' },
    { encoding: 'base64url', value: Buffer.from('bob\r\nroot').toString('base64url') },
    { encoding: 'base64url', value: Buffer.from('bob\0').toString('base64url') },
  ]) {
    it(`refuses them after decoding too: ${value} as ${encoding}`, async () => {
      const encoded = await subjectIn(encoding);

      expect(await attempt(encoded, proven(value))).toEqual(refused(400, 'header_value'));
    });
  }

  for (const { encoding, value } of [
    { encoding: 'percent', value: '%61lice' },
    { encoding: 'percent', value: 'alice%' },
    { encoding: 'percent', value: 'alice%c3%28' },
    { encoding: 'percent', value: utf8('alicë') },
    { encoding: 'base64url', value: 'YWxpY2U=' },
    { encoding: 'base64url', value: 'YWxpY2V' },
    { encoding: 'base64url', value: 'YWxp Y2U' },
    { encoding: 'utf-8', value: '\xc0\xafroot' },
    { encoding: 'utf-8', value: '\xff' },
  ]) {
    it(`refuses a second spelling: ${printed(value)} as ${encoding}`, async () => {
      const encoded = await subjectIn(encoding);

      expect(await attempt(encoded, proven(value))).toEqual(refused(400, 'header_encoding'));
    });
  }

  it('reads the one spelling of each encoding', async () => {
    const [percent, base64url] = await Promise.all([subjectIn('percent'), subjectIn('base64url')]);

    expect(await attempt(percent, proven('corp%3Aalice'))).toEqual({
      ...SIGNED_IN,
      subject: 'corp:alice',
    });
    expect(await attempt(base64url, proven('YWxpY2U'))).toEqual(SIGNED_IN);
  });

  it('refuses what decodes to nobody', async () => {
    const encoded = await subjectIn('base64url');
    const nobody = Buffer.from('(null)').toString('base64url');

    expect(await attempt(encoded, proven(nobody))).toEqual(refused(400, 'placeholder'));
  });
});

describe('one End-User, one subject (UP-7, UP-8)', () => {
  it('never gives one subject to two names that a proxy can tell apart', async () => {
    const names = [
      ...[
        'alice',
        'Alice',
        'alice.',
        '.alice',
        'alice@x',
        'alice@x.',
        'alice+1',
        'alice=',
        'a/lice',
      ],
      ...[
        'ali ce',
        'alice,',
        'alic\u00e9',
        utf8('alicé'),
        utf8('alice\u0301'),
        'alice%20',
        '0alice',
      ],
      ...[
        'alice\u00a0',
        utf8('\ufeffalice'),
        utf8('ａlice'),
        'alice|',
        'alice:',
        'alice-',
        'alice_',
      ],
    ];
    const subjects: unknown[] = [];
    for (const name of names) {
      const { subject } = await attempt(program, proven(name));
      if (subject !== undefined) subjects.push(subject);
    }

    expect(new Set(subjects).size).toBe(subjects.length);
    expect(subjects).toContain('alice');
    expect(subjects.every((subject) => names.includes(String(subject)))).toBe(true);
  });

  it('gives one subject to one name each time', async () => {
    const subjects = await Promise.all(
      Array.from({ length: 5 }, async () => (await attempt(program, proven('alice'))).subject),
    );

    expect(new Set(subjects)).toEqual(new Set(['alice']));
  });

  it('lowers ASCII letters alone where the operator asks for it', async () => {
    const lowered = await reading({}, { transform: 'lowercase-ascii', deny: ['root'] });

    expect(await attempt(lowered, proven('ALICE'))).toEqual(SIGNED_IN);
    expect(await attempt(lowered, proven(utf8('\u212aate')))).toEqual(refused(400, 'header_value'));
    expect(await attempt(lowered, proven('ROOT'))).toEqual(refused(403, 'subject_denied'));
  });

  it('takes off one domain and never makes two people of it one', async () => {
    const stripped = await reading({}, { transform: 'strip-domain:corp.example' });

    expect(await attempt(stripped, proven('alice@corp.example'))).toEqual(SIGNED_IN);
    expect(await attempt(stripped, proven('alice@evil.example'))).toEqual({
      ...SIGNED_IN,
      subject: 'alice@evil.example',
    });
    for (const name of ['alice', 'alice@evil.example@corp.example', '@corp.example', 'alice@']) {
      expect(await attempt(stripped, proven(name))).toEqual(refused(400, 'header_value'));
    }
  });

  it('keeps two upstreams apart by a namespace', async () => {
    const named = await reading({}, { namespace: 'corp:' });

    expect(await attempt(named, proven('alice'))).toEqual({ ...SIGNED_IN, subject: 'corp:alice' });
  });
});

describe('sizes (T16, UP-8)', () => {
  it('takes a subject of 255 bytes and refuses 256', async () => {
    const longest = 'a'.repeat(255);

    expect(await attempt(program, proven(longest))).toEqual({ ...SIGNED_IN, subject: longest });
    expect(await attempt(program, proven(`${longest}a`))).toEqual(refused(400, 'header_value'));
  });

  it('counts the namespace', async () => {
    const named = await reading({}, { namespace: 'corp:' });

    expect(await attempt(named, proven('a'.repeat(250)))).toMatchObject({ status: 303 });
    expect(await attempt(named, proven('a'.repeat(251)))).toEqual(refused(400, 'header_value'));
  });

  it('refuses a list that is too long instead of cutting it', async () => {
    const list = (count: number, of = 'g'): string =>
      `X-Authenticated-Groups: ${Array.from({ length: count }, (_, at) => `${of}${at}`).join(',')}`;
    const { groups } = await claimsFor(program, list(200));

    expect(groups).toHaveLength(200);
    for (const lines of [list(201), list(100, 'g'.repeat(90)), list(1, 'g'.repeat(255))]) {
      expect(await attempt(program, honest(lines))).toEqual(refused(400, 'header_value'));
    }
  });

  it('answers 431 to more than 16 KiB of headers, wherever the identity stands in them', async () => {
    const filler = `X-Filler: ${'x'.repeat(16_384)}`;

    expect(await attempt(program, [...honest(), filler])).toEqual(refused(431));
    expect(await attempt(program, [honest()[0] ?? '', filler, ...honest().slice(1)])).toEqual(
      refused(431),
    );
    expect(await attempt(program, honest(`X-Filler: ${'x'.repeat(12_000)}`))).toEqual(SIGNED_IN);
  });

  it('sees the second of two headers behind a thousand others', async () => {
    const many = Array.from({ length: 1200 }, (_, at) => `x-${at}: 1`);

    expect(await attempt(program, honest(...many))).toEqual(SIGNED_IN);
    expect(await attempt(program, honest(...many, user('root')))).toEqual(
      refused(400, 'duplicate_header'),
    );
  });
});

describe('what is said beside the subject (T10, T11)', () => {
  it('drops a display name it cannot read, and signs in', async () => {
    const name = (bytes: string) => claimsFor(program, `X-Authenticated-Name: ${bytes}`);

    expect(await name(utf8('Zoë Müller'))).toMatchObject({ sub: 'alice', name: 'Zoë Müller' });
    for (const bytes of ['Zo\xeb', utf8('Zoe\u0308'), utf8('Al\u202eecia'), utf8('A\u2028B')]) {
      expect(await name(bytes)).not.toHaveProperty('name');
    }
  });

  it('refuses an email that is none, and never says that one is verified by itself', async () => {
    const claims = await claimsFor(program, 'X-Authenticated-Email: alice@x.example');

    expect(claims).toMatchObject({ email: 'alice@x.example', email_verified: false });
    for (const email of ['alice', 'a@b@c', 'a b@x.example', '@x', utf8('ä@x.example')]) {
      expect(await attempt(program, honest(`X-Authenticated-Email: ${email}`))).toEqual(
        refused(400, 'header_value'),
      );
    }
  });

  it('refuses a group with bytes that no group has', async () => {
    for (const group of [utf8('gruppe-ä'), 'a\tb', utf8('\u200b')]) {
      expect(await attempt(program, honest(`X-Authenticated-Groups: ${group}`))).toEqual(
        refused(400, 'header_value'),
      );
    }
  });

  it('never lets a header set a claim that is ours to say (UP-11)', async () => {
    for (const claim of ['iss', 'sub', 'aud', 'acr', 'sid', 'client_id', 'scope', '__proto__']) {
      await expect(reading({ extra: { [claim]: { name: 'X-Extra' } } })).rejects.toThrow(claim);
    }
    const extra = await reading({
      subject: { name: 'X-Authenticated-User' },
      extra: { department: { name: 'X-Department', type: 'json' } },
    });
    const polluted = 'X-Department: {"__proto__":{"admin":true}}';

    expect(await attempt(extra, honest(polluted))).toEqual(SIGNED_IN);
    expect(await attempt(extra, honest('X-Department: {broken'))).toEqual(SIGNED_IN);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });
});
