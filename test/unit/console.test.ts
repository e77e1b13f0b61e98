import { describe, expect, it } from 'vitest';
import { createGuesses } from '../../internal/http/admin/console/guesses.ts';
import { findHints, type HintFacts } from '../../internal/http/admin/console/hints.ts';
import { printDistance, printLength } from '../../internal/http/admin/console/moment.ts';
import { toNext } from '../../internal/http/admin/console/next.ts';
import { parseMoment } from '../../internal/http/admin/console/pages/audit.ts';
import { value } from '../../internal/http/admin/console/parts.ts';
import { roundUp } from '../../internal/http/admin/console/plot.ts';
import { printHtml } from '../../internal/http/pages/html.ts';
import { BUCKETS } from '../../internal/telemetry/metric.ts';
import { findQuantile, toMinutes } from '../../internal/telemetry/minutes.ts';
import { createNumbers } from '../../internal/telemetry/numbers.ts';
import { createSamples, type Step } from '../../internal/telemetry/samples.ts';
import { createTestClock } from '../support/clock.ts';

const NOW = 1_800_000_000;

describe('an hour of samples', () => {
  it('has what came in each step, and nothing of before', () => {
    const numbers = createNumbers();
    const now = createTestClock(NOW);
    const granted = numbers.counter('auditEvents');
    const issued = numbers.counter('tokensIssued');
    const took = numbers.histogram('httpDuration');
    granted(['authorization.granted']);
    const samples = createSamples(numbers, now);
    granted(['authorization.granted']);
    issued(['refresh_token']);
    took(0.2, ['token']);
    took(100, ['authorize']);
    now.advance(10);
    samples.take();
    now.advance(10);
    samples.take();

    const [first, second] = samples.read();
    expect(first).toMatchObject({ at: NOW + 10, signIns: 1, tokens: { refresh_token: 1 } });
    expect(first?.requests[BUCKETS.indexOf(0.25)]).toBe(1);
    expect(first?.requests.at(-1)).toBe(1);
    expect(second).toMatchObject({ at: NOW + 20, signIns: 0, tokens: {} });
  });

  it('is bounded, and loses nothing between two looks at the same step', () => {
    const numbers = createNumbers();
    const now = createTestClock(NOW);
    const granted = numbers.counter('auditEvents');
    const samples = createSamples(numbers, now);
    for (let step = 0; step < 1000; step += 1) {
      now.advance(10);
      samples.take();
      granted(['authorization.granted']);
      samples.take();
    }
    const steps = samples.read();
    expect(steps.length).toBe(360);
    expect(steps.reduce((sum, { signIns }) => sum + signIns, 0)).toBe(360);
  });

  it('begins again when the clock is set back', () => {
    const now = { at: NOW };
    const samples = createSamples(createNumbers(), () => now.at);
    now.at += 1000;
    samples.take();
    now.at -= 5000;
    samples.take();
    expect(samples.read().map(({ at }) => at)).toEqual([NOW - 4000]);
  });

  const step = (at: number, more: Partial<Step> = {}): Step => ({
    ...{ at, signIns: 1, tokens: { a: 1 }, refusals: {}, requests: [1, 2], store: [] },
    ...more,
  });

  it('is summed over processes, minute by minute, empty ones included', () => {
    const minutes = toMinutes([
      [step(60), step(120), step(130)],
      [step(120, { tokens: { a: 2, b: 3 } }), step(300)],
    ]);
    expect(minutes.map(({ at, signIns }) => [at, signIns])).toEqual([
      ...[
        [60, 1],
        [120, 2],
        [180, 1],
      ],
      ...[
        [240, 0],
        [300, 1],
      ],
    ]);
    expect(minutes[1]).toMatchObject({ tokens: { a: 3, b: 3 }, requests: [2, 4] });
    expect(toMinutes([])).toEqual([]);
    expect(toMinutes([[step(60)], [step(864_000)]]).length).toBeLessThan(70);
    expect(toMinutes([[step(60)], [step(864_000)]]).at(-1)?.at).toBe(864_000);
  });

  it('knows quantiles as exactly as its buckets are', () => {
    const only = (index: number, count: number) =>
      BUCKETS.map((_, at) => (at === index ? count : 0));
    expect(findQuantile([], 0.5)).toBeUndefined();
    expect(findQuantile(only(1, 100), 0.5)).toBeCloseTo(0.000175);
    expect(findQuantile([...only(0, 98), 2], 0.99)).toBe(BUCKETS.at(-1));
    expect(findQuantile([...only(0, 98), 2], 0.5)).toBeLessThan(0.0001);
  });
});

