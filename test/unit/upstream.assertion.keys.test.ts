import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FindKey } from '../../internal/jwks/key-set.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import type { Unavailable } from '../../internal/protocol/errors.ts';
import { createFindKey } from '../../internal/upstream/assertion/keys.ts';
import {
  createSigner,
  type KeyService,
  type Signer,
  setOf,
  startKeyService,
  text,
} from '../support/signer.ts';
import { until } from '../support/until.ts';

const START = 1_800_000_000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

let one: Signer;
let two: Signer;
let service: KeyService;
let time: number;
let problems: Unavailable[];
let find: FindKey;

const token = (kid?: string, alg = 'ES256') => ({ alg, kid });
const has = async (kid?: string, alg?: string): Promise<boolean> =>
  (await find(token(kid, alg))) !== undefined;
const questions = (): number => service.asked.length;

const UNAVAILABLE = { name: 'Unavailable', dependency: 'keys' };

const open = (uri: string): FindKey =>
  createFindKey(
    { kind: 'uri', uri },
    {
      now: () => time,
      outbound: createOutbound(anyAddress),
      onProblem: (problem) => problems.push(problem),
    },
  );

beforeAll(async () => {
  [one, two] = await Promise.all([createSigner('one'), createSigner('two')]);
});

beforeEach(async () => {
  service = await startKeyService(text(setOf(one)));
  time = START;
  problems = [];
  find = open(service.uri);
});

/** Until what goes on in the background has been asked and answered. */
const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 60));

describe('keys behind a URL (T22)', () => {
  it('are fetched when the first is needed, and then kept', async () => {
    expect(questions()).toBe(0);
    for (let use = 0; use < 3; use += 1) expect(await has('one')).toBe(true);
    time += 5 * MINUTE - 1;
    expect(await has('one')).toBe(true);
    await settle();

    expect(questions()).toBe(1);
  });

  it('are fetched once for everybody who needs them at the same time', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => has('one')));

    expect(found).toEqual(Array.from({ length: 20 }, () => true));
    expect(questions()).toBe(1);
  });

  it('are fetched again in the background from five minutes on', async () => {
    await has('one');
    time += 5 * MINUTE;
    service.answers(text(setOf(two)));

    expect(await has('one')).toBe(true);
    await until(
      () => has('one'),
      (isKnown) => !isKnown,
    );
    expect(questions()).toBe(2);
    expect(await has('two')).toBe(true);
  });

  it('do not count from ten minutes on before they are fetched again: one may be withdrawn', async () => {
    await has('one');
    time += 10 * MINUTE;
    service.answers(text(setOf(two)));

    expect(await has('one')).toBe(false);
    expect(questions()).toBe(2);
  });

  it('are fetched for an unknown key, at most once in 30 seconds', async () => {
    await has('one');
    time += 29;
    service.answers(text(setOf(one, two)));
    expect(await has('two')).toBe(false);
    expect(questions()).toBe(1);
    time += 1;
    expect(await has('two')).toBe(true);
    for (let attack = 0; attack < 50; attack += 1)
      expect(await has(`made-up-${attack}`)).toBe(false);
    expect(questions()).toBe(2);
    time += 30;
    await Promise.all(Array.from({ length: 50 }, (_, attack) => has(`other-${attack}`)));

    expect(questions()).toBe(3);
  });

  it('of before count for a day while the service is down, and somebody hears of it once', async () => {
    await has('one');
    service.answers(text('', 500));
    for (const age of [10 * MINUTE, HOUR, 12 * HOUR, 24 * HOUR - 1]) {
      time = START + age;
      expect(await has('one')).toBe(true);
    }
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(UNAVAILABLE);
    time = START + 24 * HOUR;
    await expect(has('one')).rejects.toMatchObject(UNAVAILABLE);
    service.answers(text(setOf(one)));
    time += 5;
    expect(await has('one')).toBe(true);
    service.answers(text('', 500));
    time += 10 * MINUTE;
    expect(await has('one')).toBe(true);

    expect(problems).toHaveLength(2);
  });

  it('that were never there are unavailable, and asked for every five seconds', async () => {
    service.answers(text('', 500));
    for (let attempt = 0; attempt < 10; attempt += 1) {
      await expect(has('one')).rejects.toMatchObject(UNAVAILABLE);
    }
    expect(questions()).toBe(1);
    time += 5;
    service.answers(text(setOf(one)));

    expect(await has('one')).toBe(true);
    expect(problems).toEqual([]);
  });

  it('are unavailable, not unknown, when the service cannot say whether there is a newer one', async () => {
    await has('one');
    time += 30;
    service.answers(text('', 500));

    await expect(has('two')).rejects.toMatchObject(UNAVAILABLE);
    time += 29;
    await expect(has('two')).rejects.toMatchObject(UNAVAILABLE);
    expect(questions()).toBe(2);
    expect(await has('one')).toBe(true);
    time += 1;
    service.answers(text(setOf(one, two)));
    expect(await has('two')).toBe(true);
  });

  it('are not trusted for longer by a clock that is set back', async () => {
    await has('one');
    time -= HOUR;
    service.answers(text(setOf(two)));

    expect(await has('one')).toBe(false);
  });
});

