// Which redirect URIs may be registered. They are compared as strings, so everything that two
// programs could read in two ways is refused here: what the browser is sent to has to be what the
// operator wrote, character by character (RFC 9700 §2.1, RFC 8252 §7 and §8.4).

import { isLoopbackHost } from './sections/loopback.ts';

export type RedirectUriTerms = {
  readonly applicationType: 'web' | 'native';
  /** http:// beyond loopback, as `allow_http_redirect` permits. */
  readonly allowHttp: boolean;
};

const MAX_LENGTH = 2048;

/** Run a script, read a file or start a program, instead of bringing the answer to a client. */
const DANGEROUS: ReadonlySet<string> = new Set([
  'javascript',
  'data',
  'vbscript',
  'blob',
  'file',
  'filesystem',
  'about',
  'ws',
  'wss',
  'intent',
  'mailto',
  'view-source',
]);

/** Parameters of the answer: a client could not tell the registered ones from ours. */
const ANSWER_PARAMS: ReadonlySet<string> = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'response',
  'id_token',
  'access_token',
  'session_state',
]);

/** The problem with a redirect URI, or undefined for one that may be registered as it stands. */
export function findRedirectUriProblem(uri: string, terms: RedirectUriTerms): string | undefined {
  const inText = findTextProblem(uri);
  if (inText !== undefined) return inText;
  const [, scheme = '', rest = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/.exec(uri) ?? [];
  if (scheme === '') return 'is not an absolute URI; begin with https://';
  if (DANGEROUS.has(scheme.toLowerCase()))
    return `has the scheme ${scheme.toLowerCase()}, which no client can receive an answer by; use https`;
  if (scheme !== scheme.toLowerCase()) return 'has capital letters in its scheme; write it small';
  return (
    findQueryProblem(rest) ??
    findPathProblem(rest) ??
    (scheme === 'https' || scheme === 'http'
      ? findWebProblem(scheme, rest, terms)
      : findPrivateUseProblem(scheme, rest, terms))
  );
}

function findTextProblem(uri: string): string | undefined {
  if (uri.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (/[\s\p{Cc}]/u.test(uri)) return 'has a blank or control character in it; remove it';
  if (/[^!-~]/.test(uri))
    return 'has characters outside ASCII; write hosts in punycode and percent-encode the rest';
  if (uri.includes('\\')) return 'has a backslash in it; use /';
  // An empty fragment counts too (RFC 6749 §3.1.2).
  if (uri.includes('#')) return 'has a fragment; remove it with its #';
  if (uri.includes('*'))
    return 'has a wildcard in it; redirect URIs are compared exactly, list each one';
  if (/["<>^`{|}]/.test(uri) || /%(?![0-9A-Fa-f]{2})/.test(uri))
    return 'has characters that have to be percent-encoded';
  return undefined;
}

function findQueryProblem(rest: string): string | undefined {
  const start = rest.indexOf('?');
  const params = new URLSearchParams(start < 0 ? '' : rest.slice(start + 1));
  const taken = [...params.keys()].find((name) => ANSWER_PARAMS.has(name));
  return taken === undefined
    ? undefined
    : `has the parameter ${taken}, which the answer carries; rename it`;
}

function findPathProblem(rest: string): string | undefined {
  const [path = ''] = rest.split('?', 1);
  const segments = path.split('/').map((segment) => segment.replace(/%2e/gi, '.'));
  return segments.some((segment) => segment === '.' || segment === '..')
    ? 'has a . or .. segment in its path; write the path it leads to'
    : undefined;
}

function findWebProblem(scheme: string, rest: string, terms: RedirectUriTerms): string | undefined {
  if (!rest.startsWith('//')) return `has to begin with ${scheme}://`;
  const authority = authorityOf(rest);
  if (authority.includes('@')) return 'has user information in it; remove all up to the @';
  const [, host = '', port] =
    /^([^:[\]]+|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/.exec(authority) ?? [];
  if (/[A-Z]/.test(authority)) return 'has capital letters in its host; write it small';
  if (host === '' || Number(port ?? 1) > 65535 || /[[\]]/.test(rest.slice(2 + authority.length))) {
    return 'is not a URL of host, port and path';
  }
  if (!isPlainHost(host))
    return 'has a host that is written in an unusual form; use its plain form';
  if (scheme === 'http' && !terms.allowHttp && !isLoopbackHost(host)) {
    return 'is plain http beyond this machine; use https, or set allow_http_redirect: true';
  }
  return undefined;
}

/** Whether browsers see the host that is written: not `127.1`, `0x7f.1`, `%65x.com` or `ex_.com`. */
const isPlainHost = (host: string): boolean =>
  (host.startsWith('[') || /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?$/.test(host)) &&
  URL.canParse(`http://${host}`) &&
  new URL(`http://${host}`).hostname === host;

function findPrivateUseProblem(
  scheme: string,
  rest: string,
  terms: RedirectUriTerms,
): string | undefined {
  if (!scheme.includes('.') && /^\d{1,5}(?:[/?]|$)/.test(rest))
    return 'is a host and a port without a scheme; begin with http:// or https://';
  // Any other app may claim a short scheme; a domain of one's own can at least be argued about.
  if (!scheme.includes('.'))
    return 'has a private-use scheme without a dot; use a domain of yours in reverse, as com.example.app:/cb';
  if (terms.applicationType !== 'native')
    return 'has a private-use scheme; set application_type: native, or use https';
  if (!rest.startsWith('/') || /[[\]]/.test(rest)) return `has to begin with ${scheme}:/`;
  const authority = rest.startsWith('//') ? authorityOf(rest) : '';
  if (authority.includes('@')) return 'has user information in it; remove all up to the @';
  if (/[A-Z]/.test(authority)) return 'has capital letters in its host; write it small';
  // `com.example://:0` has a port and no host: no browser goes there.
  return URL.canParse(`${scheme}:${rest}`)
    ? undefined
    : 'is no URL for a browser; write as in com.example.app:/cb';
}

const authorityOf = (rest: string): string => /^\/\/([^/?]*)/.exec(rest)?.[1] ?? '';
