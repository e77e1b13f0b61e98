// Out to the proxy and back: the address that is left, and the address that is returned to.

import { type Params, readParams } from '../../protocol/params.ts';
import type { Deps } from '../deps.ts';
import { endpointUrl } from '../paths.ts';

/** Parameters of our own on the way back; no client sends them. */
export const RESUME = 'asteroid_resume';
export const LOGIN_ATTEMPT = 'asteroid_login_attempt';

/**
 * Built from the configuration, never from the request's own target: a Host header or an odd path in it
 * would send the End-User somewhere else afterwards.
 */
export const returnAddress = (
  { bases }: Pick<Deps, 'bases'>,
  pairs: readonly (readonly [string, string])[],
): string => {
  const query = pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  return `${endpointUrl(bases, 'authorization_endpoint')}?${query}`;
};

export const withoutOwn = (params: Params): Params =>
  new Map([...params].filter(([name]) => name !== LOGIN_ATTEMPT && name !== RESUME));

/** Every value under its name, in order. */
export const pairsOf = (params: Params): readonly (readonly [string, string])[] =>
  [...params.keys()].flatMap((name) =>
    readParams(params, name).map((value) => [name, value] as const),
  );

const encode = encodeURIComponent;