describe('answers of a key service that are none (T22)', () => {
  const CASES = {
    'a redirect': text('', 302, { location: 'https://evil.example/' }),
    'an error': text('{"keys":[]}', 500),
    'nothing there': text('{"keys":[]}', 404),
    'no entry': text('{"keys":[]}', 403),
    'a page': text('<html>'),
    'a list': text('[]'),
    'an object without keys': text('{"kyes":[]}'),
    'keys that are no list': text('{"keys":{}}'),
    'more than 256 KiB': text(`{"keys":[]}${' '.repeat(256 * 1024)}`),
    'compressed bytes': text('{"keys":[]}', 200, { 'content-encoding': 'gzip' }),
  };
  for (const [given, answer] of Object.entries(CASES)) {
    it(`are ${given}`, async () => {
      service.answers(answer);

      await expect(has('one')).rejects.toMatchObject(UNAVAILABLE);
    });
  }

  it('come too late after two seconds', async () => {
    service.answers(() => undefined);

    await expect(has('one')).rejects.toMatchObject(UNAVAILABLE);
  });

  it('never repeat what the service said', async () => {
    service.answers(text('canary {'));

    await expect(has('one')).rejects.toSatisfy(
      (error) => error instanceof Error && !`${error.stack}${error.cause}`.includes('canary'),
    );
  });

  it('are no answer of just within 256 KiB', async () => {
    const set = setOf(one);
    service.answers(text(set + ' '.repeat(256 * 1024 - set.length)));

    expect(await has('one')).toBe(true);
  });
});

describe('which key of a set fits (T19)', () => {
  const among = (...keys: readonly object[]): void =>
    service.answers(text(JSON.stringify({ keys })));

  it('is the one of that name and algorithm', async () => {
    const rsa = await createSigner('rsa', 'RS256');
    among(one.jwk, rsa.jwk);

    expect(await has('one')).toBe(true);
    expect(await has('rsa', 'RS256')).toBe(true);
    expect(await has('rsa')).toBe(false);
    expect(await has('one', 'RS256')).toBe(false);
    expect(await has('one', 'ES384')).toBe(false);
  });

  it('is without a name the only one that could, and none when there is a choice', async () => {
    const rsa = await createSigner('rsa', 'RS256');
    among(one.jwk, rsa.jwk);
    expect(await has()).toBe(true);
    find = open(service.uri);
    among(one.jwk, two.jwk);

    expect(await has()).toBe(false);
    expect(await has('one')).toBe(true);
  });

  it('is the only public one, also beside a private key that somebody published', async () => {
    among(one.jwk, { ...two.jwk, d: two.jwk.x });

    expect(await has()).toBe(true);
    expect(await has('two')).toBe(false);
  });

  it('is none of two that have the same name', async () => {
    among(one.jwk, { ...two.jwk, kid: 'one' });

    expect(await has('one')).toBe(false);
  });

  it('is never a secret, a private key, a key for something else, or one that is broken', async () => {
    const secret = { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTMy', kid: 'secret' };
    among(
      secret,
      { ...one.jwk, kid: 'private', d: 'AAAA' },
      { ...one.jwk, kid: 'encryption', use: 'enc' },
      { ...one.jwk, kid: 'off-curve', y: one.jwk.x },
      { ...one.jwk, kid: 'short', x: 'AA' },
      { ...one.jwk, kid: 'number', x: 7 },
      { ...one.jwk, kid: 'no-curve', crv: undefined },
      { ...one.jwk, kid: 'base64', x: '+/+/' },
      { kid: 'empty' },
      { ...one.jwk, kty: 'RSA', kid: 'confused' },
      null as unknown as object,
      'text' as unknown as object,
      one.jwk,
    );

    for (const kid of [
      'private',
      'encryption',
      'off-curve',
      'short',
      'number',
      'no-curve',
      'base64',
      'empty',
      'confused',
    ]) {
      expect(await has(kid)).toBe(false);
    }
    expect(await has('secret')).toBe(false);
    expect(await has('secret', 'HS256')).toBe(false);
    expect(await has('one')).toBe(true);
  });
});
