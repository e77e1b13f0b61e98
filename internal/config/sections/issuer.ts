// The issuer identifier: compared byte by byte by every Relying Party, so it is never normalised,
// and whatever a URL parser would normalise is refused (OIDC Discovery §3).

import { textWith } from '../fields.ts';
import { isLoopbackHost } from './loopback.ts';

const SHAPE = /^(https?):\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9]\d{0,4}))?(\/[!-~]*)?$/;
const PATH = /^(?:\/[A-Za-z0-9._~-]+)*\/?$/;
const EXAMPLE = 'write it as https://sso.example.com';

export const issuer = () => textWith(findIssuerProblem);

function findIssuerProblem(text: string): string | undefined {
  if (text.includes('?')) return 'has a query; remove it';
  if (text.includes('#')) return 'has a fragment; remove it';
  const [scheme = '', rest = ''] = text.split('://', 2);
  if (!/^https?$/i.test(scheme) || rest === '') return `has to be an https URL; ${EXAMPLE}`;
  const authority = rest.split('/', 1)[0] ?? '';
  if (authority.includes('@')) return 'has user information in it; remove all up to the @';
  if (/[A-Z]/.test(scheme + authority))
    return 'has capital letters in scheme or host; write them small';
  return findDetail(text);
}

function findDetail(text: string): string | undefined {
  const [, scheme, host, port, path = ''] = SHAPE.exec(text) ?? [];
  if (host === undefined || !URL.canParse(text))
    return `is not a URL of scheme, host, port and path; ${EXAMPLE}`;
  if (port === (scheme === 'https' ? '443' : '80'))
    return `names the default port; leave out :${port}`;
  if (new URL(text).hostname !== host)
    return 'has a host that is written in an unusual form; use its plain form';
  if (!PATH.test(path) || /\/\.{1,2}(?:\/|$)/.test(path)) {
    return 'has a path with empty or dot segments, or characters other than letters, digits and - . _ ~';
  }
  return undefined;
}

/** Plain http is bearable only where no network is in between (RFC 8414 §2 wants https). */
export function isSafeIssuer(text: string): boolean {
  return text.startsWith('https://') || isLoopbackHost(new URL(text).hostname);
}
