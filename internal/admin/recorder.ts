// The issuer's half of `asteroid doctor`: for two minutes, requests that carry a canary are written
// down instead of answered. Nothing is ever issued for one, and nobody without the canary, 256 bits
// made here, can make a request count as one.

import type { Random } from '../protocol/random.ts';
import { SECRET_BYTES } from '../protocol/random.ts';
import { type Clock, MINUTE } from '../protocol/time.ts';
import type { DeclaredName } from '../upstream/declared.ts';
import type { Verdict } from '../upstream/upstream.ts';
import { type Arrival, countArrivals, createLineFinder, type FindLines } from './arrivals.ts';

/** The parameter that a canary travels in; the value of any header will do as well. */
export const CANARY_PARAMETER = 'asteroid_canary';

const RECORDING_TTL = 2 * MINUTE;
/** Several times what one run of the doctor sends. */
const MAX_SIGHTINGS = 2000;

/** One request that carried the canary this far. */
export type Sighting = {
  /** Which attempt of the doctor it is, in its own words. */
  readonly probe: string;
  /** The endpoint of exactly this path; undefined for a path that the issuer does not have. */
  readonly route: string | undefined;
  /** Why it would be refused before anybody asks who the End-User is. */
  readonly refused: string | undefined;
  readonly identity: 'not_read' | Verdict['kind'];
  /** Why the upstream's word would be refused. */
  readonly identityRefused: string | undefined;
  /** The canary is now part of who the End-User is said to be. */
  readonly believed: boolean;
  readonly arrivals: readonly Arrival[];
};

export type Seen = {
  readonly probe: string;
  readonly route: string | undefined;
  readonly refused: string | undefined;
  readonly rawHeaders: readonly string[];
  /** Undefined where the upstream is not asked. */
  readonly verdict: Verdict | undefined;
};

export type Recording = {
  readonly canary: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

export type Recorder = {
  /** Undefined while one is on: two doctors would read each other's notes. */
  start(): Recording | undefined;
  /** Takes part in what another process of the issuer started; false while another one is on. */
  join(recording: Recording): boolean;
  /** The probe that a request carries; undefined for everybody else's requests, always. */
  recognise(target: string, rawHeaders: readonly string[]): string | undefined;
  note(seen: Seen): void;
  /** Undefined when none is on. `full`: what came later was not written down. */
  read(): { readonly sightings: readonly Sighting[]; readonly full: boolean } | undefined;
  stop(): void;
};

export type RecorderDeps = {
  readonly now: Clock;
  readonly random: Random;
  /** Those of the moment. */
  readonly declared: () => readonly DeclaredName[];
};

type Running = Recording & { readonly sightings: Sighting[]; full: boolean };

/** One recording at a time, which ends by itself. */
export function createRecorder({ now, random, declared }: RecorderDeps): Recorder {
  let running: Running | undefined;

  const current = (): Running | undefined => {
    if (running !== undefined && now() >= running.expiresAt) running = undefined;
    return running;
  };

  return {
    start() {
      if (current() !== undefined) return undefined;
      const canary = toHex(random(SECRET_BYTES));
      const expiresAt = now() + RECORDING_TTL;
      running = { canary, expiresAt, sightings: [], full: false };
      return { canary, expiresAt };
    },
    join({ canary, expiresAt }) {
      if (current() !== undefined) return false;
      running = { canary, expiresAt, sightings: [], full: false };
      return true;
    },
    recognise(target, rawHeaders) {
      // All there is to do for the requests of a life without doctors.
      if (running === undefined) return undefined;
      const recording = current();
      return recording === undefined ? undefined : findProbe(recording.canary, target, rawHeaders);
    },
    note(seen) {
      const recording = current();
      if (recording === undefined) return;
      if (recording.sightings.length >= MAX_SIGHTINGS) recording.full = true;
      else
        recording.sightings.push(toSighting(seen, createLineFinder(declared()), recording.canary));
    },
    read() {
      const recording = current();
      return recording && { sightings: [...recording.sightings], full: recording.full };
    },
    stop() {
      running = undefined;
    },
  };
}

// Lower-case letters and digits pass every transform and most patterns of a subject unchanged.
const toHex = (random: string): string => Buffer.from(random, 'base64url').toString('hex');

const PROBE = /^\.([a-z0-9-]{1,64})/;

function findProbe(
  canary: string,
  target: string,
  rawHeaders: readonly string[],
): string | undefined {
  const parameter = `${CANARY_PARAMETER}=${canary}`;
  const inTarget = probeAfter(parameter, target);
  if (inTarget !== undefined) return inTarget;
  for (let at = 1; at < rawHeaders.length; at += 2) {
    const inHeader = probeAfter(canary, rawHeaders[at] ?? '');
    if (inHeader !== undefined) return inHeader;
  }
  return undefined;
}

function probeAfter(mark: string, text: string): string | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : PROBE.exec(text.slice(at + mark.length))?.[1];
}

function toSighting(
  { probe, route, refused, rawHeaders, verdict }: Seen,
  findLines: FindLines,
  canary: string,
): Sighting {
  return {
    probe,
    route,
    refused,
    identity: verdict?.kind ?? 'not_read',
    identityRefused: verdict?.kind === 'refused' ? verdict.reason : undefined,
    believed: verdict?.kind === 'identified' && JSON.stringify(verdict.identity).includes(canary),
    arrivals: countArrivals(findLines(rawHeaders), canary),
  };
}
