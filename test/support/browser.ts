import type { Page, ProtocolRequest, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { AUTHORIZE, type TestIssuer } from './issuer.ts';
import { type Answer, identify, makeRequest, type Query, settle, toParams } from './requests.ts';

/** A browser behind the proxy: it keeps its cookie, and the proxy says who sits at it. */
export type TestBrowser = {
  /** Whom the proxy names; nobody when undefined. */
  identity: Identity | undefined;
  /** The session cookie. */
  session: string | undefined;
  authorize(query?: Query): Promise<Answer>;
  /** The sign-in at `conf`, or at whoever the query says. */
  signIn(query?: Query): Promise<SignedIn>;
  /** A GET of /review, or a POST with this form. */
  review(query?: Query, form?: Query): Promise<Answer>;
  endSession(query?: Query, more?: Partial<ProtocolRequest>): Promise<Answer>;
  answerPage(page: Page | undefined, decision?: string): Promise<Answer>;
  signedOut(query?: Query): Promise<Answer>;
  /** What a silent request comes to: an error code, or `signed in`. */
  silently(query?: Query): Promise<string>;
};

export type SignedIn = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
};

export function openBrowser(
  test: TestIssuer,
  identity: Identity | undefined = identify('alice'),
): TestBrowser {
  const { issuer } = test;
  const send = async (
    endpoint: (request: ProtocolRequest) => Promise<ProtocolResponse>,
    query: Query,
    more: Partial<ProtocolRequest> = {},
  ): Promise<Answer> => {
    const params = toParams(query);
    const { identity: who, session } = browser;
    const answer = await settle(endpoint(makeRequest({ params, identity: who, session, ...more })));
    if ('session' in answer.response) browser.session = answer.response.session?.value;
    return answer;
  };
  const browser: TestBrowser = {
    identity,
    session: undefined,
    authorize: (query = {}) =>
      send(issuer.authorize, { ...AUTHORIZE, ...query }, { method: 'GET' }),
    async signIn(query = {}) {
      const { params } = await browser.authorize(query);
      const code = params.get('code') ?? 'no code';
      const client = String(query['client_id'] ?? 'conf');
      const form = { redirect_uri: query['redirect_uri'] ?? AUTHORIZE['redirect_uri'] };
      const { json, status } = await test.redeem(code, form, client);
      if (status !== 200) throw new Error(`no tokens: ${params} ${JSON.stringify(json)}`);
      return json as SignedIn;
    },
    review: (query = {}, form = undefined) =>
      form === undefined
        ? send(issuer.review, query, { method: 'GET' })
        : send(issuer.review, form),
    endSession: (query = {}, more = {}) =>
      send(issuer.endSession, query, { method: 'GET', ...more }),
    answerPage(page, decision = 'sign_out') {
      if (page?.kind !== 'sign_out') throw new Error(`no page that asks: ${page?.kind}`);
      return send(issuer.signOut, { handle: page.handle, decision });
    },
    signedOut: (query = {}) =>
      send(issuer.signedOut, query, { method: 'GET', identity: undefined, session: undefined }),
    async silently(query = {}) {
      const { params } = await browser.authorize({ prompt: 'none', ...query });
      return params.has('code') ? 'signed in' : (params.get('error') ?? 'no answer');
    },
  };
  return browser;
}
