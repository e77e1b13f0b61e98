// The outbox of one process: bounded in what waits and in what is under way, so that a thousand dead
// receivers cost neither memory nor sockets without end. It does not outlive its process: what is
// waiting at a SIGKILL is lost, and that it was never recorded as delivered is all that says so.

import { randomFactor } from './jitter.ts';
import { type Outbound, OutboundError } from './outbound.ts';
import type { Delivery, DeliveryFailure, Outbox } from './outbox.ts';

export type QueueTerms = {
  readonly send: Outbound;
  readonly random: (bytes: number) => string;
  /** Deliveries that wait, are under way or will be tried again, together. */
  readonly maxWaiting?: number;
  readonly maxParallel?: number;
  /** Seconds before each further attempt, give or take a quarter. */
  readonly backOff?: readonly number[];
};

export type Queue = {
  readonly enqueue: Outbox;
  /** Deliveries that it holds, and how many it holds at most. */
  usage(): { readonly used: number; readonly most: number };
  /** Tries at once whatever waits to be tried again; resolves when nothing is left, or time is up. */
  drain(milliseconds: number): Promise<void>;
};

type Job = { readonly delivery: Delivery; attempts: number };

type Attempt =
  | 'delivered'
  | 'again'
  | Extract<DeliveryFailure, 'delivery_refused' | 'address_forbidden'>;

const MAX_WAITING = 10_000;
const MAX_PARALLEL = 32;
const BACK_OFF = [1, 5, 25] as const;

/** An aborted request ends at once. */
const CUT_OFF_MS = 250;

/** Nothing happens until something is enqueued. */
export function createQueue({
  send,
  random,
  maxWaiting = MAX_WAITING,
  maxParallel = MAX_PARALLEL,
  backOff = BACK_OFF,
}: QueueTerms): Queue {
  const ready: Job[] = [];
  const resting = new Map<Job, NodeJS.Timeout>();
  const running = new Set<Job>();
  const hurry = new AbortController();
  let draining = false;

  const held = (): number => ready.length + resting.size + running.size;
  const idle = createRest(() => held() === 0);

  const fail = (job: Job, reason: DeliveryFailure): void =>
    job.delivery.onEnd({ kind: 'failed', reason, attempts: job.attempts });

  function rest(job: Job): void {
    const pause = backOff[job.attempts - 1];
    if (hurry.signal.aborted) fail(job, 'outbox_closed');
    else if (pause === undefined || draining) fail(job, 'delivery_exhausted');
    else
      resting.set(
        job,
        setTimeout(() => wake(job), pause * 1000 * randomFactor(random)),
      );
  }

  function wake(job: Job): void {
    clearTimeout(resting.get(job));
    resting.delete(job);
    ready.push(job);
    advance();
  }

  async function run(job: Job): Promise<void> {
    job.attempts += 1;
    const outcome = await attempt(job.delivery, send, hurry.signal);
    running.delete(job);
    if (outcome === 'again') rest(job);
    else if (outcome === 'delivered') job.delivery.onEnd({ kind: outcome, attempts: job.attempts });
    else fail(job, outcome);
    advance();
  }

  function advance(): void {
    while (running.size < maxParallel) {
      const job = ready.shift();
      if (job === undefined) break;
      running.add(job);
      void run(job);
    }
    idle.tell();
  }

  return {
    enqueue(delivery) {
      const job = { delivery, attempts: 0 };
      if (hurry.signal.aborted) return fail(job, 'outbox_closed');
      if (held() >= maxWaiting) return fail(job, 'outbox_full');
      ready.push(job);
      // Whoever enqueues is answering somebody: composing and sending begin after that.
      setImmediate(advance);
    },
    usage: () => ({ used: held(), most: maxWaiting }),
    async drain(milliseconds) {
      draining = true;
      for (const job of [...resting.keys()]) wake(job);
      await idle.wait(milliseconds);
      hurry.abort();
      for (const job of ready.splice(0)) fail(job, 'outbox_closed');
      // What was cut off says so, and then it is on record.
      await idle.wait(CUT_OFF_MS);
    },
  };
}

/** Whoever waits until nothing is held any more. */
function createRest(isOver: () => boolean) {
  const waiting = new Set<() => void>();
  return {
    tell(): void {
      if (isOver()) for (const done of waiting) done();
    },
    /** Resolves when it is over, or the time is. */
    wait(milliseconds: number): Promise<void> {
      if (isOver()) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        waiting.add(done);
      });
    },
  };
}

const RECEIVED: ReadonlySet<number> = new Set([200, 204]);

/** Never throws: whatever goes wrong is worth another attempt, but for what no attempt can mend. */
async function attempt(
  { compose }: Delivery,
  send: Outbound,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const { status } = await send({ ...(await compose()), signal });
    if (RECEIVED.has(status)) return 'delivered';
    return status === 400 ? 'delivery_refused' : 'again';
  } catch (error) {
    return error instanceof OutboundError && error.failure === 'address_forbidden'
      ? 'address_forbidden'
      : 'again';
  }
}
