// Who a request is about, and what went before it in its flow: a code, a page, a way back or a token leads
// back to the authorization request. Nothing here decides anything; it is read by faults that are for one client, for
// one End-User, or about what was said earlier.

import { LOGIN_ATTEMPT, RESUME } from '../../oidc/authorize/way-back.ts';
import { readCredentials } from '../../oidc/clientauth/credentials.ts';
import type { ProtocolRequest, ProtocolResponse } from '../../oidc/endpoint.ts';
import { isMembers, parseJwt } from '../../protocol/jwt.ts';
import { type Params, parseParams } from '../../protocol/params.ts';
import type { StepName } from '../api.ts';
import { codeOf } from './authorization-response.ts';

/** One authorization, from its request on. */
export type Flow = {
  client: string | undefined;
  user: string | undefined;
  /** What the authorization request said. */
  redirectUri: string | undefined;
  /** The verifier that fits the challenge which stands in for that of the client. */
  verifier: string | undefined;
  /** What came of the code; undefined while nothing has. */
  redeemed: Redeemed | undefined;
  /** Refresh token → the one that came after it. */
  readonly successors: Map<string, string>;
};

type Redeemed = {
  readonly client: string | undefined;
  readonly request: ProtocolRequest;
  readonly response: ProtocolResponse;
};

export type Flows = {
  find(step: StepName, request: ProtocolRequest): Found;
  /** What the answer hands out leads back to the flow. */
  learn(flow: Flow, exchange: Exchange, response: ProtocolResponse): void;
};

type Exchange = {
  readonly step: StepName;
  readonly client: string | undefined;
  readonly request: ProtocolRequest;
  /** What the domain was asked instead. */
  readonly sent: ProtocolRequest;
};

type Found = {
  /** That to which the request belongs; a new one where it belongs to none that is known. */
  readonly flow: Flow;
  /** Who asks: not always whose flow it is. */
  readonly client: string | undefined;
  readonly user: string | undefined;
};

/** Of the oldest flows nobody asks any more. */
const MOST = 10_000;

const begin = (): Flow => ({
  client: undefined,
  user: undefined,
  redirectUri: undefined,
  verifier: undefined,
  redeemed: undefined,
  successors: new Map(),
});

export function createFlows(): Flows {
  const known = new Map<string, Flow>();
  const remember = (handle: string | undefined, flow: Flow): void => {
    if (handle === undefined) return;
    known.set(handle, flow);
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  };
  return {
    find(step, request) {
      const handle = handleOf(step, request);
      const flow = (handle === undefined ? undefined : known.get(handle)) ?? begin();
      const client = clientOf(step, request, handle) ?? flow.client;
      flow.client ??= client;
      flow.user = userOf(step, request) ?? flow.user ?? text(claimsOf(handle)['sub']);
      if (AUTHORIZING.has(step)) flow.redirectUri ??= one(request.params, 'redirect_uri');
      return { flow, client, user: flow.user };
    },
    learn(flow, exchange, response) {
      for (const handle of handedOut(response)) remember(handle, flow);
      if (exchange.step === 'token') learnTokens(flow, exchange, response);
    },
  };
}

const AUTHORIZING: ReadonlySet<StepName> = new Set(['authorize', 'push']);

export const one = (params: Params, name: string): string | undefined => params.get(name)?.[0];

/** What a request presents that was handed out before. */
function handleOf(step: StepName, request: ProtocolRequest): string | undefined {
  const { params, headers } = request;
  switch (step) {
    case 'authorize':
      return one(params, 'request_uri') ?? wayBackOf(params);
    case 'choose':
      return handleOf('authorize', { ...request, params: waitingOf(params) });
    case 'consent':
    case 'account':
    case 'device':
      return one(params, 'handle');
    case 'token':
      return one(params, 'code') ?? one(params, 'refresh_token') ?? one(params, 'device_code');
    case 'introspect':
    case 'revoke':
      return one(params, 'token');
    case 'userinfo':
      return (
        /^(?:Bearer|DPoP) +(.+)$/i.exec(headers['authorization'] ?? '')?.[1] ??
        one(params, 'access_token')
      );
    default:
      return undefined;
  }
}

/** By what an authorization request comes back from a sign-in elsewhere: all of it, where it was not put aside. */
const wayBackOf = (params: Params): string | undefined =>
  one(params, RESUME) ??
  (params.has(LOGIN_ATTEMPT) ? JSON.stringify([...params].sort()) : undefined);

/** The request that somebody goes back to, of the parameters of the chooser. */
const waitingOf = (params: Params): Params => paramsOf(one(params, 'rd') ?? '');

const paramsOf = (address: string): Params => parseParams(/\?(.*)/s.exec(address)?.[1] ?? '');

/** Who asks, as far as it says so; nothing of it is proven. */
function clientOf(
  step: StepName,
  request: ProtocolRequest,
  handle: string | undefined,
): string | undefined {
  if (step === 'userinfo') return text(claimsOf(handle)['client_id']);
  if (step === 'choose') return one(waitingOf(request.params), 'client_id');
  try {
    return readCredentials(request).clientId;
  } catch {
    return one(request.params, 'client_id');
  }
}

/** Who sits at the browser. */
const userOf = (step: StepName, { params, identity }: ProtocolRequest): string | undefined =>
  step === 'choose' ? (one(params, 'user') ?? one(params, 'sub')) : identity?.subject;

const claimsOf = (jwt: string | undefined) => parseJwt(jwt ?? '')?.claims ?? {};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Everything in an answer by which somebody may come back. */
function handedOut(response: ProtocolResponse): readonly (string | undefined)[] {
  if (response.kind === 'page') {
    return 'handle' in response.page ? [response.page.handle] : [];
  }
  if (response.kind === 'json') return membersOf(response.body);
  return [codeOf(response), leadingBack(response)];
}

/** What a redirect to the chooser says of the way back. */
function leadingBack(response: ProtocolResponse): string | undefined {
  if (response.kind !== 'redirect') return undefined;
  return wayBackOf(waitingOf(paramsOf(response.location)));
}

const membersOf = (body: object): readonly (string | undefined)[] =>
  isMembers(body)
    ? ['access_token', 'refresh_token', 'request_uri', 'device_code'].map((name) =>
        text(body[name]),
      )
    : [];

function learnTokens(
  flow: Flow,
  { client, request, sent }: Exchange,
  response: ProtocolResponse,
): void {
  if (response.kind !== 'json' || response.status !== 200 || !isMembers(response.body)) return;
  if (request.params.has('code')) flow.redeemed = { client, request, response };
  const spent = one(sent.params, 'refresh_token');
  const renewed = text(response.body['refresh_token']);
  if (spent !== undefined && renewed !== undefined && renewed !== spent) {
    flow.successors.set(spent, renewed);
  }
}
