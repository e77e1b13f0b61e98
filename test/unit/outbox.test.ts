import { describe, expect, it } from 'vitest';
import { randomFactor } from '../../internal/outbound/jitter.ts';
import {
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  type OutboundRequest,
} from '../../internal/outbound/outbound.ts';
import type { DeliveryOutcome } from '../../internal/outbound/outbox.ts';
import { createQueue, type QueueTerms } from '../../internal/outbound/queue.ts';
import { until } from '../support/until.ts';

const answered = (status: number): OutboundAnswer => ({
  status,
  headers: {},
  body: new Uint8Array(),
});

const unreachable = () => Promise.reject(new OutboundError('unreachable', 'is not there'));

/** Waits until it is aborted, as a receiver does that never answers. */
const hanging: Outbound = ({ signal }) =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new OutboundError('unreachable', 'aborted')));
  });

function open(send: Outbound, terms: Partial<QueueTerms> = {}) {
  const outcomes: DeliveryOutcome[] = [];
  const sent: OutboundRequest[] = [];
  let composed = 0;
  const queue = createQueue({
    send: (request) => {
      sent.push(request);
      return send(request);
    },
    random: () => 'gAAAAA',
    backOff: [0.01, 0.02, 0.03],
    ...terms,
  });
  const enqueue = (url = 'https://rp.example/') =>
    queue.enqueue({
      compose: async () => ({ url, body: `n=${composed++}`, timeout: 5, maxBytes: 10 }),
      onEnd: (outcome) => outcomes.push(outcome),
    });
  return { queue, enqueue, outcomes, sent };
}

/** The last one again and again. */
function inTurn(...answers: readonly (() => Promise<OutboundAnswer>)[]): Outbound {
  let asked = 0;
  return async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    if (answer === undefined) throw new Error('no answer to give');
    return answer();
  };
}

describe('the outbox (LO-5, LO-7)', () => {
  it('says how full it is, with what is under way and what will be tried again', async () => {
    let isThere = false;
    const answer = async () => (isThere ? answered(200) : unreachable());
    const terms = { maxWaiting: 9, maxParallel: 1, backOff: [600] };
    const { queue, enqueue, sent, outcomes } = open(answer, terms);
    expect(queue.usage()).toEqual({ used: 0, most: 9 });
    for (let n = 0; n < 3; n += 1) enqueue();
    expect(queue.usage()).toEqual({ used: 3, most: 9 });

    await until(() => sent.length === 3);
    isThere = true;
    expect(queue.usage()).toEqual({ used: 3, most: 9 });
    await queue.drain(10_000);
    expect(outcomes).toHaveLength(3);
    expect(queue.usage()).toEqual({ used: 0, most: 9 });
  });

  for (const status of [200, 204]) {
    it(`has delivered what was answered with ${status}`, async () => {
      const { enqueue, outcomes } = open(async () => answered(status));
      enqueue();

      await until(() => outcomes.length === 1);

      expect(outcomes).toEqual([{ kind: 'delivered', attempts: 1 }]);
    });
  }

  for (const status of [100, 201, 301, 302, 401, 404, 429, 500, 503]) {
    it(`tries again after ${status}, each time with another request`, async () => {
      const { enqueue, outcomes, sent } = open(
        inTurn(
          async () => answered(status),
          async () => answered(200),
        ),
      );
      enqueue();

      await until(() => outcomes.length === 1);

      expect(outcomes).toEqual([{ kind: 'delivered', attempts: 2 }]);
      expect(sent.map(({ body }) => body)).toEqual(['n=0', 'n=1']);
    });
  }

  it('gives up at once after 400, which says that it is not wanted', async () => {
    const { enqueue, outcomes, sent } = open(async () => answered(400));
    enqueue();
    await until(() => outcomes.length === 1);

    expect(outcomes).toEqual([{ kind: 'failed', reason: 'delivery_refused', attempts: 1 }]);
    expect(sent).toHaveLength(1);
  });

  it('gives up at once where the address may not be reached', async () => {
    const { enqueue, outcomes } = open(() =>
      Promise.reject(new OutboundError('address_forbidden', 'is private')),
    );
    enqueue();
    await until(() => outcomes.length === 1);

    expect(outcomes).toEqual([{ kind: 'failed', reason: 'address_forbidden', attempts: 1 }]);
  });

  it('gives up after one attempt and one for each pause, whatever went wrong', async () => {
    const { enqueue, outcomes, sent } = open(
      inTurn(
        unreachable,
        async () => answered(500),
        () => Promise.reject(new TypeError('x')),
        unreachable,
      ),
    );
    enqueue();
    await until(() => outcomes.length === 1);

    expect(outcomes).toEqual([{ kind: 'failed', reason: 'delivery_exhausted', attempts: 4 }]);
    expect(sent).toHaveLength(4);
  });

  it('tries again when the request could not be made', async () => {
    const { queue, outcomes } = open(async () => answered(200));
    let asked = 0;
    queue.enqueue({
      compose: async () => {
        asked += 1;
        if (asked === 1) throw new Error('no key yet');
        return { url: 'https://rp.example/', timeout: 5, maxBytes: 10 };
      },
      onEnd: (outcome) => outcomes.push(outcome),
    });
    await until(() => outcomes.length === 1);

    expect(outcomes).toEqual([{ kind: 'delivered', attempts: 2 }]);
  });

  it('waits longer each time, and never less than three quarters of it', async () => {
    const times: number[] = [];
    const { enqueue, outcomes } = open(
      () => {
        times.push(performance.now());
        return unreachable();
      },
      { backOff: [0.1, 1.5], random: () => 'AAAAAA' },
    );
    enqueue();
    await until(() => outcomes.length === 1);

    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThan(70);
    expect(third - second).toBeGreaterThan(1100);
    expect(second - first).toBeLessThan(third - second);
  });

  it('has pauses of three to five quarters', () => {
    expect(randomFactor(() => 'AAAAAA')).toBe(0.75);
    expect(randomFactor(() => '_____w')).toBe(1.25);
    expect(randomFactor(() => 'gAAAAA')).toBeCloseTo(1, 5);
  });

  it('has so many under way and no more, and the others after them', async () => {
    let running = 0;
    let most = 0;
    const { enqueue, outcomes } = open(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        return answered(200);
      },
      { maxParallel: 3 },
    );
    for (let n = 0; n < 20; n += 1) enqueue();
    await until(() => outcomes.length === 20);

    expect(most).toBe(3);
  });

  it('holds so many and no more: what is under way and what waits to be tried again count', async () => {
    const { queue, enqueue, outcomes, sent } = open(unreachable, {
      maxWaiting: 3,
      maxParallel: 1,
      backOff: [10],
    });
    enqueue();
    await until(() => sent.length === 1);
    for (let n = 0; n < 4; n += 1) enqueue();

    expect(outcomes).toEqual(
      Array.from({ length: 2 }, () => ({ kind: 'failed', reason: 'outbox_full', attempts: 0 })),
    );
    await queue.drain(1000);
  });

  it('sends nothing before whoever enqueued has gone on', async () => {
    const { enqueue, outcomes, sent } = open(async () => answered(200));
    enqueue();
    await Promise.resolve();

    expect(sent).toEqual([]);
    await until(() => outcomes.length === 1);
  });
});

