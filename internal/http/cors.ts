// Which answers a script on another site may read. Never with credentials: nothing here is decided
// by a cookie, and no answer to a browser's navigation is readable at all.

import type { PathEntry } from './routes.ts';

/** `any`: public documents. `client`: what a browser-based client calls. `none`: no header, ever. */
export type Cors = 'any' | 'client' | 'none';

const NONE: readonly string[] = [];

/** Whether the header is there depends on the origin, and caches have to know. */
const CLOSED = ['Vary', 'Origin'] as const;

/**
 * Beside those that scripts may read anyway (Fetch §4.10): what to prove, when to come back, and what is left
 * of the rules that were counted for it.
 */
const EXPOSED = 'WWW-Authenticate, DPoP-Nonce, Retry-After, RateLimit, RateLimit-Policy';

const OPEN = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  EXPOSED,
  ...CLOSED,
] as const;

/** Two hours: what browsers cap it at. */
const MAX_AGE = '7200';

const REQUEST_HEADERS = {
  any: '*',
  client: 'Authorization, Content-Type, DPoP', // `*` never means Authorization (Fetch §4.8)
} as const;

/** Header names and values for an answer at this path. @param origin the `Origin` header. */
export function corsHeaders(
  entry: PathEntry | undefined,
  origin: string | undefined,
  preflight: boolean,
): readonly string[] {
  if (entry === undefined || entry.cors === 'none') return NONE;
  // `null` is what a sandboxed frame or a data: URL calls itself: anybody, and nobody's client.
  if (origin === 'null') return CLOSED;
  if (!preflight) return OPEN;
  return [
    ...OPEN,
    'Access-Control-Allow-Methods',
    entry.allow,
    'Access-Control-Allow-Headers',
    REQUEST_HEADERS[entry.cors],
    'Access-Control-Max-Age',
    MAX_AGE,
  ];
}
