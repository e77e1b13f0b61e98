// Whether verified claims are for us and of now. A right signature says only who signed: the same signer
// speaks to other applications, about other days.

import { MINUTE } from '../../protocol/time.ts';
import type { AssertionOptions } from '../options.ts';
import type { Detail } from './detail.ts';

type Members = Readonly<Record<string, unknown>>;
type Terms = Omit<AssertionOptions, 'header' | 'scheme' | 'algorithms' | 'claims'>;

const CLOCK_SKEW = MINUTE;
const MAX_AGE = 15 * MINUTE;
/** ALB signs for two minutes and says nothing of when it did. */
const ALB_MAX_AGE = 5 * MINUTE;

/** What is wrong with them at this moment; undefined: nothing. */
export function findClaimProblem(
  claims: Members,
  header: Members,
  terms: Terms,
  now: number,
): Detail | undefined {
  const { clockSkew = CLOCK_SKEW, require = {} } = terms;
  return (
    (terms.keys.kind === 'alb'
      ? findAlbProblem(claims, header, { ...terms, keys: terms.keys }, now)
      : (findOriginProblem(claims, terms) ??
        findTimeProblem(claims, terms.maxAge ?? MAX_AGE, clockSkew, now))) ??
    (Object.entries(require).every(([name, value]) => claims[name] === value)
      ? undefined
      : 'require')
  );
}

function findOriginProblem(
  { iss, aud }: Members,
  { issuer, audience = [] }: Pick<Terms, 'issuer' | 'audience'>,
): Detail | undefined {
  if (issuer === undefined || iss !== issuer) return 'issuer';
  const named: unknown = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(named) || !named.every((name) => typeof name === 'string')) return 'audience';
  return named.some((name) => audience.includes(name)) ? undefined : 'audience';
}

function findTimeProblem(
  { exp, iat, nbf }: Members,
  maxAge: number,
  skew: number,
  now: number,
): Detail | undefined {
  // Without an end or a beginning a captured assertion would be one for ever (T21).
  if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf))) return 'claims';
  if (now >= exp + skew) return 'expired';
  if (nbf !== undefined && now < nbf - skew) return 'not_yet_valid';
  if (iat > now + skew) return 'issued_ahead';
  return now > iat + maxAge + skew ? 'too_old' : undefined;
}

/** The header says who signed for whom: every load balancer of a region has keys there (ALBeast). */
function findAlbProblem(
  claims: Members,
  header: Members,
  { keys, issuer, maxAge = ALB_MAX_AGE, clockSkew = CLOCK_SKEW }: Terms & { keys: AlbKeys },
  now: number,
): Detail | undefined {
  if (header['signer'] !== keys.signer) return 'signer';
  if (header['client'] !== keys.client) return 'client';
  if (typeof header['iss'] !== 'string') return 'issuer';
  if (issuer !== undefined && header['iss'] !== issuer) return 'issuer';
  for (const exp of 'exp' in claims ? [header['exp'], claims['exp']] : [header['exp']]) {
    if (!isTime(exp)) return 'claims';
    if (now >= exp + clockSkew) return 'expired';
    // There is no iat to count from: what is good for longer was not signed just now.
    if (exp > now + maxAge + clockSkew) return 'issued_ahead';
  }
  return undefined;
}

type AlbKeys = Extract<AssertionOptions['keys'], { readonly kind: 'alb' }>;

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);
