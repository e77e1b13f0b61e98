// What stands before two issuers: it asks both whether they are ready, and sends requests where the
// round wants them.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../mutations/chance.ts';
import type { Client } from './client.ts';
import type { Issuer, Issuers } from './issuers.ts';
import type { Outcome } from './operation.ts';

export type Balancer = {
  /** Never empty: where nobody is ready, everybody is asked. */
  able(): readonly Issuer[];
  /** Where the next request goes. */
  choose(): Issuer;
  /** Looks at readiness, life, metadata and keys of both until it is stopped. */
  watch(client: Client): { stop(): Promise<void> };
};

const EVERY_MS = 200;
/** A probe that takes longer is one that failed. */
const PROBE_MS = 600;

/**
 * @param avoids issuers that are not ready, as a balancer does; otherwise they get their part, so that
 * what they answer is seen.
 */
export function createBalancer(issuers: Issuers, chance: Chance, avoids: () => boolean): Balancer {
  const seen = new Map<string, Outcome>(issuers.map(({ name }) => [name, 'ok']));
  const asking = new Map<string, number>();

  const isReady = ({ name }: Issuer): boolean =>
    seen.get(name) === 'ok' && performance.now() - (asking.get(name) ?? Infinity) < PROBE_MS;

  async function lookAt(issuer: Issuer, client: Client, turn: number): Promise<void> {
    asking.set(issuer.name, performance.now());
    const { outcome } = await client.look('readyz', issuer);
    seen.set(issuer.name, outcome);
    const others = ['livez', 'discovery', 'jwks'] as const;
    await client.look(others[turn % others.length] ?? 'livez', issuer);
  }

  function able(): readonly Issuer[] {
    if (!avoids()) return issuers;
    // One that is slow to say so is better than one that is not there.
    const there = issuers.filter(({ name }) =>
      ['ok', 'unavailable'].includes(seen.get(name) ?? ''),
    );
    return [issuers.filter(isReady), there].find((some) => some.length > 0) ?? issuers;
  }

  return {
    able,
    choose: () => chance.pick(able()),
    watch(client) {
      let stopped = false;
      const loops = issuers.map(async (issuer) => {
        for (let turn = 0; !stopped; turn += 1) {
          await lookAt(issuer, client, turn);
          asking.set(issuer.name, performance.now() + EVERY_MS);
          await sleep(EVERY_MS);
        }
      });
      return {
        async stop() {
          stopped = true;
          await Promise.all(loops);
        },
      };
    },
  };
}
