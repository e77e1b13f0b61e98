import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import type { Encoding, Transform } from '../../internal/upstream/options.ts';
import {
  HEADERS,
  identify,
  identifyWith,
  OPTIONS,
  PROXY,
  SECRET_LINE,
  subjectOf,
  wire,
} from './upstream.fixture.ts';

const USER = 'X-Authenticated-User';
const PATTERN = /^[A-Za-z0-9._@+|:=/-]{1,255}$/;
const RUNS = { numRuns: 500 };

const ENCODINGS: readonly Encoding[] = [
  'ascii',
  'utf-8',
  'latin1',
  'percent',
  'rfc2047',
  'base64url',
];

const configured = [...createHeaderUpstream(OPTIONS).headerNames, 'connection'];

const headerName = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...configured) },
  fc.constantFrom(...configured).map((name) => name.toUpperCase()),
  fc.constantFrom(...configured).map((name) => name.replaceAll('-', '_')),
  fc.string({ unit: 'binary' }),
);

const headerValue = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }).map(wire),
  fc.string().map(encodeURIComponent),
  fc.string().map((text) => `=?utf-8?b?${Buffer.from(text).toString('base64')}?=`),
  fc.string().map((text) => Buffer.from(text).toString('base64url')),
  fc.json(),
  fc.stringMatching(PATTERN),
  fc.constantFrom('', '-', '(null)', '$user', ',', 'a,b', '%', '=?', '[', '{}', '1764547200'),
);

const rawHeaders = fc
  .array(fc.tuple(headerName, headerValue), { maxLength: 12 })
  .map((pairs) => pairs.flat());

const likelyName = fc.oneof(
  fc.stringMatching(PATTERN),
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom('alice', 'Alice', 'ALICE', 'alice@corp.example', 'alice@CORP.example', 'a@b@c'),
);

describe('upstream: whatever arrives', () => {
  it('answers arbitrary headers without throwing, in every encoding', () => {
    fc.assert(
      fc.property(rawHeaders, fc.constantFrom(...ENCODINGS), (headers, encoding) => {
        const subjectEncoding = encoding === 'rfc2047' ? 'ascii' : encoding;
        const answer = identifyWith(headers, {
          subject: { name: USER, encoding: subjectEncoding },
          email: { name: 'X-Authenticated-Email', encoding, onInvalid: 'drop' },
          groups: { name: 'X-Authenticated-Groups', encoding, format: 'json', onInvalid: 'drop' },
          extra: { any: { name: 'X-Any', encoding, type: 'json' } },
        });

        expect(['identified', 'anonymous', 'refused']).toContain(answer.kind);
      }),
      RUNS,
    );
  });

  it('answers headers that are no pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (headers) => {
        const { kind } = createHeaderUpstream(OPTIONS).identify({
          rawHeaders: headers,
          peer: PROXY,
        });

        expect(kind).toBe('refused');
      }),
      RUNS,
    );
  });

  it('identifies nobody whose peer is not proven', () => {
    fc.assert(
      fc.property(rawHeaders, fc.string(), (headers, address) => {
        const { kind } = createHeaderUpstream(OPTIONS).identify({
          rawHeaders: [...SECRET_LINE, ...headers],
          peer: { ...PROXY, address },
        });

        expect(kind).toBe('refused');
      }),
      RUNS,
    );
  });

  it('identifies only subjects that match the pattern, with clean claims', () => {
    fc.assert(
      fc.property(rawHeaders, likelyName, (headers, name) => {
        const answer = identify([...headers, USER, name]);
        fc.pre(answer.kind === 'identified');

        expect(answer.identity.subject).toMatch(PATTERN);
        expect(JSON.stringify(answer.identity.claims)).not.toMatch(/\p{Cc}|\p{Cf}/u);
      }),
      { numRuns: 2000, maxSkipsPerRun: 10_000 },
    );
  });
});

describe('upstream: two names are two subjects (UP-7)', () => {
  for (const encoding of ['ascii', 'utf-8', 'latin1', 'base64url'] as const) {
    it(`never makes one subject of two header values in ${encoding}`, () => {
      const subject = { name: USER, encoding };
      const value = fc.oneof(
        likelyName,
        likelyName.map((text) => Buffer.from(text).toString('base64url')),
      );
      fc.assert(
        fc.property(value, value, (one, other) => {
          fc.pre(one !== other);
          const first = subjectOf(identifyWith([USER, one], { subject }));

          expect(first ?? ' one').not.toBe(
            subjectOf(identifyWith([USER, other], { subject })) ?? ' other',
          );
        }),
        RUNS,
      );
    });
  }

  const TRANSFORMS: readonly Transform[] = ['none', { stripDomain: 'corp.example' }];
  for (const transform of TRANSFORMS) {
    it(`never makes one subject of two names with ${JSON.stringify(transform)}`, () => {
      const mailbox = fc
        .tuple(fc.constantFrom('a', 'b', 'a@b'), fc.constantFrom('', '@b', '@corp.example'))
        .map((parts) => parts.join(''));
      fc.assert(
        fc.property(mailbox, mailbox, (one, other) => {
          fc.pre(one !== other);
          const first = subjectOf(identify([USER, one], { subject: { transform } }));

          expect(first ?? ' one').not.toBe(
            subjectOf(identify([USER, other], { subject: { transform } })) ?? ' other',
          );
        }),
        RUNS,
      );
    });
  }

  it('gives one value one subject, every time', () => {
    fc.assert(
      fc.property(likelyName, (name) => {
        expect(identify([USER, name])).toEqual(identify([USER, name], { headers: HEADERS }));
      }),
      RUNS,
    );
  });
});
