// What a relying party sends, honest unless told what to change. Only what is on the wire decides whether
// something was accepted.

import { createHash, randomUUID } from 'node:crypto';
import http from 'node:http';
import { CALLBACK, type Compared, SECRET, USER } from './issuers.ts';

/** Parameters in place of the usual ones; without those that are undefined. */
export type Changes = Readonly<Record<string, string | undefined>>;

export type Reply = {
  readonly accepted: boolean;
  /** Members of the JSON, or parameters of the redirect. */
  readonly said: Readonly<Record<string, string>>;
};

export const VERIFIER = 'a-code-verifier-of-more-than-43-characters-0001';
const s256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

const settle = (parameters: Changes): URLSearchParams =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );

/** Follows no redirect; whoever stands before the issuer says that its one End-User is signed in. */
async function send(url: string, init: RequestInit = {}): Promise<Reply> {
  const headers = { 'X-Authenticated-User': USER, ...init.headers };
  const response = await fetch(url, { redirect: 'manual', ...init, headers });
  const location = response.headers.get('location');
  if (location !== null) {
    const parameters = new URL(location, url).searchParams;
    return { accepted: !parameters.has('error'), said: Object.fromEntries(parameters) };
  }
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { accepted: response.ok, said: isJson ? JSON.parse(text) : {} };
}

/** An authorization request; accepted when it is answered with a code. */
export async function authorize(
  { metadata }: Compared,
  changes: Changes = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const query = settle({
    client_id: 'app',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid profile offline_access',
    state: 'state',
    nonce: randomUUID(),
    code_challenge: s256(VERIFIER),
    code_challenge_method: 'S256',
    ...changes,
  });
  const reply = await send(`${metadata.authorization_endpoint}?${query}`, { headers });
  return { ...reply, accepted: reply.said['code'] !== undefined };
}

const basic = (client: string, secret: string): string =>
  `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`;

/** How a client proves itself. */
export type Caller = { readonly client?: string; readonly secret?: string } | 'nobody';

const headersOf = (caller: Caller): Record<string, string> =>
  caller === 'nobody'
    ? {}
    : { Authorization: basic(caller.client ?? 'app', caller.secret ?? SECRET) };

/** A form to an endpoint of the back channel. */
const post = (url: string, form: Changes, caller: Caller = {}): Promise<Reply> =>
  send(url, { method: 'POST', headers: headersOf(caller), body: settle(form) });

export const requestToken = (
  { metadata }: Compared,
  form: Changes,
  caller: Caller = {},
): Promise<Reply> => post(metadata.token_endpoint, form, caller);

/** The form that redeems a fresh code. */
export async function codeForm(issuer: Compared, request: Changes = {}): Promise<Changes> {
  const { said } = await authorize(issuer, request);
  return {
    grant_type: 'authorization_code',
    code: said['code'],
    redirect_uri: CALLBACK,
    code_verifier: VERIFIER,
  };
}

/** Redeems a fresh code. */
export const redeem = async (
  issuer: Compared,
  changes: Changes = {},
  caller: Caller = {},
): Promise<Reply> => requestToken(issuer, { ...(await codeForm(issuer)), ...changes }, caller);

/** All tokens of a fresh sign-in. */
export const signIn = async (issuer: Compared): Promise<Reply['said']> =>
  (await redeem(issuer)).said;

export const refresh = (
  issuer: Compared,
  token: string | undefined,
  changes: Changes = {},
  caller: Caller = {},
): Promise<Reply> =>
  requestToken(issuer, { grant_type: 'refresh_token', refresh_token: token, ...changes }, caller);

export const askUserinfo = ({ metadata }: Compared, token: string | undefined): Promise<Reply> =>
  send(metadata.userinfo_endpoint, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });

/** Accepted when the token is said to be active. */
export async function introspect(
  { metadata }: Compared,
  token: string | undefined,
  caller: Caller = {},
): Promise<Reply> {
  const reply = await post(metadata.introspection_endpoint, { token }, caller);
  return { ...reply, accepted: reply.accepted && String(reply.said['active']) === 'true' };
}

export const revoke = (
  { metadata }: Compared,
  token: string | undefined,
  caller: Caller = {},
): Promise<Reply> => post(metadata.revocation_endpoint, { token }, caller);

/** In a browser where nobody is signed in any more; accepted when it is sent where the client said. */
export async function signOut({ metadata }: Compared, changes: Changes): Promise<Reply> {
  const wanted = changes['post_logout_redirect_uri'] ?? '';
  const response = await fetch(`${metadata.end_session_endpoint}?${settle(changes)}`, {
    redirect: 'manual',
  });
  const location = response.headers.get('location') ?? '';
  return { accepted: location.startsWith(wanted), said: {} };
}

/** The same body in whatever form, e.g. as JSON or below no media type at all. */
export const postRaw = (
  { metadata }: Compared,
  body: string,
  type: string | undefined,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const headers = {
      ...headersOf({}),
      'Content-Length': Buffer.byteLength(body),
      ...(type === undefined ? {} : { 'Content-Type': type }),
    };
    http
      .request(metadata.token_endpoint, { method: 'POST', headers }, (answer) => {
        answer.resume().on('end', () => resolve({ accepted: answer.statusCode === 200, said: {} }));
      })
      .on('error', reject)
      .end(body);
  });

/** Discovery, asked for by a name that the issuer does not have (DNS rebinding). */
export const askByName = ({ url }: Compared, name: string): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const target = `${url}/.well-known/openid-configuration`;
    http
      .get(target, { headers: { Host: name } }, (answer) => {
        answer.resume().on('end', () => resolve({ accepted: answer.statusCode === 200, said: {} }));
      })
      .on('error', reject);
  });
