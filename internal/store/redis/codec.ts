// JSON in Redis ⇄ values. Member names are one letter long because a million records hold them.
// What does not have the shape is undefined: a damaged record is an unknown one, never a crash.

import type { AuthorizationDetail } from '../../protocol/authorization-details.ts';
import type { Claims } from '../../protocol/claims.ts';
import type { ClaimsRequest } from '../../protocol/claims-request.ts';
import { toAuthorizationId, toClientId, toSessionId, toSubject } from '../../protocol/ids.ts';
import { present } from '../../protocol/present.ts';
import type { Agreed } from '../held.ts';
import type { Consent, Grant, Journey, PendingRequest, SessionMember } from '../store.ts';

/** What is compared by scripts stands beside the JSON, and is not in it a second time. */
export type GrantBody = Omit<
  Grant,
  'clientId' | 'redirectUri' | 'redirectUriSent' | 'challenge' | 'jkt'
>;

export const printGrantBody = (grant: Grant): string =>
  JSON.stringify({
    s: grant.subject,
    o: grant.scope.join(' '),
    g: grant.grantedAt,
    n: grant.nonce,
    h: grant.stateHash,
    t: grant.authTime,
    a: grant.acr,
    m: grant.amr,
    i: grant.sid,
    r: grant.resource.length === 0 ? undefined : grant.resource,
    q: grant.claimsRequest,
    d: grant.authorizationDetails,
    c: grant.snapshot,
  });

export function parseGrantBody(json: string): GrantBody | undefined {
  const body = parseObject(json);
  if (body === undefined) return undefined;
  const { s, o, g, n, h, t, a, m, i, r = [], q, d, c } = body;
  if (!isText(s) || !isText(o) || !isNumber(g) || !isTexts(r) || !isClaims(c)) return undefined;
  if (!isOptional(isText, n) || !isOptional(isText, a) || !isOptional(isText, i)) return undefined;
  if (!isOptional(isNumber, t) || !isOptional(isTexts, m)) return undefined;
  if (!isOptional(isText, h)) return undefined;
  if (!isOptional(isClaimsRequest, q) || !isOptional(isDetails, d)) return undefined;
  return {
    subject: toSubject(s),
    scope: o === '' ? [] : o.split(' '),
    grantedAt: g,
    resource: r,
    snapshot: c,
    ...present({
      nonce: n,
      stateHash: h,
      authTime: t,
      acr: a,
      amr: m,
      sid: i === undefined ? undefined : toSessionId(i),
      claimsRequest: q,
      authorizationDetails: d,
    }),
  };
}

export const printRequest = ({
  params,
  subject,
  scope,
  clientId,
  jkt,
  parkedAt,
  journey,
}: PendingRequest): string =>
  JSON.stringify({
    p: params,
    s: subject,
    o: scope,
    c: clientId,
    k: jkt,
    a: parkedAt,
    j: journey && { f: journey.since, t: journey.authTime, e: journey.errands },
  });

export function parseRequest(json: string): PendingRequest | undefined {
  const request = parseObject(json);
  if (request === undefined) return undefined;
  const { p, s, o, c, k, a, j } = request;
  if (!isParams(p) || !isOptional(isText, s) || !isNumber(a)) return undefined;
  if (!isOptional(isTexts, o)) return undefined;
  // Without its client or its key a pushed request would be anybody's.
  if (!isOptional(isText, c) || !isOptional(isText, k)) return undefined;
  const journey = j === undefined ? undefined : parseJourney(j);
  // Without its journey the request would be one that nobody was ever sent away for.
  if (j !== undefined && journey === undefined) return undefined;
  return {
    params: p,
    parkedAt: a,
    ...(s === undefined ? {} : { subject: toSubject(s) }),
    ...(o === undefined ? {} : { scope: o }),
    ...(c === undefined ? {} : { clientId: toClientId(c) }),
    ...(k === undefined ? {} : { jkt: k }),
    ...(journey === undefined ? {} : { journey }),
  };
}

function parseJourney(json: unknown): Journey | undefined {
  if (!isObject(json)) return undefined;
  const { f, t, e } = json;
  if (!isNumber(f) || !isOptional(isNumber, t) || !isTexts(e)) return undefined;
  return { since: f, errands: e, ...(t === undefined ? {} : { authTime: t }) };
}

/** With whose it is: the name of its key is a hash of that. */
export const printConsent = ({
  scope,
  grantedAt,
  redirectUri,
  client,
  subject,
  clientId,
}: Consent & Agreed): string =>
  JSON.stringify({ o: scope, g: grantedAt, u: redirectUri, c: client, s: subject, i: clientId });

/** Whose a consent is; undefined for one of a version that did not write it down. */
export function parseAgreed(json: string): Agreed | undefined {
  const { s, i } = parseObject(json) ?? {};
  if (!isText(s) || !isText(i)) return undefined;
  return { subject: toSubject(s), clientId: toClientId(i) };
}

export function parseConsent(json: string): Consent | undefined {
  const consent = parseObject(json);
  if (consent === undefined) return undefined;
  const { o, g, u, c } = consent;
  if (!isTexts(o) || !isNumber(g) || !isOptional(isText, u) || !isOptional(isText, c)) {
    return undefined;
  }
  return { scope: o, grantedAt: g, ...present({ redirectUri: u, client: c }) };
}

/**
 * One text for one member: entered twice it is still one. Redis keeps a small index in a tenth of the memory
 * while none of its texts is longer than 64 bytes.
 */
export const printMember = ({ id, clientId, offline }: SessionMember): string =>
  `${offline ? 1 : 0}${id} ${clientId}`;

const MEMBER = /^([01])([^ ]+) (.+)$/s;

export function parseMember(text: string): SessionMember | undefined {
  const [, offline, id, clientId] = MEMBER.exec(text) ?? [];
  if (id === undefined || clientId === undefined) return undefined;
  return { id: toAuthorizationId(id), clientId: toClientId(clientId), offline: offline === '1' };
}

type JsonObject = { readonly [name: string]: unknown };

function parseObject(json: string): JsonObject | undefined {
  const value = parseJson(json);
  return isObject(value) ? value : undefined;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);
const isClaims = (value: unknown): value is Claims => isObject(value);
const isClaimsRequest = (value: unknown): value is ClaimsRequest =>
  isObject(value) && Array.isArray(value['idToken']) && Array.isArray(value['userinfo']);
const isDetails = (value: unknown): value is readonly AuthorizationDetail[] =>
  Array.isArray(value) && value.every((one) => isObject(one) && isText(one['type']));
const isParams = (value: unknown): value is PendingRequest['params'] =>
  Array.isArray(value) && value.every((pair) => isTexts(pair) && pair.length === 2);

const isOptional = <T>(
  is: (value: unknown) => value is T,
  value: unknown,
): value is T | undefined => value === undefined || is(value);
