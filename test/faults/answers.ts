// What an answer means: one row for each kind of request, and whatever no row allows is odd.

import { AFTER } from './clients.ts';
import type { Kind, Outcome } from './operation.ts';
import type { Answer, Silence } from './requests.ts';

type Read = (answer: Answer) => Outcome;

/** Undefined where the body is no JSON object. */
export function parseJson({ body }: Pick<Answer, 'body'>): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export const locationOf = ({ headers }: Answer): URL | undefined =>
  URL.canParse(headers.location ?? '') ? new URL(headers.location ?? '') : undefined;

const hasRetryAfter = ({ headers }: Answer): boolean => Number(headers['retry-after']) > 0;

/** RFC 6749 has no such error at /token; every word of it is checked, because clients act on it. */
const isHonest503 = (answer: Answer): boolean =>
  answer.status === 503 &&
  hasRetryAfter(answer) &&
  parseJson(answer)?.['error'] === 'temporarily_unavailable';

const is503Page = (answer: Answer): boolean =>
  answer.status === 503 &&
  hasRetryAfter(answer) &&
  /^text\/html\b/.test(answer.headers['content-type'] ?? '');

const token: Read = (answer) => {
  const json = parseJson(answer);
  if (answer.status === 200 && typeof json?.['access_token'] === 'string') return 'ok';
  return answer.status === 400 && json?.['error'] === 'invalid_grant' ? 'refused' : 'odd';
};

const ok: Read = ({ status }) => (status === 200 ? 'ok' : 'odd');

const READ: { readonly [kind in Kind]: Read } = {
  authorize: (answer) => {
    const query = locationOf(answer)?.searchParams;
    if (answer.status !== 303) return is503Page(answer) ? 'unavailable' : 'odd';
    if (query?.get('error') === 'temporarily_unavailable') return 'unavailable';
    return query?.has('code') === true ? 'ok' : 'odd';
  },
  redeem: token,
  refresh: token,
  introspect: (answer) => {
    const active = parseJson(answer)?.['active'];
    if (answer.status !== 200 || typeof active !== 'boolean') return 'odd';
    return active ? 'ok' : 'refused';
  },
  userinfo: ({ status, headers }) => {
    if (status === 200) return 'ok';
    const why = headers['www-authenticate'] ?? '';
    return status === 401 && why.includes('error="invalid_token"') ? 'refused' : 'odd';
  },
  revoke: ok,
  end_session: (answer) => {
    if (is503Page(answer)) return 'unavailable';
    return answer.status === 303 && answer.headers.location?.startsWith(AFTER) ? 'ok' : 'odd';
  },
  readyz: ({ status }) => (status === 503 ? 'unavailable' : ok({ status, headers: {}, body: '' })),
  livez: ok,
  discovery: ok,
  jwks: ok,
};

/** What it comes to, and a few words on it. */
export function judge(kind: Kind, answer: Answer | Silence): { outcome: Outcome; said: string } {
  if ('why' in answer) return { outcome: answer.sent ? 'unknown' : 'unsent', said: answer.why };
  const error = parseJson(answer)?.['error'] ?? locationOf(answer)?.searchParams.get('error');
  const said = [answer.status, ...(typeof error === 'string' ? [error] : [])].join(' ');
  return { outcome: isHonest503(answer) ? 'unavailable' : READ[kind](answer), said };
}
