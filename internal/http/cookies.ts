// Cookies: their names, their flags, and how one is read out of what a browser sends. What they hold is
// sealed. There is one, the session, and it is nobody's proof of anything.

import { hash } from 'node:crypto';
import type { SessionChange } from '../oidc/endpoint.ts';

export type SealedCookie = {
  /** Undefined also when it was sent twice, or is nothing that we could have set. */
  read(header: string | undefined): string | undefined;
  /** A `Set-Cookie` value. */
  print(change: SessionChange): string;
};

export const MAX_CHARS = 4096;
const SEALED = /^[A-Za-z0-9_-]+$/;

export const createSessionCookie = (issuerUrl: string): SealedCookie =>
  createSealedCookie('asteroid-session', issuerUrl);

/** Browsers keep `__Host-` cookies from other hosts of the domain and from plain http. */
export function createSealedCookie(base: string, issuerUrl: string): SealedCookie {
  const isSecure = new URL(issuerUrl).protocol === 'https:';
  const name = `${isSecure ? '__Host-' : ''}${base}${suffixOf(issuerUrl)}`;
  // Clients send browsers here from their own sites, by forms and in frames as well; where there is no
  // https, browsers take nothing but Lax.
  const flags = isSecure
    ? 'Path=/; Secure; HttpOnly; SameSite=None'
    : 'Path=/; HttpOnly; SameSite=Lax';
  return {
    read: (header) => (header === undefined ? undefined : findOnly(header, name)),
    print({ value, maxAge }) {
      if (!SEALED.test(value) || value.length > MAX_CHARS) {
        throw new Error('this is not what a cookie can hold');
      }
      return `${name}=${value}; Max-Age=${maxAge}; ${flags}`;
    },
  };
}

// Cookies know hosts, but neither ports nor, with this prefix, paths: issuers that share a host would
// overwrite each other's.
function suffixOf(issuerUrl: string): string {
  const { pathname, port } = new URL(issuerUrl);
  if (port === '' && pathname === '/') return '';
  return `-${hash('sha256', issuerUrl, 'base64url').slice(0, 8)}`;
}

/** Undefined where it came twice: somebody planted a second one, and who could tell which? */
export function findOnly(header: string, name: string): string | undefined {
  const start = `${name}=`;
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(start));
  const [only, ...more] = found;
  if (only === undefined || more.length > 0) return undefined;
  const value = only.slice(start.length);
  return value.length <= MAX_CHARS && SEALED.test(value) ? value : undefined;
}