describe('the outbox when the process ends (LO-7)', () => {
  it('sends what waits, and what waits to be tried again, at once', async () => {
    const { queue, enqueue, outcomes, sent } = open(
      inTurn(
        unreachable,
        async () => answered(200),
        async () => answered(200),
      ),
      { backOff: [3600], maxParallel: 1 },
    );
    enqueue('https://rp.example/1');
    await until(() => sent.length === 1);
    enqueue('https://rp.example/2');
    await queue.drain(3_600_000);

    expect(outcomes.map(({ kind }) => kind)).toEqual(['delivered', 'delivered']);
  });

  it('tries each a last time only', async () => {
    const { queue, enqueue, outcomes, sent } = open(unreachable, { backOff: [60, 60, 60] });
    enqueue();
    await until(() => sent.length === 1);
    await queue.drain(5000);

    expect(outcomes).toEqual([{ kind: 'failed', reason: 'delivery_exhausted', attempts: 2 }]);
  });

  it('cuts off what takes too long, says so, and takes nothing any more', async () => {
    const { queue, enqueue, outcomes } = open(hanging, { maxParallel: 1 });
    enqueue();
    enqueue();
    await queue.drain(50);

    enqueue();
    expect(outcomes).toEqual([
      { kind: 'failed', reason: 'outbox_closed', attempts: 0 },
      { kind: 'failed', reason: 'outbox_closed', attempts: 1 },
      { kind: 'failed', reason: 'outbox_closed', attempts: 0 },
    ]);
  });

  it('ends at once when it is told to again', async () => {
    const { queue, enqueue } = open(hanging);
    enqueue();
    const draining = queue.drain(3_600_000);
    await queue.drain(0);
    await draining;
  });

  it('has nothing to wait for when it is empty', async () => {
    const { queue } = open(unreachable);
    await queue.drain(3_600_000);
  });
});
