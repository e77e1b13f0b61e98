// When there is more to do than can be done, which requests are begun, and which are not. Decisions
// alone: values in, values out.

import type { Issuer } from '../oidc/issuer.ts';

export type Limits = {
  /** How many may wait to be begun, or for their answer, at a time. */
  readonly requests: number;
  /** Milliseconds that a request waits to be begun, where there are always some that wait. */
  readonly queueMs: number;
};

/** What is not refused: its answer is as cheap as a refusal, and verifiers fail without it. */
const UNREFUSED: ReadonlySet<string> = new Set<keyof Issuer>(['discovery', 'jwks']);

/** Each of these makes further requests. */
const BEGINNINGS: ReadonlySet<string> = new Set<keyof Issuer>([
  'authorize',
  'push',
  'deviceAuthorization',
  'register',
]);

export type Kind = 'unrefused' | 'beginning' | 'continuing';

/** @param endpoint undefined for a path that does not exist. */
export function kindOf(endpoint = '', method = ''): Kind {
  // Without a preflight the page that asks could not read that it is refused (Fetch §4.8).
  if (UNREFUSED.has(endpoint) || method === 'OPTIONS') return 'unrefused';
  return BEGINNINGS.has(endpoint) ? 'beginning' : 'continuing';
}

/** What a burst may take beyond `queueMs`. */
const BURST = 5;

/** As long as this nobody has to be refused before a burst is taken for one again. */
const CALM_MS = 1000;

export type Past = {
  /** Since when there has always been somebody who waits. */
  readonly waitedSince: number;
  /** When somebody was last refused for having waited. */
  readonly refusedAt: number;
};

/** Where somebody has waited at any time for so long it is no burst: more comes than goes. */
export const isOverloaded = (
  { waitedSince, refusedAt }: Past,
  now: number,
  { queueMs }: Limits,
): boolean => now - refusedAt < CALM_MS || now - waitedSince > queueMs * BURST;

/**
 * Milliseconds after which a request that was not begun is refused. Short where the queue stands, since
 * waiting in it serves nobody (CoDel, RFC 8289 §3; Maurer, Fail at Scale, 2015).
 */
export const patience = (overloaded: boolean, { queueMs }: Limits): number =>
  overloaded ? queueMs : queueMs * BURST;

/** Browsers, proxies and libraries wait for an answer; whoever does not has this part of the room. */
const UNASKED = 1 / 8;

/** True where a request may not even wait. @param held how many wait, to be begun or for an answer. */
export const isFull = (held: number, pipelined: boolean, { requests }: Limits): boolean =>
  held >= (pipelined ? requests * UNASKED : requests);

/** Of so many that are begun, one is a beginning, where others wait too. */
const IN_TURN = 4;

/**
 * What is begun next. To finish what was begun is better than to begin what then cannot be finished; but
 * whoever asks about tokens all the time must not keep everybody from signing in.
 *
 * @param begun how many were before.
 */
export function nextKind(
  begun: number,
  waiting: { readonly beginning: number; readonly continuing: number },
): Exclude<Kind, 'unrefused'> {
  if (waiting.continuing === 0) return 'beginning';
  return waiting.beginning > 0 && begun % IN_TURN === 0 ? 'beginning' : 'continuing';
}
