// JWTs of others, as text and as claims. Nothing here believes anything: a signature is verified by
// `jwks/`, and what the claims of a verified one mean is decided here, once for every kind of JWT.

export type Members = Readonly<Record<string, unknown>>;

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The parts of a compact JWS (RFC 7515 §7.1), read but not verified. */
export type UnverifiedJwt = {
  readonly compact: string;
  readonly alg: string;
  readonly kid: string | undefined;
  /** Lower case, without `application/`; undefined where the header has none. */
  readonly typ: string | undefined;
  readonly header: Members;
  /** Good for finding out whose keys to ask for, and for nothing else. */
  readonly claims: Members;
};

// Three parts: five would be encrypted (RFC 7516), and an empty third one is not signed at all.
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const MAX_LENGTH = 16 * 1024;
/** Some sources make a part of a URL of it. */
const KID = /^[\w.:=-]{1,256}$/;

/** Undefined unless the text is a signed JWT that could be understood whole. */
export function parseJwt(compact: string): UnverifiedJwt | undefined {
  if (compact.length > MAX_LENGTH || !COMPACT.test(compact)) return undefined;
  const [first = '', second = ''] = compact.split('.');
  const header = parseMembers(Buffer.from(first, 'base64url'));
  const claims = parseMembers(Buffer.from(second, 'base64url'));
  if (header === undefined || claims === undefined) return undefined;
  const { alg, kid, typ } = header;
  // Nothing that has to be understood is understood here (RFC 7515 §4.1.11), `b64` among it.
  if (typeof alg !== 'string' || 'crit' in header) return undefined;
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) return undefined;
  if (typ !== undefined && typeof typ !== 'string') return undefined;
  const mediaType = typ?.toLowerCase().replace(/^application\//, '');
  return { compact, alg, kid, typ: mediaType, header, claims };
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined when the bytes are no JSON object; without a prototype, so that no name is special. */
export function parseMembers(bytes: Uint8Array): Members | undefined {
  try {
    const value: unknown = JSON.parse(STRICT_UTF8.decode(bytes));
    return isMembers(value) ? Object.assign(Object.create(null), value) : undefined;
  } catch {
    return undefined;
  }
}

/** What a JWT has to say to be one for us, and of now. Times in seconds. */
export type JwtTerms = {
  readonly issuer: string;
  /** Any of them; with `soleAudience` it has to be the only one, as a string (RFC 7523bis §4). */
  readonly audience: readonly string[];
  readonly soleAudience?: boolean;
  /** The longest that it may be good for, from now on. */
  readonly maxLifetime: number;
  /** How far its clock may be ahead of ours, or behind. */
  readonly clockSkew: number;
};

export type JwtProblem =
  | 'issuer'
  | 'audience'
  | 'claims_malformed'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_ahead'
  | 'lives_too_long';

/** What is wrong with the claims of a verified JWT at this moment; undefined: nothing. */
export const findJwtProblem = (
  claims: Members,
  terms: JwtTerms,
  now: number,
): JwtProblem | undefined =>
  claims['iss'] === terms.issuer
    ? (findAudienceProblem(claims['aud'], terms) ?? findTimeProblem(claims, terms, now))
    : 'issuer';

// An array would let one who names the victim beside itself hand the assertion on (CVE-2025-27370).
function findAudienceProblem(
  aud: unknown,
  { audience, soleAudience = false }: Pick<JwtTerms, 'audience' | 'soleAudience'>,
): 'audience' | undefined {
  if (soleAudience && typeof aud !== 'string') return 'audience';
  const named: unknown = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(named) || !named.every((name) => typeof name === 'string')) return 'audience';
  return named.some((name) => audience.includes(name)) ? undefined : 'audience';
}

// Without an end a captured one would be one for ever; jose by itself demands none.
function findTimeProblem(
  { exp, iat, nbf }: Members,
  { maxLifetime, clockSkew }: Pick<JwtTerms, 'maxLifetime' | 'clockSkew'>,
  now: number,
): JwtProblem | undefined {
  if (!isTime(exp)) return 'claims_malformed';
  if ((iat !== undefined && !isTime(iat)) || (nbf !== undefined && !isTime(nbf))) {
    return 'claims_malformed';
  }
  if (now >= exp + clockSkew) return 'expired';
  if (exp > now + maxLifetime + clockSkew) return 'lives_too_long';
  if (nbf !== undefined && nbf > now + clockSkew) return 'not_yet_valid';
  return iat !== undefined && iat > now + clockSkew ? 'issued_ahead' : undefined;
}

const MAX_JTI = 256;

/** What an id of a JWT has to be for it to be remembered (RFC 7519 §4.1.7). */
export const isJti = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_JTI;

/** Seconds since 1970; JSON can say numbers that are infinite. */
export const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** When it was made and what time it is, for whoever has to know; undefined where it does not say. */
export const madeOf = (
  { iat }: Members,
  now: number,
): { readonly at: number; readonly now: number } | undefined =>
  isTime(iat) ? { at: iat, now } : undefined;
