// What one fault is: how it comes, how it goes, and what may be seen of it meanwhile.

import type { Chance } from '../../mutations/chance.ts';
import type { Issuer, Issuers } from '../issuers.ts';
import type { Loss } from '../promises.ts';
import type { Deployment } from '../topologies/topology.ts';

type World<Layout extends Deployment> = {
  readonly layout: Layout;
  readonly issuers: Issuers;
  readonly chance: Chance;
  /** Waits; the load goes on. */
  readonly pause: (milliseconds: number) => Promise<void>;
};

export type Fault<Layout extends Deployment> = {
  /** The row of reliability.md §3.3 that it is of. */
  readonly id: string;
  readonly name: string;
  /** Milliseconds between coming and going. */
  readonly hold: number;
  /** Part of the two minutes that CI has. */
  readonly short?: boolean;
  /** What it takes for good; absent: nothing. */
  readonly loses?: Loss;
  /** Whether another primary than before answers afterwards: codes of before may be over. */
  readonly promotes?: boolean;
  /** Requests go where readiness is green, as behind a balancer. */
  readonly balanced?: boolean;
  /** Readiness has to turn red at some issuer. */
  readonly turnsUnready?: boolean;
  /** The part of requests that may be answered 503 meanwhile; absent: all of them. */
  readonly unavailableShare?: number;
  /** Milliseconds after it has gone by which everything works; absent: a second. */
  readonly recovery?: number;
  /** Issuers that cannot answer themselves meanwhile. */
  readonly silences?: (issuers: Issuers) => readonly Silenced[];
  /** Brings it about; resolves to what takes it away again. */
  readonly inject: (world: World<Layout>) => Promise<Heal>;
};

/** Resolves when the fault has gone. */
export type Heal = () => unknown;

type Silenced = {
  readonly issuer: Issuer;
  /**
   * How long requests may be sent to it in vain: until a balancer has noticed, until it is over, or never,
   * because it is gone only when nobody is sent there any more.
   */
  readonly until: 'noticed' | 'over' | 'never';
};

/** Does something again and again until it is told to stop; resolves to the end of it. */
export function repeatedly(every: number, what: () => Promise<unknown>): Heal {
  let stopped = false;
  const loop = (async () => {
    while (!stopped) {
      await what().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, every));
    }
  })();
  return async () => {
    stopped = true;
    await loop;
  };
}
