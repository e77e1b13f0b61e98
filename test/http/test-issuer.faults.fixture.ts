// A browser and a client of a few lines each, which check nothing: what a faulty issuer sends is looked at
// as it is.

import { hash, randomBytes } from 'node:crypto';
import type { Metadata, TestIssuer } from '../../internal/testissuer/api.ts';

export const CALLBACK = 'http://localhost:3000/callback';
export const SECRET = 'a secret that is long enough for anybody';

export const client = (client_id: string, more: Metadata = {}): Metadata => ({
  client_id,
  client_secret: SECRET,
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  ...more,
});

export const USERS = [{ sub: 'alice' }, { sub: 'bob' }];

type Fields = Readonly<Record<string, string>>;

export const claimsOf = (jwt: string): Record<string, unknown> => decode(jwt, 1);
export const headerOf = (jwt: string): Record<string, unknown> => decode(jwt, 0);

const decode = (jwt: string, part: number) =>
  JSON.parse(Buffer.from(jwt.split('.')[part] ?? '', 'base64url').toString());

export const post = (
  { url }: TestIssuer,
  path: string,
  form: Fields,
  clientId = 'web',
  secret = SECRET,
): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { authorization: `Basic ${btoa(`${clientId}:${encodeURIComponent(secret)}`)}` },
    body: new URLSearchParams(form),
  });

export const verifier = () => randomBytes(32).toString('base64url');
export const challengeOf = (text: string) => hash('sha256', text, 'base64url');

export const authorizeUrl = ({ url }: TestIssuer, fields: Fields = {}): URL => {
  const target = new URL(`${url}/authorize`);
  target.search = new URLSearchParams({
    ...{ client_id: 'web', response_type: 'code', redirect_uri: CALLBACK, scope: 'openid' },
    ...{ state: 'a-state', nonce: `honest-${verifier()}` },
    ...fields,
  }).toString();
  return target;
};

export const browse = (
  url: URL | string,
  user: string,
  init: RequestInit = {},
): Promise<Response> =>
  fetch(url, {
    redirect: 'manual',
    ...init,
    headers: { ...(user === '' ? {} : { 'X-Authenticated-User': user }), ...init.headers },
  });

/** Allows what a consent page asks for. */
export const allowOn = ({ url }: TestIssuer, page: string, user: string): Promise<Response> =>
  browse(`${url}/consent`, user, {
    method: 'POST',
    headers: { origin: new URL(url).origin },
    body: new URLSearchParams({
      handle: /name="handle" value="([^"]+)"/.exec(page)?.[1] ?? '',
      decision: 'allow',
    }),
  });

/** The parameters that the browser brings back, wherever in the URL they are. */
export const broughtBack = (response: Response): URLSearchParams =>
  new URLSearchParams(response.headers.get('location')?.split(/[?#](.*)/s)[1] ?? '');

export const authorize = async (
  issuer: TestIssuer,
  fields: Fields = {},
  user = 'alice',
): Promise<URLSearchParams> => broughtBack(await browse(authorizeUrl(issuer, fields), user));

export const redeem = (
  issuer: TestIssuer,
  code: string | null,
  clientId = 'web',
  fields: Fields = {},
): Promise<Response> => {
  const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, ...fields };
  return post(issuer, '/token', { ...form, code: code ?? 'none' }, clientId);
};

export type Tokens = {
  readonly id_token: string;
  readonly access_token: string;
  readonly refresh_token: string;
};

export async function signIn(
  issuer: TestIssuer,
  clientId = 'web',
  user = 'alice',
  fields: Fields = {},
): Promise<Tokens> {
  const params = await authorize(issuer, { client_id: clientId, ...fields }, user);
  const response = await redeem(issuer, params.get('code'), clientId);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Tokens;
}

export const refresh = (issuer: TestIssuer, token: string, clientId = 'web'): Promise<Response> =>
  post(issuer, '/token', { grant_type: 'refresh_token', refresh_token: token }, clientId);

export const userinfo = ({ url }: TestIssuer, token: string): Promise<Response> =>
  fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

/** Any of our answers in JSON. */
type Body = Tokens & {
  readonly error: string;
  readonly keys: readonly { readonly kid: string }[];
  readonly request_uri: string;
  readonly expires_in: number;
};

export const bodyOf = async (response: Response): Promise<Body> => (await response.json()) as Body;

export const errorOf = async (response: Response): Promise<string> =>
  (await bodyOf(response)).error;
