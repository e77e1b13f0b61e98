import { describe, expect, it } from 'vitest';
import { BUCKETS, MOST_SERIES, MOST_WORDS } from '../../internal/telemetry/metric.ts';
import { METRICS } from '../../internal/telemetry/metrics.ts';
import { createNumbers, type Numbers } from '../../internal/telemetry/numbers.ts';
import { printFamilies } from '../../internal/telemetry/print.ts';

const samplesOf = (numbers: Numbers, name: string) =>
  numbers.read().find((family) => family.name === name)?.samples ?? [];

const REQUESTS = METRICS.httpRequests.name;
const DURATION = METRICS.httpDuration.name;

describe('numbers', () => {
  it('count each combination of labels by itself', () => {
    const numbers = createNumbers();
    const count = numbers.counter('httpRequests');

    count(['token', 'POST', '2xx']);
    count(['token', 'POST', '2xx']);
    count(['token', 'POST', '4xx']);

    expect(samplesOf(numbers, REQUESTS)).toEqual([
      { suffix: '', labels: { endpoint: 'token', method: 'POST', status: '2xx' }, value: 2 },
      { suffix: '', labels: { endpoint: 'token', method: 'POST', status: '4xx' }, value: 1 },
    ]);
  });

  it('observe into the first bucket that is wide enough, and into all wider ones', () => {
    const numbers = createNumbers();
    const observe = numbers.histogram('httpDuration');

    for (const seconds of [0.0001, 0.3, 99]) observe(seconds, ['token']);

    const samples = samplesOf(numbers, DURATION);
    const upTo = (le: string) => samples.find(({ labels }) => labels['le'] === le)?.value;
    expect(upTo('0.0001')).toBe(1);
    expect(upTo('0.25')).toBe(1);
    expect(upTo('0.5')).toBe(2);
    expect(upTo('10')).toBe(2);
    expect(upTo('+Inf')).toBe(3);
    expect(samples.find(({ suffix }) => suffix === '_count')?.value).toBe(3);
    expect(samples.find(({ suffix }) => suffix === '_sum')?.value).toBeCloseTo(99.3001);
    expect(samples).toHaveLength(BUCKETS.length + 3);
  });

  it('of gauges are what was set last', () => {
    const numbers = createNumbers();
    const set = numbers.gauge('clients');

    set(3, []);
    set(2, []);

    expect(samplesOf(numbers, METRICS.clients.name)).toEqual([
      { suffix: '', labels: {}, value: 2 },
    ]);
  });

  it('name the last request behind a refusal', () => {
    const numbers = createNumbers();
    const count = numbers.counter('refusals');

    count(['token.refused', 'invalid_grant', 'code_replayed'], {
      labels: { request_id: 'a' },
      at: 1,
    });
    count(['token.refused', 'invalid_grant', 'code_replayed'], {
      labels: { request_id: 'b' },
      at: 2,
    });

    expect(samplesOf(numbers, METRICS.refusals.name)).toMatchObject([
      { value: 2, exemplar: { labels: { request_id: 'b' } } },
    ]);
  });

  it('are there from the start where the first one counts', () => {
    const numbers = createNumbers();
    numbers.counter('authorizationsEnded');

    const text = printFamilies(numbers.read()).text;

    expect(text).toContain('asteroid_authorizations_ended_total{reason="code_replayed"} 0\n');
  });
});

describe('a hundred thousand different values (DO-1)', () => {
  const STRANGERS = 100_000;

  it('of methods, paths and statuses are one series', () => {
    const numbers = createNumbers();
    const count = numbers.counter('httpRequests');

    for (let stranger = 0; stranger < STRANGERS; stranger += 1) {
      count([`endpoint-${stranger}`, `M${stranger}`, `s${stranger}`]);
    }

    const labels = { endpoint: 'other', method: 'other', status: 'other' };
    expect(samplesOf(numbers, REQUESTS)).toEqual([{ suffix: '', labels, value: STRANGERS }]);
  });

  it('of words are so many series and one more, and none is lost', () => {
    const numbers = createNumbers();
    const count = numbers.counter('clientRefusals');

    for (let stranger = 0; stranger < STRANGERS; stranger += 1) {
      count([`client-${stranger}`, 'invalid_grant']);
    }

    const samples = samplesOf(numbers, METRICS.clientRefusals.name);
    expect(samples).toHaveLength(MOST_WORDS + 1);
    expect(samples.at(-1)).toMatchObject({
      labels: { client_id: 'other', error: 'invalid_grant' },
      value: STRANGERS - MOST_WORDS,
    });
  });

  it('of several labels together are no more series than one metric has', () => {
    const numbers = createNumbers();
    const count = numbers.counter('refusals');

    for (let stranger = 0; stranger < STRANGERS; stranger += 1) {
      count([`t${stranger % 50}`, `e${stranger % 70}`, `r${stranger % 90}`]);
    }

    const samples = samplesOf(numbers, METRICS.refusals.name);
    expect(samples.length).toBeLessThanOrEqual(MOST_SERIES + 1);
    expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(STRANGERS);
    expect(samples.at(-1)?.labels).toEqual({ type: 'other', error: 'other', reason: 'other' });
  });
});
