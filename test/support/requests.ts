import type { Page, ProtocolRequest, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { type Client, isPublic } from '../../internal/protocol/client.ts';
import { OAuthError } from '../../internal/protocol/errors.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { parseParams } from '../../internal/protocol/params.ts';
import { secretOf } from './clients.ts';

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;
type Headers = Readonly<Record<string, string>>;

/** What a client presents of itself: in the form, in a header, or nothing at all. */
export type Credentials = { readonly form: Query; readonly headers: Headers };

export const NO_CREDENTIALS: Credentials = { form: {}, headers: {} };

export const withHeader = (authorization: string, form: Query = {}): Credentials => ({
  form,
  headers: { authorization },
});

export const withForm = (form: Query): Credentials => ({ form, headers: {} });

export const basic = (clientId: string, secret = secretOf(clientId)): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/** The right credentials of a client, in the way it is registered for. */
export function credentialsOf(client: Client): Credentials {
  const { clientId } = client;
  if (isPublic(client)) return withForm({ client_id: clientId });
  return client.tokenEndpointAuthMethod === 'client_secret_post'
    ? withForm({ client_id: clientId, client_secret: secretOf(clientId) })
    : withHeader(basic(clientId));
}

export const identify = (subject: string, more: Partial<Identity> = {}): Identity => ({
  subject: toSubject(subject),
  claims: {},
  ...more,
});

let requests = 0;

export const makeRequest = (different: Partial<ProtocolRequest>): ProtocolRequest => ({
  method: 'POST',
  params: new Map(),
  headers: {},
  repeatedHeaders: [],
  identity: undefined,
  session: undefined,
  requestId: `request-${requests++}`,
  ...different,
});

/** The text that a browser or a client would send. */
export const encodeQuery = (query: Query): string =>
  Object.entries(query)
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&');

export const toParams = (query: Query) => parseParams(encodeQuery(query));

/** The response, and its JSON, page or redirect parameters, whichever it has. */
export type Answer = {
  readonly response: ProtocolResponse;
  readonly status: number;
  readonly json: Record<string, unknown>;
  readonly headers: Headers;
  readonly page: Page | undefined;
  readonly location: string | undefined;
  readonly params: URLSearchParams;
};

/** Refusals that an endpoint throws are what http/ would answer; `reason` is for tests alone. */
export async function settle(promise: Promise<ProtocolResponse>): Promise<Answer> {
  try {
    return describeResponse(await promise);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const body = { error: error.code, error_description: error.description, reason: error.reason };
    const { headers, status } = error;
    return describeResponse({ kind: 'json', status, body, headers });
  }
}

function describeResponse(response: ProtocolResponse): Answer {
  const location = response.kind === 'redirect' ? response.location : undefined;
  const [, query = ''] = location?.split(/[?#](.*)/s) ?? [];
  const fields = response.kind === 'form_post' ? response.fields : {};
  return {
    response,
    status: 'status' in response ? response.status : response.kind === 'redirect' ? 303 : 200,
    json: response.kind === 'json' ? JSON.parse(JSON.stringify(response.body)) : {},
    headers: response.kind === 'json' ? (response.headers ?? {}) : {},
    page: response.kind === 'page' ? response.page : undefined,
    location,
    params: new URLSearchParams(location === undefined ? fields : query),
  };
}

/**
 * Where an authorization response went and with which parameters. The text of an error is left out:
 * it is for people, and one test looks at all of them.
 */
export function sentTo({ location, params, response }: Answer): Query {
  const to = response.kind === 'form_post' ? response.action : location?.split(/[?#]/)[0];
  const { error_description: _, ...fields } = Object.fromEntries(params);
  return { to, ...fields };
}
