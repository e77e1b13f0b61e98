// Whether the suite would find what it looks for: the same rounds against programs with a bug in them,
// and against the one without.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, type Plant } from './bundle.ts';
import type { Invariant } from './checker/invariants.ts';
import { cleanUp, temporaryFolder } from './cleanup.ts';
import type { Fault } from './faults/fault.ts';
import { FAR, LOSSY } from './faults/network.ts';
import { startIssuers } from './issuers.ts';
import { BLIND_RESEND, EARLY_ANSWER, LOOK_THEN_SPEND, OUTAGE_AS_REFUSAL } from './plants.ts';
import { runRound } from './round.ts';
import { hesitate, raced, revoked, type SCENARIOS } from './scenarios.ts';
import { PROXIED, type Proxied } from './topologies/single.ts';
import { measureUsage } from './usage.ts';

const SEED = 20_261;
const PACE = { before: 300, after: 300, every: 60 };

const NOTHING: Fault<Proxied> = {
  ...{ id: 'F-0', name: 'nothing', hold: 1500, recovery: 0 },
  inject: async () => () => undefined,
};

const FROZEN: Fault<Proxied> = {
  ...{ id: 'F-3', name: 'frozen', hold: 1500 },
  async inject({ layout: { redis } }) {
    redis.pause();
    return redis.resume;
  },
};

type Case = {
  readonly bug: string;
  readonly plants: readonly Plant[];
  readonly fault: Fault<Proxied>;
  readonly scenarios: typeof SCENARIOS;
  readonly breaks: Invariant;
};

const CASES: readonly Case[] = [
  {
    bug: 'a code is looked up and then spent, instead of both in one step',
    ...{ plants: LOOK_THEN_SPEND, fault: NOTHING, scenarios: [raced], breaks: 'N2' },
  },
  {
    bug: 'a spend is sent again after a reset, as if it were another one',
    ...{ plants: BLIND_RESEND, fault: LOSSY, scenarios: [hesitate], breaks: 'N1' },
  },
  {
    bug: 'a revocation is confirmed before Redis has carried it out',
    ...{ plants: EARLY_ANSWER, fault: FAR, scenarios: [revoked], breaks: 'N3' },
  },
  {
    bug: 'a store that does not answer makes a code invalid',
    ...{ plants: OUTAGE_AS_REFUSAL, fault: FROZEN, scenarios: [hesitate], breaks: 'N1' },
  },
];

let layout: Proxied;
let honest: string;

/** A whole round against a program. */
async function judge(program: string, { fault, scenarios }: Case) {
  const issuers = await startIssuers(program, layout.stores);
  const base = await measureUsage(layout, issuers);
  const terms = { layout, issuers, fault, seed: SEED, base, legacy: undefined };
  const { durability } = PROXIED;
  const { verdict } = await runRound({ ...terms, durability, scenarios, pace: PACE });
  await Promise.all(issuers.map((issuer) => issuer.end('SIGKILL')));
  return verdict;
}

beforeAll(async () => {
  layout = await PROXIED.open();
  honest = await bundle(temporaryFolder());
});

afterAll(cleanUp);

describe('the suite', () => {
  for (const one of CASES) {
    it(`finds that ${one.bug} (${one.breaks})`, async () => {
      const { counts } = await judge(await bundle(temporaryFolder(), one.plants), one);

      expect(counts[one.breaks]).toBeGreaterThan(0);
    });

    it(`finds nothing where nothing is wrong: ${one.fault.name}`, async () => {
      const { violations } = await judge(honest, one);

      expect(violations.map(({ invariant, what }) => `${invariant}: ${what}`)).toEqual([]);
    });
  }

  it('fails where a bug cannot be planted', async () => {
    const gone = [{ file: 'internal/store/redis/spends.ts', from: 'no such text', to: '' }];

    await expect(bundle(temporaryFolder(), gone)).rejects.toThrow('cannot plant');
  });
});
