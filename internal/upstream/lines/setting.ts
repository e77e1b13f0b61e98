// What the lines of a proxy are made from: the options as they are resolved, so that the two sides
// cannot drift apart. Names of headers, listeners, paths and the issuer come from nowhere else.

import type { AssertionOptions, UpstreamOptions } from '../options.ts';

/** Where Asteroid listens. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly tls: boolean };

/** Who answers a proxy's question whose request this is. */
export type AuthService = {
  readonly name: string;
  /** Where it listens, as the proxy reaches it: `http://127.0.0.1:4180`. */
  readonly address: string;
  /** Attribute → header of its answer. */
  readonly answers: { readonly [attribute: string]: string };
  /** Path of its own pages at the issuer's host, with a slash at both ends; absent: it has a host. */
  readonly pages?: string;
  /** What a proxy asks that hands its redirects on to the browser. */
  readonly forward: { readonly [Proxy in 'traefik' | 'caddy' | 'envoy']: string };
  /** What Caddy may ask to be told 401 instead of a redirect. */
  readonly plainNo?: string;
  /** What nginx asks, which understands no redirect, and what it does where Asteroid has no login_url. */
  readonly nginx: {
    readonly check: string;
    readonly headers: readonly string[];
    readonly signIn: readonly string[];
    readonly locations: readonly string[];
  };
  /** How it has to be run. */
  readonly needs: (host: string) => readonly string[];
};

/** A header that Asteroid reads. */
export type IdentityHeader = {
  /** What it carries: `subject`, a claim name, or `assertion`. */
  readonly attribute: string;
  readonly name: string;
  /** The header of the auth service's answer; undefined where it says nothing of the kind. */
  readonly from: string | undefined;
};

export type Setting = {
  readonly preset: string;
  readonly issuer: string;
  /** `https://sso.example.com`, without the path of the issuer. */
  readonly origin: string;
  /** As in a Host header. */
  readonly host: string;
  readonly isHttps: boolean;
  readonly port: number;
  /** The paths that read an identity, the issuer's own path included; compared byte for byte. */
  readonly browserPaths: readonly string[];
  /** One regular expression for exactly these. */
  readonly browserPattern: string;
  /** Those of them that end a session: whoever is nobody comes through, or signing out would begin with signing in. */
  readonly signOutPaths: readonly string[];
  /** The others, which are of no use to nobody. */
  readonly signInPaths: readonly string[];
  /** The paths that clients call themselves. */
  readonly openPaths: readonly string[];
  /** Where clients register themselves, and below which each has its own path; none where that is off. */
  readonly registrationPaths: readonly string[];
  /** The paths that proxies of resource servers ask, none where that is off: nothing for strangers. */
  readonly checkPaths: readonly string[];
  readonly open: Address;
  /** The same as `open` unless `listen.browser` is set. */
  readonly browser: Address;
  readonly isSplit: boolean;
  readonly identity: readonly IdentityHeader[];
  /** Everything that a client must never send; not `Authorization`, which clients need at /token. */
  readonly scrubbed: readonly string[];
  readonly secretHeader: string | undefined;
  readonly secretFile: string;
  /** The proxy has to show a certificate. */
  readonly isMutual: boolean;
  readonly auth: AuthService | undefined;
  /**
   * Asteroid sends people to sign in by itself. Then a proxy that can hands it requests of nobody, so
   * that `prompt=none` is answered to the client and not by a page.
   */
  readonly signsIn: boolean;
  readonly assertion: AssertionOptions | undefined;
  readonly options: UpstreamOptions;
};

export type Lines =
  | { readonly kind: 'lines'; readonly text: string }
  | { readonly kind: 'impossible'; readonly problem: string };

export type Generator = (setting: Setting) => Lines;

export const toLines = (lines: readonly string[]): Lines => ({
  kind: 'lines',
  text: `${lines.join('\n')}\n`,
});

export const impossible = (problem: string): Lines => ({ kind: 'impossible', problem });

/** One regular expression for exactly these paths. */
export const patternOf = (paths: readonly string[]): string =>
  `^(?:${paths.map(escapePattern).join('|')})$`;

/** The text itself, inside of a regular expression. */
export const escapePattern = (text: string): string => text.replace(/[.+*?()[\]{}|^$\\]/g, '\\$&');

/** The Host headers of the issuer: with the usual port written out as well, as some clients do. */
export const hostPattern = ({ host, isHttps }: Pick<Setting, 'host' | 'isHttps'>): string =>
  `^${escapePattern(host)}${/:\d+$/.test(host) ? '' : `(?::${isHttps ? 443 : 80})?`}$`;

/** As most proxies write it. */
export const addressOf = (address: Address): string =>
  address.kind === 'unix'
    ? `unix:${address.path}`
    : `${address.tls ? 'https' : 'http'}://${hostPort(address)}`;

/** `127.0.0.1:8880`, `[::1]:8880`; an address for everybody is reached on this machine. */
export function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

export const indent = (lines: readonly string[], by: number): readonly string[] =>
  lines.map((line) => (line === '' ? '' : `${' '.repeat(by)}${line}`));
