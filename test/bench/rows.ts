// What is asked of every server: the same requests, with what one row earns spent by the next.

import { randomUUID } from 'node:crypto';
import type { Load, Reply } from './load.ts';

export const CLIENT_ID = 'bench';
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
    readonly authorize: string;
    readonly token: string;
    readonly userinfo: string;
    readonly introspection: string;
  };
  /** How an authorization request says who the End-User is: header lines, each with its CRLF. */
  readonly identity: string;
};

/** What a server has handed out and nobody has spent yet. */
export type Purse = {
  readonly codes: string[];
  readonly refreshTokens: string[];
  readonly accessTokens: string[];
};

export const ROWS = [
  'discovery',
  'authorize',
  'code exchange',
  'refresh',
  'client_credentials',
  'userinfo',
  'introspection',
] as const;
export type Row = (typeof ROWS)[number];

const BASIC = `Authorization: Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}\r\n`;

const get = ({ host }: Target, path: string, headers = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`;

function post({ host }: Target, path: string, form: Record<string, string>): string {
  const body = new URLSearchParams(form).toString();
  const type = 'Content-Type: application/x-www-form-urlencoded';
  return `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${BASIC}${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

type Asking = Pick<Load, 'next' | 'accept'>;

/** A round robin: every token is asked about many times, as resource servers do. */
function inTurn(tokens: readonly string[]): () => string {
  let turn = 0;
  return () => {
    turn += 1;
    return tokens[turn % tokens.length] ?? '';
  };
}

export const asking: { readonly [row in Row]: (target: Target, purse: Purse) => Asking } = {
  discovery: (target) => {
    const request = get(target, target.paths.discovery);
    return { next: () => request, accept: ({ status }) => status === 200 };
  },
  authorize: (target, purse) => ({
    next: () => get(target, authorizePath(target), target.identity),
    accept: ({ status, head }) => {
      const code = /[?&]code=([^&\s]+)/.exec(head)?.[1];
      if (status !== 303 || code === undefined) return false;
      purse.codes.push(decodeURIComponent(code));
      return true;
    },
  }),
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
      return post(target, target.paths.token, {
        grant_type: 'refresh_token',
        refresh_token: token,
      });
    },
    accept: (reply) => keepTokens(reply, purse),
  }),
  client_credentials: (target) => {
    const request = post(target, target.paths.token, { grant_type: 'client_credentials' });
    return { next: () => request, accept: ({ status }) => status === 200 };
  },
  userinfo: (target, purse) => {
    const token = inTurn(purse.accessTokens);
    return {
      next: () => get(target, target.paths.userinfo, `Authorization: Bearer ${token()}\r\n`),
      accept: ({ status, body }) => status === 200 && body.includes('"sub"'),
    };
  },
  introspection: (target, purse) => {
    const token = inTurn(purse.accessTokens);
    return {
      next: () => post(target, target.paths.introspection, { token: token() }),
      accept: ({ status, body }) => status === 200 && body.includes('"active":true'),
    };
  },
};

const authorizePath = (target: Target): string =>
  `${target.paths.authorize}?response_type=code&client_id=${CLIENT_ID}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}` +
  `&scope=${encodeURIComponent(SCOPE)}&state=state&nonce=${randomUUID()}`;

const MOST_ACCESS_TOKENS = 1_000;

function keepTokens({ status, body }: Reply, purse: Purse): boolean {
  const refreshToken = /"refresh_token":"([^"]+)"/.exec(body)?.[1];
  const accessToken = /"access_token":"([^"]+)"/.exec(body)?.[1];
  if (status !== 200 || refreshToken === undefined || accessToken === undefined) return false;
  // To the front: a connection takes from the end, and never waits for what it has just put there.
  purse.refreshTokens.unshift(refreshToken);
  if (purse.accessTokens.length < MOST_ACCESS_TOKENS) purse.accessTokens.push(accessToken);
  return true;
}