describe('the console', () => {
  it('lets nobody guess without end, from one address or from many', () => {
    const now = createTestClock(NOW);
    const guesses = createGuesses(now);
    let tried = 0;
    for (let guess = 0; guess < 10_000; guess += 1) {
      const peer = `10.0.0.${guess % 250}`;
      if (guesses.begin(peer) === undefined) tried += 1;
    }
    expect(tried).toBe(100);
    expect(guesses.begin('127.0.0.1')).toBe(60);
    now.advance(60);
    expect(guesses.begin('127.0.0.1')).toBeUndefined();
    for (let guess = 0; guess < 10; guess += 1) guesses.begin('a');
    expect(guesses.begin('a')).toBeDefined();
    expect(guesses.begin('b')).toBeUndefined();
  });

  it('counts no right token as a guess, and gives nothing back for one of a minute that is over', () => {
    const now = createTestClock(NOW);
    const guesses = createGuesses(now);
    for (let visit = 0; visit < 500; visit += 1) {
      expect(guesses.begin('a')).toBeUndefined();
      guesses.forgive('a');
    }
    guesses.begin('a');
    now.advance(60);
    guesses.begin('b');
    for (let times = 0; times < 50; times += 1) guesses.forgive('a');
    let tried = 1;
    for (let peer = 0; peer < 200; peer += 1) {
      if (guesses.begin(`peer ${peer}`) === undefined) tried += 1;
    }
    expect(tried).toBe(100);
  });

  it('reads times as people write them, in UTC', () => {
    expect(parseMoment('2027-01-15 08:00')).toBe(String(NOW));
    expect(parseMoment('2027-01-15T08:00:00Z')).toBe(String(NOW));
    expect(parseMoment('2027-01-15')).toBe(String(NOW - 8 * 3600));
    expect(parseMoment('')).toBeUndefined();
    for (const text of ['yesterday', '2027-13-40 10:00', '2027-01-15 08:00+02:00']) {
      expect(() => parseMoment(text)).toThrow();
    }
  });

  it('says lengths in the largest unit', () => {
    expect([printLength(1), printLength(59), printLength(7200), printLength(0)]).toEqual([
      ...['1 second', '59 seconds', '2 hours', '0 seconds'],
    ]);
    expect([printDistance(100, 100), printDistance(40, 100), printDistance(90_100, 100)]).toEqual([
      ...['just now', '1 minute ago', 'in 1 day'],
    ]);
  });

  it('shows what nobody would see of a name, and leaves names as they are spelled', () => {
    const shown = (text: string) => printHtml(value(text)).replaceAll(/<[^>]*>/g, '');
    expect(shown('ev\u202eil\u2069 \u200b')).toBe('evU+202EilU+2069 U+200B');
    expect(shown('a\u00adb\u3164c\u{e0041}d\0e\ne\ud800')).toBe(
      'aU+00ADbU+3164cU+E0041dU+0000eU+000AeU+D800',
    );
    expect(shown('ali\u200dce')).toBe('aliU+200Dce');
    expect(shown('é\u200d')).toBe('éU+200D');
    for (const name of ['Zoë O’Hara', 'می\u200cخواهم', '👩\u200d🚀', '❤\ufe0f', 'أحمد', '李 雷']) {
      expect(shown(name)).toBe(name);
    }
  });

  it('divides axes by 1, 2 or 5', () => {
    expect([0, 0.3, 1, 3, 7, 120, 1001].map(roundUp)).toEqual([1, 0.5, 1, 5, 10, 200, 2000]);
  });

  it('goes on to its own pages and to nothing else', () => {
    for (const next of ['/console', '/console/audit?type=token.refused&after=a%2Bb']) {
      expect(toNext(next)).toBe(next);
    }
    for (const next of [
      '//evil',
      '/console//evil',
      '/console/..',
      '/console/\n',
      '/consolex',
      undefined,
    ]) {
      expect(toNext(next)).toBe('/console');
    }
  });

  const WELL: HintFacts = {
    status: { ready: true, dependencies: [{ name: 'store', ready: true }] },
    configuration: { outdated: false, restart_needed: [] },
    keys: [{ state: 'signing', alg: 'ES256' }],
    minutes: [],
    now: NOW,
  };

  it('says what somebody should look at, and nothing where all is well', () => {
    const tones = (facts: Partial<HintFacts>) =>
      findHints({ ...WELL, ...facts }).map(({ tone }) => tone);
    const busy = (refused: number, slow: number) => [
      {
        ...{ at: NOW, signIns: 0, tokens: {}, store: [] },
        refusals: { 'token.refused': refused },
        requests: BUCKETS.map((bound) => (bound === 0.01 ? 100 : bound === 10 ? slow : 0)),
      },
    ];
    expect(tones({})).toEqual([]);
    expect(tones({ minutes: busy(5, 0) })).toEqual([]);
    expect(tones({ minutes: busy(50, 0) })).toEqual(['warning']);
    expect(tones({ minutes: busy(0, 50) })).toEqual(['warning']);
    const configuration = { outdated: true, restart_needed: ['issuer'] };
    expect(tones({ configuration })).toEqual(['problem', 'warning']);
    expect(tones({ keys: [{ state: 'next', alg: 'ES256' }] })).toEqual(['problem']);
    const away = { ready: false, dependencies: [{ name: 'store', ready: false }] };
    expect(tones({ status: away })).toEqual(['problem']);
  });
});
