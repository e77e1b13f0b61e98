// What can happen between an issuer and a Redis that is well.

import type { Proxied } from '../topologies/single.ts';
import type { Fault } from './fault.ts';

const slow = (milliseconds: number, more: Partial<Fault<Proxied>>): Fault<Proxied> => ({
  ...{ id: 'F-4', name: `answers ${milliseconds} ms late`, hold: 3000, ...more },
  async inject({ layout: { proxies } }) {
    for (const proxy of proxies) proxy.delayAnswers(milliseconds);
    return () => proxies.map((proxy) => proxy.delayAnswers(0));
  },
});

/** What one issuer does arrives late, and the other one is asked about it meanwhile. */
export const FAR: Fault<Proxied> = {
  ...{ id: 'F-41', name: 'one issuer far away', hold: 3000, unavailableShare: 0 },
  async inject({ layout: { proxies } }) {
    const [first] = proxies;
    first.delayQuestions(200);
    return () => first.delayQuestions(0);
  },
};

export const LOSSY: Fault<Proxied> = {
  ...{ id: 'F-5', name: 'every 7th answer lost', hold: 3000, short: true },
  async inject({ layout: { proxies } }) {
    for (const proxy of proxies) proxy.cutEvery(7);
    return () => proxies.map((proxy) => proxy.cutEvery(0));
  },
};

export const NETWORK_FAULTS: readonly Fault<Proxied>[] = [
  slow(50, { unavailableShare: 0 }),
  slow(500, { short: true }),
  slow(5000, { turnsUnready: true, recovery: 6000 }),
  FAR,
  LOSSY,
  { ...LOSSY, name: 'every 7th answer lost for 10 s', hold: 10_000, short: false },
  {
    ...{ id: 'F-6', name: 'a black hole', hold: 2500, short: true, turnsUnready: true },
    async inject({ layout: { proxies } }) {
      for (const proxy of proxies) proxy.swallow(true);
      return () => proxies.map((proxy) => proxy.swallow(false));
    },
  },
  {
    ...{ id: 'F-6', name: 'a black hole for one of two', hold: 2500, turnsUnready: true },
    async inject({ layout: { proxies } }) {
      const [first] = proxies;
      first.swallow(true);
      return () => first.swallow(false);
    },
  },
];
