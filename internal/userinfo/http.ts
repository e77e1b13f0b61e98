// An HTTP service that knows the End-Users: one JSON object per subject, by GET. Relies on nothing
// the service does: not on its speed, its size, its honesty about the subject, nor its being up.

import { type Outbound, readText } from '../outbound/outbound.ts';
import type { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Backend } from './backend.ts';
import { type Answer, type CacheDeps, type CacheTerms, createCache } from './cache.ts';
import { withDeadline } from './deadline.ts';
import { parseRemoteClaims } from './remote-claims.ts';
import { parseSubjectUrl } from './subject-url.ts';

/** Called for every request, so that a rotated secret needs no restart. */
export type ReadSecret = () => string | Promise<string>;

export type HttpAuthentication =
  | { readonly kind: 'bearer'; readonly token: ReadSecret }
  | { readonly kind: 'basic'; readonly username: string; readonly password: ReadSecret };

export type HttpBackendOptions = Partial<CacheTerms> & {
  /** With `{sub}` where the percent-encoded subject belongs. */
  readonly url: string;
  readonly authentication?: HttpAuthentication | undefined;
  /** Seconds for a whole answer, its last byte included. */
  readonly timeout?: number;
};

export type HttpBackendDeps = {
  readonly now: Clock;
  readonly outbound: Outbound;
  /** Hears when remembered claims are answered because the service is down, once per outage. */
  readonly onProblem: (problem: Unavailable) => void;
  /** Told how each question was answered. */
  readonly onFind?: CacheDeps['onFind'];
};

const TIMEOUT = 2;
const MAX_BODY = 64 * 1024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;
const TERMS: CacheTerms = { ttl: 60, negativeTtl: 5, staleIfError: 300, maxEntries: 10_000 };
const UNKNOWN: Answer = { claims: undefined, size: 0 };

/** Throws when the URL template or the user name can never be right. */
export function createHttpBackend(options: HttpBackendOptions, deps: HttpBackendDeps): Backend {
  const { url, authentication, timeout = TIMEOUT, ...terms } = options;
  const toUrl = parseSubjectUrl(url);
  checkUsername(authentication);

  async function ask(subject: Subject, signal: AbortSignal): Promise<Answer> {
    const target = toUrl(subject);
    if (target === undefined) return UNKNOWN;
    const headers = { accept: 'application/json', ...(await toHeaders(authentication)) };
    const limits = { timeout, maxBytes: MAX_BODY, signal };
    const answer = await deps.outbound({ url: target, headers, ...limits });
    const body = readText(answer);
    if (body === undefined) return UNKNOWN;
    if (!JSON_TYPE.test(answer.headers['content-type'] ?? '')) {
      throw new Error('the answer is not of a JSON media type');
    }
    return { claims: parseRemoteClaims(body, subject), size: answer.body.byteLength };
  }

  const cache = createCache(
    { ...TERMS, ...terms },
    { ...deps, ask: (subject) => withDeadline(timeout, (signal) => ask(subject, signal)) },
  );

  return {
    type: 'http',
    provesExistence: true,
    remote: true,
    find: (subject) => cache.find(subject),
    close: async () => cache.clear(),
  };
}

// A colon would move the rest of the name into the password (RFC 7617 §2).
function checkUsername(authentication: HttpAuthentication | undefined): void {
  if (authentication?.kind === 'basic' && authentication.username.includes(':')) {
    throw new Error('the user name of the http userinfo backend has a colon in it');
  }
}

async function toHeaders(
  authentication: HttpAuthentication | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (authentication === undefined) return {};
  if (authentication.kind === 'bearer') {
    const token = await authentication.token();
    // Refused here, because an error of the client would repeat it.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('the bearer token is not printable ASCII');
    return { authorization: `Bearer ${token}` };
  }
  const pair = `${authentication.username}:${await authentication.password()}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
