// What is asked of every server: the same requests, with what one row earns spent by the next.

import { randomUUID } from 'node:crypto';
import type { Load, Reply } from './load.ts';

export const CLIENT_ID = 'bench';
/** A client that gets no refresh tokens, where there are two clients or more. */
export const PLAIN_CLIENT_ID = `${CLIENT_ID}-1`;
export const CLIENT_SECRET = 'bench-secret-bench-secret-bench-secret';
export const REDIRECT_URI = 'https://rp.example/callback';
export const SCOPE = 'openid profile email offline_access';

/** Where a server has what; they do not agree on paths. */
export type Target = {
  readonly name: string;
  readonly port: number;
  /** As `Host` names it. */
  readonly host: string;
  readonly paths: {
    readonly discovery: string;
    readonly jwks: string;
    readonly authorize: string;
    readonly token: string;
    readonly userinfo: string;
    readonly introspection: string;
  };
  readonly clientId: string;
  /** How an authorization request says who the End-User is: header lines, each with its CRLF. */
  readonly identity: string;
  /** `Cookie` of browsers that have been here; a first visit adds its own. */
  readonly browsers: string[];
  /** A browser that comes for the first time gets a code at once, and not only a form. */
  readonly takesFirstVisits: boolean;
  /** A browser has to have signed in before it gets codes. */
  readonly asksToSignIn: boolean;
};

/** What a server has handed out and nobody has spent yet. */
export type Purse = {
  readonly codes: string[];
  readonly refreshTokens: string[];
  /** Access tokens that nobody has asked about. */
  readonly unseen: string[];
  /** Some that somebody has. */
  readonly seen: string[];
};

export const createPurse = (): Purse => ({ codes: [], refreshTokens: [], unseen: [], seen: [] });

/** In the order in which they are measured: each spends what those before it have earned. */
export const ROWS = [
  'discovery',
  'JWKS',
  'authorize, first visit',
  'authorize',
  'code exchange',
  'refresh',
  'client_credentials',
  'userinfo, token new',
  'userinfo',
  'introspection, token new',
  'introspection',
] as const;
export type Row = (typeof ROWS)[number];

const TOKENS: readonly Row[] = ['authorize', 'code exchange'];

/** What has to be asked first so that a row has something to ask. */
export const NEEDS: { readonly [row in Row]?: readonly Row[] } = {
  'code exchange': ['authorize'],
  refresh: TOKENS,
  'userinfo, token new': TOKENS,
  userinfo: [...TOKENS, 'userinfo, token new'],
  'introspection, token new': TOKENS,
  introspection: [...TOKENS, 'introspection, token new'],
};

/** A server that does not have a row is not asked. */
export const hasRow = (target: Target, row: Row): boolean =>
  row !== 'authorize, first visit' || target.takesFirstVisits;

export type Asking = Pick<Load, 'next' | 'accept'>;

const basic = (clientId: string): string =>
  `Authorization: Basic ${btoa(`${clientId}:${CLIENT_SECRET}`)}\r\n`;

