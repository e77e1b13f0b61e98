// One fault, from the load before it to the verdict after it.

import { setTimeout as pause } from 'node:timers/promises';
import { type Chance, createChance } from '../mutations/chance.ts';
import { createBalancer } from './balancer.ts';
import type { Usage } from './checker/bounds.ts';
import { check, type Verdict } from './checker/check.ts';
import type { Excuse, Terms, Windows } from './checker/invariants.ts';
import { createClient } from './client.ts';
import { GRACE_SECONDS } from './clients.ts';
import type { Fault } from './faults/fault.ts';
import { createHistory, type History } from './history.ts';
import type { Issuers } from './issuers.ts';
import { startLoad } from './load.ts';
import { probe } from './probe.ts';
import type { Durability } from './promises.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Deployment } from './topologies/topology.ts';
import { measureUsage } from './usage.ts';
import { createWallet, type SignIn } from './wallet.ts';

/** What comes of one round for the next: sign-ins that go on being watched, and what is known of them. */
export type Legacy = {
  readonly signIns: readonly SignIn[];
  readonly history: History;
  /** Codes of before this moment may be over. */
  readonly codesOverUntil: number;
};

export type RoundTerms<Layout extends Deployment> = {
  readonly layout: Layout;
  readonly issuers: Issuers;
  readonly fault: Fault<Layout>;
  readonly durability: Durability;
  readonly seed: number;
  /** Memory and connections when nothing had happened yet. */
  readonly base: Usage;
  readonly legacy: Legacy | undefined;
  /** Instead of everything that people do. */
  readonly scenarios?: typeof SCENARIOS;
  /** Milliseconds of load before the fault, after the recovery from it, and between two beginnings. */
  readonly pace?: { readonly before: number; readonly after: number; readonly every: number };
};

export type Round = {
  readonly verdict: Verdict;
  readonly history: History;
  readonly legacy: Legacy;
};

/** N6, and what a busy machine may add. */
const RECOVERY_MS = 1000;
const MACHINE_MS = 1000;
/** By then a balancer has noticed that an issuer does not answer. */
const NOTICED_MS = 1500;
// A scenario has seven requests on average.
const PACE = { before: 1200, after: 1500, every: 130 };
/** So many sign-ins of a round are watched in the next. */
const WATCHED = 20;

const TERMS: Terms = {
  grace: GRACE_SECONDS * 1000,
  slack: 1500,
  // Sign-out and revocation ask the store twice, each time for a second at most.
  patience: 2000 + MACHINE_MS * 2,
  machineShare: 0.05,
};

export async function runRound<Layout extends Deployment>(
  terms: RoundTerms<Layout>,
): Promise<Round> {
  const {
    layout,
    issuers,
    fault,
    durability,
    seed,
    base,
    legacy,
    scenarios = SCENARIOS,
    pace = PACE,
  } = terms;
  const begunAt = performance.now();
  const chance = createChance(seed);
  const history = createHistory(legacy?.history.all());
  const wallet = createWallet(legacy?.signIns);
  const balancer = createBalancer(issuers, chance, () => fault.balanced === true);
  const client = createClient(() => history, balancer.choose);
  const watch = balancer.watch(client);
  const actor = { client, chance, wallet, issuers: balancer.able };
  const load = startLoad(actor, scenarios, pace.every);
  await pause(pace.before);
  const windows = { begunAt, ...(await strike(terms, chance)) };
  await pause(windows.recoveredBy - performance.now() + pace.after);
  await load.stop();
  await probe({ ...actor, pause: () => Promise.resolve(true) });
  await watch.stop();
  const after = await measureUsage(layout, issuers);
  const usage = { before: base, after };
  const promotes = fault.promotes === true || fault.loses === 'unreplicated';
  // Where replicas have acknowledged, a new primary knows which of them were spent.
  const codesOverUntil =
    promotes && durability === 'fast'
      ? windows.recoveredBy + MACHINE_MS
      : (legacy?.codesOverUntil ?? Number.NEGATIVE_INFINITY);
  const verdict = check({
    ...{ history: history.all(), windows, usage },
    terms: { ...TERMS, codesOverUntil },
  });
  return {
    verdict,
    history,
    legacy: { ...bequeath(wallet.all(), history, chance, fault), codesOverUntil },
  };
}

/** Brings the fault about and takes it away, and says when. */
async function strike<Layout extends Deployment>(
  { layout, issuers, fault }: RoundTerms<Layout>,
  chance: Chance,
): Promise<Omit<Windows, 'begunAt'>> {
  const injectedAt = performance.now();
  const heal = await fault.inject({ layout, issuers, chance, pause: (ms) => pause(ms) });
  await pause(fault.hold);
  await heal();
  const healedAt = performance.now();
  const recoveredBy = healedAt + (fault.recovery ?? RECOVERY_MS) + MACHINE_MS;
  const excused = (fault.silences?.(issuers) ?? []).flatMap(({ issuer, until }): Excuse[] => {
    const all = { issuer: issuer.name, from: injectedAt };
    const to = until === 'noticed' ? injectedAt + NOTICED_MS : recoveredBy;
    return [
      { ...all, to: recoveredBy, what: 'probes' },
      ...(until === 'never' ? [] : [{ ...all, to, what: 'everything' } as const]),
    ];
  });
  return {
    ...{ injectedAt, healedAt, recoveredBy, excused },
    turnsUnready: fault.turnsUnready ?? false,
    unavailableShare: fault.unavailableShare ?? 1,
  };
}

function bequeath<Layout extends Deployment>(
  signIns: readonly SignIn[],
  history: History,
  chance: Chance,
  { loses = 'nothing' }: Fault<Layout>,
): Omit<Legacy, 'codesOverUntil'> {
  const watched = loses === 'nothing' ? chance.shuffle(signIns).slice(0, WATCHED) : [];
  const names = new Set(watched.map(({ name }) => name));
  return { signIns: watched, history: createHistory(history.of(names)) };
}
