// What is aimed at, as data. The benchmark prints whether it was met and never fails because it was not.

import type { Row } from './rows.ts';

export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** Bounds that differ between the lines of Node: by its major version. */
export type ByNode = { readonly 20: Bound; readonly 24: Bound };

const NODE = Number(process.versions.node.split('.')[0]) >= 24 ? 24 : 20;

export const onThisNode = (bounds: ByNode): Bound => bounds[NODE];

const atLeast = (value: number): Bound => ({ atLeast: value });
const atMost = (value: number): Bound => ({ atMost: value });
const always = (bound: Bound): ByNode => ({ 20: bound, 24: bound });

export type RowTargets = {
  /** How much cheaper than oidc-provider over Redis. */
  readonly peer?: ByNode;
  /** How near to the limit, where 1 is the limit. */
  readonly limit?: Bound;
};

/** Of Asteroid over Redis, by what a request costs the core of the server. */
export const ROW_TARGETS: { readonly [row in Row]?: RowTargets } = {
  discovery: { peer: always(atLeast(4)), limit: atLeast(0.85) },
  JWKS: { peer: always(atLeast(2.2)), limit: atLeast(0.85) },
  authorize: { peer: always(atLeast(11)), limit: atLeast(0.7) },
  'code exchange': { peer: { 20: atLeast(6), 24: atLeast(4.7) }, limit: atLeast(0.8) },
  refresh: { peer: always(atLeast(4)), limit: atLeast(0.9) },
  client_credentials: { peer: always(atLeast(2.7)), limit: atLeast(0.85) },
  'userinfo, token new': { limit: atLeast(0.95) },
  userinfo: { peer: always(atLeast(3.5)) },
  'introspection, token new': { limit: atLeast(0.95) },
  introspection: { peer: always(atLeast(3.5)) },
};

/** The p99 of every row, where 1 is that of oidc-provider over Redis. */
export const P99_TARGET = atMost(0.5);

/** Milliseconds to the first answer. */
export const STARTUP_TARGETS: { readonly [name: string]: ByNode | undefined } = {
  'Asteroid, memory': { 20: atMost(130), 24: atMost(150) },
  'Asteroid, Redis': { 20: atMost(200), 24: atMost(200) },
};

/** MiB, of which nothing was asked yet. */
export const IDLE_TARGETS: { readonly [name: string]: Bound | undefined } = {
  'Asteroid, memory': atMost(65),
  'Asteroid, Redis': atMost(80),
};

/** MiB after 200,000 flows over Redis. */
export const BUSY_TARGET = atMost(140);

/** Commands for each request; a request may take one round trip. */
export const COMMAND_TARGETS: { readonly [row in Row]?: Bound } = {
  authorize: atMost(4),
  'code exchange': atMost(2),
  refresh: atMost(2),
  userinfo: atMost(2),
  introspection: atMost(2),
};
export const ROUND_TRIP_TARGET = atMost(1);

/** Bytes in Redis. */
export const LIVE_TARGET = atMost(800);
export const REDEEMED_TARGET = atMost(500);

/** What a request costs where there is more of something, where 1 is what it costs without. */
export const GROWTH_TARGET = atMost(1.1);
