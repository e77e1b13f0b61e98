// What can happen to an issuer. Requests go where readiness is green, as behind any balancer.

import type { Deployment } from '../topologies/topology.ts';
import { type Fault, repeatedly } from './fault.ts';
import { FILE_FAULTS } from './files.ts';

const HOUR_MS = 3_600_000;

const step = (
  by: number,
  name: string,
  more: Partial<Fault<Deployment>> = {},
): Fault<Deployment> => ({
  ...{ id: 'F-25', name: `the clock of one ${name}`, hold: 3000, loses: 'time', ...more },
  async inject({ issuers: [first] }) {
    first.stepClock(by);
    return () => first.stepClock(0);
  },
});

export const ISSUER_FAULTS: readonly Fault<Deployment>[] = [
  {
    ...{ id: 'F-21', name: 'one issuer killed', hold: 2500, short: true, balanced: true },
    unavailableShare: 0,
    silences: ([issuer]) => [{ issuer, until: 'noticed' }],
    async inject({ issuers: [first] }) {
      await first.end('SIGKILL');
      return first.start;
    },
  },
  {
    ...{ id: 'F-21', name: 'one issuer killed again and again', hold: 15_000, balanced: true },
    unavailableShare: 0,
    silences: ([issuer]) => [{ issuer, until: 'over' }],
    inject: async ({ issuers: [first], chance, pause }) =>
      repeatedly(0, async () => {
        await first.end('SIGKILL');
        await first.start();
        await pause(200 + chance.below(600));
      }),
  },
  {
    ...{ id: 'F-22', name: 'restarted one after the other', hold: 0, short: true, balanced: true },
    unavailableShare: 0,
    silences: (issuers) => issuers.map((issuer) => ({ issuer, until: 'never' })),
    async inject({ issuers, pause }) {
      for (const issuer of issuers) {
        const code = await issuer.end('SIGTERM');
        if (code !== 0) throw new Error(`issuer ${issuer.name} ended with ${code}`);
        await issuer.start();
        await pause(800);
      }
      return () => undefined;
    },
  },
  {
    ...{ id: 'F-23', name: 'one issuer frozen', hold: 3000, balanced: true },
    silences: ([issuer]) => [{ issuer, until: 'noticed' }],
    async inject({ issuers: [first] }) {
      first.signal('SIGSTOP');
      return () => first.signal('SIGCONT');
    },
  },
  ...FILE_FAULTS,
  step(1000, 'a second ahead', { loses: 'nothing', short: true }),
  step(-1000, 'a second behind', { loses: 'nothing' }),
  step(HOUR_MS, 'an hour ahead', { short: true }),
  step(-HOUR_MS, 'an hour behind'),
];
