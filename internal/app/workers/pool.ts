// So many workers as were asked for: started, kept alive, told what all have to know, ended together.

import type { Log } from '../../telemetry/log.ts';
import { type Crew, createCrew } from './crew.ts';
import { keep } from './keep.ts';
import type { Addresses, WorkerStart } from './messages.ts';

export type PoolTerms = {
  readonly count: number;
  readonly start: (number: number) => WorkerStart;
  /** A worker was asked to have the files read again. */
  readonly reload: () => Promise<void>;
  readonly log: Log;
  /** Without any worker, what was listened on is gone for good. */
  readonly losesSockets: boolean;
};

export type Pool = Pick<Crew, 'tell' | 'tellOne' | 'prepare'> & {
  /** One first, then the others: what keeps all of them from serving is said once. */
  start(): Promise<Addresses>;
  /** Called again it ends them at once, as it does when they are late. */
  stop(lateMs: number): Promise<void>;
  /** Rejects when no worker can be started any more. */
  readonly lost: Promise<never>;
};

/** What ends at once has this long to say so. */
const HURRY_MS = 2000;

const SOCKETS_LOST =
  'no worker is left, and with the last one went the sockets that were handed over';

export function createPool({ count, start, reload, log, losesSockets }: PoolTerms): Pool {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const { begin, tell, tellOne, prepare, kill, ended, isServing } = createCrew(
    numbers,
    start,
    reload,
  );
  const stopping = new AbortController();
  let stops: Promise<void> | undefined;
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });

  const onDeath = (): void => {
    if (!losesSockets || isServing()) return;
    stopping.abort();
    kill();
    lose(new Error(SOCKETS_LOST));
  };

  async function endAll(lateMs: number): Promise<void> {
    stopping.abort();
    tell({ kind: 'stop' });
    const late = setTimeout(() => kill(), lateMs);
    await ended();
    clearTimeout(late);
  }

  return {
    async start() {
      try {
        const [head = 1, ...rest] = numbers;
        const first = await begin(head);
        const others = await Promise.all(rest.map(begin));
        const terms = { begin, log, stopping: stopping.signal, onDeath };
        for (const { member } of [first, ...others]) void keep(member, terms);
        return first.addresses;
      } catch (error) {
        kill();
        await ended();
        throw error;
      }
    },
    ...{ tell, tellOne, prepare },
    stop(lateMs) {
      if (stops === undefined) {
        stops = endAll(lateMs);
      } else {
        tell({ kind: 'stop' });
        setTimeout(() => kill(), HURRY_MS).unref();
      }
      return stops;
    },
    lost,
  };
}
