// What a person is told when signing in did not work. Errors are for the log: the page says what happened,
// what to do, and a reference by which to find the rest.

import { randomUUID } from 'node:crypto';
import { AuthorizationResponseError } from 'openid-client';

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly advice: string;
  /** As in the log. */
  readonly reference: string;
  /** When to come back, as the issuer said. */
  readonly retryAfter?: string;
};

export function toProblem(error: unknown): Problem {
  const reference = randomUUID().slice(0, 8);
  if (error instanceof AuthorizationResponseError && error.error === 'access_denied') {
    const advice = 'Signing in was cancelled. Nothing has changed.';
    return { status: 403, title: 'You were not signed in', advice, reference };
  }
  if (isUnavailable(error)) {
    const title = 'Signing in is not possible right now';
    const retryAfter = findResponse(error)?.headers.get('retry-after');
    const advice =
      'The sign-in service does not answer as it should. Please try again in a moment.';
    return { status: 503, title, advice, reference, ...(retryAfter ? { retryAfter } : {}) };
  }
  const advice = 'What the sign-in service said did not add up, so we did not trust it.';
  return { status: 502, title: 'We could not sign you in', advice, reference };
}

/** Whether nobody is to blame but a network, or an issuer that is down or has too much to do. */
export function isUnavailable(error: unknown): boolean {
  const { status = 0 } = findResponse(error) ?? {};
  return status === 429 || status >= 500 || findCauses(error).some(isOutage);
}

// jose: no answer in time; an answer, but with another status than 200; one that holds no keys.
const OUTAGES = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID'];

const isOutage = (error: Error): boolean =>
  error.message === 'fetch failed' ||
  error.name === 'TimeoutError' ||
  ('code' in error && OUTAGES.includes(String(error.code)));

/** The error and what caused it, outermost first. */
const findCauses = (error: unknown): readonly Error[] =>
  error instanceof Error ? [error, ...findCauses(error.cause)] : [];

/** The answer of the issuer that an error of openid-client is about. */
export const findResponse = (error: unknown): Response | undefined =>
  findCauses(error)
    .flatMap((one) => [one.cause, 'response' in one ? one.response : undefined])
    .find((one) => one instanceof Response);

/** For the log: what happened, and no more. Errors carry tokens in places where nobody expects them. */
export function toLogLine(error: unknown, reference: string): string {
  const causes = findCauses(error).map((one) => {
    const code = 'error' in one ? one.error : 'code' in one ? one.code : one.name;
    return `${one.message} (${JSON.stringify(code)})`;
  });
  return `${reference} ${causes.join(', because ') || 'something that is no error was thrown'}`;
}
