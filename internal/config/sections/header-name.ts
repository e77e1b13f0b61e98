// Which header may carry an identity or a proof, and when two names are the same to somebody.

import { textWith } from '../fields.ts';

/**
 * The form in which names are compared: a CGI program, a WSGI server or PHP would not tell
 * `X-Remote-User`, `x_remote_user` and `X.Remote.User` apart.
 */
export const foldHeaderName = (name: string): string =>
  name.toLowerCase().replace(/[^a-z0-9]/g, '-');

// Browsers, proxies and HTTP itself give these a meaning or let anybody set them, so that their
// value says nothing about an End-User.
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'cookie',
  'authorization',
  'proxy-authorization',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'via',
  'content-length',
  'content-type',
  'transfer-encoding',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-server',
  'x-forwarded-prefix',
  'x-forwarded-uri',
  'x-forwarded-method',
  'x-real-ip',
  'x-original-url',
  'x-rewrite-url',
  'origin',
  'referer',
  'user-agent',
]);

/** As a rule for `textWith`. */
export function findHeaderNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/.test(name)) {
    return 'is not a header name of letters, digits and single hyphens';
  }
  return RESERVED.has(foldHeaderName(name))
    ? 'names a header that anybody may set or that proxies change; use one of its own, such as X-Authenticated-User'
    : undefined;
}

export const headerName = () => textWith(findHeaderNameProblem);