const get = ({ host }: Target, path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;

function post({ host, clientId }: Target, path: string, form: Record<string, string>): string {
  const body = new URLSearchParams(form).toString();
  const type = 'Content-Type: application/x-www-form-urlencoded';
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${basic(clientId)}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

/** A round robin: every token is asked about many times, as resource servers do. */
function inTurn(texts: readonly string[]): () => string {
  let turn = 0;
  return () => {
    turn += 1;
    return texts[turn % texts.length] ?? '';
  };
}

const MOST_SEEN = 1_000;

/** Tokens that were never asked about; another row is left half of them. */
function unseen({ unseen: tokens, seen }: Purse): () => string | undefined {
  const left = Math.floor(tokens.length / 2);
  return () => {
    const token = tokens.length > left ? tokens.pop() : undefined;
    if (token !== undefined && seen.length < MOST_SEEN) seen.push(token);
    return token;
  };
}

const askAlways = (request: string): Asking => ({
  next: () => request,
  accept: ({ status }) => status === 200,
});

const askUserinfo = (target: Target, token: () => string | undefined): Asking => ({
  next: () => {
    const bearer = token();
    if (bearer === undefined) return undefined;
    return get(target, target.paths.userinfo, `Authorization: Bearer ${bearer}\r\n`);
  },
  accept: ({ status, body }) => status === 200 && body.includes('"sub"'),
});

const askIntrospection = (target: Target, token: () => string | undefined): Asking => ({
  next: () => {
    const known = token();
    if (known === undefined) return undefined;
    return post(target, target.paths.introspection, { token: known });
  },
  accept: ({ status, body }) => status === 200 && body.includes('"active":true'),
});

export const asking: { readonly [row in Row]: (target: Target, purse: Purse) => Asking } = {
  discovery: (target) => askAlways(get(target, target.paths.discovery)),
  JWKS: (target) => askAlways(get(target, target.paths.jwks)),
  'authorize, first visit': (target, purse) => ({
    next: () => get(target, authorizePath(target), target.identity),
    accept: (reply) => {
      keepBrowser(reply, target);
      return keepCode(reply, purse);
    },
  }),
  authorize: (target, purse) => {
    const browser = inTurn(target.browsers);
    const cookie = (): string => (target.browsers.length === 0 ? '' : `Cookie: ${browser()}\r\n`);
    return {
      next: () => get(target, authorizePath(target), target.identity + cookie()),
      accept: (reply) => keepCode(reply, purse),
    };
  },
  'code exchange': (target, purse) => ({
    next: () => {
      const code = purse.codes.pop();
      if (code === undefined) return undefined;
      const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
      return post(target, target.paths.token, form);
    },
    accept: (reply) => keepTokens(reply, purse),
  }),
  refresh: (target, purse) => ({
    next: () => {
      const token = purse.refreshTokens.pop();
      if (token === undefined) return undefined;
      const form = { grant_type: 'refresh_token', refresh_token: token };
      return post(target, target.paths.token, form);
    },
    accept: (reply) => keepTokens(reply, purse),
  }),
  client_credentials: (target) =>
    askAlways(post(target, target.paths.token, { grant_type: 'client_credentials' })),
  'userinfo, token new': (target, purse) => askUserinfo(target, unseen(purse)),
  userinfo: (target, purse) => askUserinfo(target, inTurn(purse.seen)),
  'introspection, token new': (target, purse) => askIntrospection(target, unseen(purse)),
  introspection: (target, purse) => askIntrospection(target, inTurn(purse.seen)),
};

const authorizePath = (target: Target): string =>
  `${target.paths.authorize}?response_type=code&client_id=${target.clientId}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}` +
  `&scope=${encodeURIComponent(SCOPE)}&state=state&nonce=${randomUUID()}`;

/** How many browsers take turns, so that the session of none grows without end. */
export const MOST_BROWSERS = 500;

function keepBrowser({ head }: Reply, { browsers }: Target): void {
  if (browsers.length >= MOST_BROWSERS) return;
  const cookie = /\r\nset-cookie: *([^;\r]+)/i.exec(head)?.[1];
  if (cookie !== undefined) browsers.push(cookie);
}

function keepCode({ status, head }: Reply, { codes }: Purse): boolean {
  const code = /[?&]code=([^&\s]+)/.exec(head)?.[1];
  if ((status !== 302 && status !== 303) || code === undefined) return false;
  codes.push(decodeURIComponent(code));
  return true;
}

function keepTokens({ status, body }: Reply, purse: Purse): boolean {
  const refreshToken = /"refresh_token":"([^"]+)"/.exec(body)?.[1];
  const accessToken = /"access_token":"([^"]+)"/.exec(body)?.[1];
  if (status !== 200 || accessToken === undefined) return false;
  // To the front: a connection takes from the end, and never waits for what it has just put there.
  if (refreshToken !== undefined) purse.refreshTokens.unshift(refreshToken);
  purse.unseen.push(accessToken);
  return true;
}
