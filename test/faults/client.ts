// What an honest client and a browser can ask for, each request one line of the history.

import { judge, locationOf, parseJson } from './answers.ts';
import { AFTER, CLIENT_SECRET, HOST, REDIRECT_URI, UPSTREAM_SECRET } from './clients.ts';
import type { History } from './history.ts';
import type { Issuer } from './issuers.ts';
import { type Given, type Kind, nameOf, type Operation, type Outcome } from './operation.ts';
import { type Answer, ask, type Silence } from './requests.ts';

export type Tokens = {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
};

export type Result<Value> = { readonly outcome: Outcome; readonly value: Value | undefined };

/** What a request is about, for the history. */
type About = { readonly about: readonly string[]; readonly presented?: string };

type Parts = {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
};

export type Browser = { cookie: string | undefined };

export type Client = ReturnType<typeof createClient>;

const now = (): number => performance.now();

const basic = (clientId: string): string => `Basic ${btoa(`${clientId}:${CLIENT_SECRET}`)}`;

const IDENTITY = {
  'x-asteroid-upstream-secret': UPSTREAM_SECRET,
  'x-authenticated-user': 'alice',
};

async function send(port: number, { method, path, headers = {}, form }: Parts) {
  const body = form === undefined ? undefined : new URLSearchParams(form).toString();
  return ask({
    port,
    method: method ?? (form === undefined ? 'GET' : 'POST'),
    path,
    headers: {
      host: HOST,
      ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

const tokensOf = (answer: Answer): Tokens | undefined => {
  const json = parseJson(answer);
  const text = (name: string): string => String(json?.[name] ?? '');
  return {
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
  };
};

const givenOf = ({ accessToken, refreshToken }: Tokens): Given => ({
  accessToken: nameOf(accessToken),
  refreshToken: nameOf(refreshToken),
});

/** @param choose the issuer that a balancer would send the next request to. */
export function createClient(history: () => History, choose: () => Issuer) {
  async function record<Value>(
    kind: Kind,
    { about, presented }: About,
    parts: Parts,
    read: (answer: Answer) => { readonly value: Value; readonly given?: Given } | undefined,
    issuer = choose(),
  ): Promise<Result<Value>> {
    const isAdmin = kind === 'readyz' || kind === 'livez';
    const log = history();
    const startedAt = now();
    const answer: Answer | Silence = await send(isAdmin ? issuer.admin : issuer.port, parts);
    const endedAt = now();
    const { outcome, said } = judge(kind, answer);
    const got = outcome === 'ok' && !('why' in answer) ? read(answer) : undefined;
    const operation: Operation = {
      ...{ kind, issuer: issuer.name, startedAt, endedAt, outcome, said, about },
      ...(presented === undefined ? {} : { presented }),
      ...(got?.given === undefined ? {} : { given: got.given }),
    };
    log.record(operation);
    return { outcome, value: got?.value };
  }

  const post = (clientId: string, path: string, form: Readonly<Record<string, string>>): Parts => ({
    path,
    form,
    headers: { authorization: basic(clientId) },
  });

  const nothing = () => ({ value: true });

  return {
    authorize: (signIn: string, clientId: string, browser: Browser) =>
      record('authorize', { about: [signIn] }, authorization(clientId, browser), (answer) => {
        const code = locationOf(answer)?.searchParams.get('code') ?? '';
        browser.cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? browser.cookie;
        return { value: code, given: { code: nameOf(code) } };
      }),

    redeem: (signIn: string, clientId: string, code: string, issuer?: Issuer) =>
      record(
        'redeem',
        { about: [signIn], presented: nameOf(code) },
        post(clientId, '/token', {
          grant_type: 'authorization_code',
          code,
          redirect_uri: REDIRECT_URI,
        }),
        toTokens,
        issuer,
      ),

    refresh: (signIn: string, clientId: string, refreshToken: string, issuer?: Issuer) =>
      record(
        'refresh',
        { about: [signIn], presented: nameOf(refreshToken) },
        post(clientId, '/token', { grant_type: 'refresh_token', refresh_token: refreshToken }),
        toTokens,
        issuer,
      ),

    introspect: (signIn: string, clientId: string, token: string, issuer?: Issuer) =>
      record(
        'introspect',
        { about: [signIn], presented: nameOf(token) },
        post(clientId, '/introspect', { token }),
        nothing,
        issuer,
      ),

    userinfo: (signIn: string, accessToken: string) =>
      record(
        'userinfo',
        { about: [signIn], presented: nameOf(accessToken) },
        { path: '/userinfo', headers: { authorization: `Bearer ${accessToken}` } },
        nothing,
      ),

    revoke: (signIn: string, clientId: string, token: string) =>
      record(
        'revoke',
        { about: [signIn], presented: nameOf(token) },
        post(clientId, '/revoke', { token }),
        nothing,
      ),

    endSession: (signIns: readonly string[], idToken: string, browser: Browser) =>
      record('end_session', { about: signIns }, leaving(idToken, browser), nothing),

    look: (kind: 'readyz' | 'livez' | 'discovery' | 'jwks', issuer: Issuer) =>
      record(kind, { about: [] }, { path: PATHS[kind] }, (answer) => ({ value: answer }), issuer),
  };
}

const PATHS = {
  readyz: '/readyz',
  livez: '/livez',
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks.json',
} as const;

const toTokens = (answer: Answer) => {
  const value = tokensOf(answer);
  return value && { value, given: givenOf(value) };
};

const withCookie = ({ cookie }: Browser): Readonly<Record<string, string>> =>
  cookie === undefined ? IDENTITY : { ...IDENTITY, cookie };

function authorization(clientId: string, browser: Browser): Parts {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile',
    state: 'a state',
    nonce: crypto.randomUUID(),
  });
  return { path: `/authorize?${query}`, headers: withCookie(browser) };
}

function leaving(idToken: string, browser: Browser): Parts {
  const query = new URLSearchParams({ id_token_hint: idToken, post_logout_redirect_uri: AFTER });
  return { path: `/end_session?${query}`, headers: withCookie(browser) };
}
