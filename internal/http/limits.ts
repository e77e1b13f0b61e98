// Between a request and the rules that limit it: when it has arrived, who it turned out to be from, and in
// which words a client is told to come back later.

import { RateLimited } from '../protocol/errors.ts';
import type { Identity } from '../protocol/identity.ts';
import { DEVICE_CODE } from '../protocol/names.ts';
import type { Params } from '../protocol/params.ts';
import type { Limiter, RequestLimits } from '../ratelimit/limits.ts';
import type { Exchange } from './exchange.ts';
import type { IdentityDeps } from './identity.ts';
import type { Route } from './routes.ts';

export type LimitsDeps = Pick<IdentityDeps, 'peerOf'> & {
  /** Absent: nothing is limited. */
  readonly limits?: Limiter | undefined;
};

/** @param route undefined for a preflight, which asks for nothing. */
export function beginLimits(
  { limits, peerOf }: LimitsDeps,
  { request, requestId }: Exchange,
  route: Route | undefined,
): RequestLimits | undefined {
  if (limits === undefined || route === undefined) return undefined;
  const { endpoint, readsIdentity } = route;
  const { rawHeaders } = request;
  const connected = peerOf(request);
  return limits.begin({ endpoint, readsIdentity, connected, rawHeaders, requestId });
}

/** Rejects with `RateLimited`. Nothing has been asked of the endpoint by then. */
export async function keepToLimits(
  limits: RequestLimits,
  { entry }: Exchange,
  identity: Identity | undefined,
): Promise<void> {
  const subject = entry?.endpoint === 'authorize' ? identity?.subject : undefined;
  await Promise.all([
    limits.arrived(),
    subject === undefined ? undefined : limits.proven({ subject }),
  ]);
}

/** A device that polls knows one word for later, and gives up at any other (RFC 8628 §3.5). */
export const inWordsFor = (params: Params, thrown: unknown): unknown =>
  thrown instanceof RateLimited && params.get('grant_type')?.[0] === DEVICE_CODE
    ? new RateLimited(thrown.retryAfter, 'slow_down')
    : thrown;
