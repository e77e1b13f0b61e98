// The device flow from both ends: what a device asks, and what its End-User does at another screen.

import type { Page, ProtocolRequest } from '../../internal/oidc/endpoint.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import { createTestIssuer, type Different, type TestIssuer } from './issuer.ts';
import {
  type Answer,
  type Credentials,
  credentialsOf,
  identify,
  makeRequest,
  type Query,
  settle,
  toParams,
} from './requests.ts';

type Started = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
};

type Who = Identity | 'nobody';

export type DeviceFlow = TestIssuer & {
  /** What a device asks first. */
  ask(form?: Query, caller?: string | Credentials): Promise<Answer>;
  /** The answer to an honest one. */
  start(form?: Query, caller?: string): Promise<Started>;
  /** GET /device, by alice unless said otherwise. */
  look(query?: Query, who?: Who, more?: Partial<ProtocolRequest>): Promise<Answer>;
  /** POST /device. */
  send(form: Query, who?: Who, more?: Partial<ProtocolRequest>): Promise<Answer>;
  /** The handle of the page that asks whether this device may go on. */
  handleOf(userCode: string, who?: Who): Promise<string>;
  /** The whole way of an End-User who allows it, or denies it. */
  decide(userCode: string, decision?: string, who?: Who): Promise<Answer>;
  poll(deviceCode: string, form?: Query, caller?: string | Credentials): Promise<Answer>;
};

const SCOPE = 'openid profile email offline_access';

/** An issuer with the clients `tv` (public) and `tv2` (confidential). */
export function createDeviceFlow(different: Different = {}): DeviceFlow {
  return withDevices(createTestIssuer(different));
}

export function withDevices(test: TestIssuer): DeviceFlow {
  const { issuer, clients } = test;
  function present(form: Query, caller: string | Credentials): ProtocolRequest {
    const client = typeof caller === 'string' ? clients.get(caller) : undefined;
    const credentials = typeof caller === 'string' ? client && credentialsOf(client) : caller;
    if (credentials === undefined) throw new Error(`no client ${String(caller)}`);
    const params = toParams({ ...form, ...credentials.form });
    return makeRequest({ params, headers: credentials.headers });
  }
  const visit = (query: Query, who: Who, more: Partial<ProtocolRequest>): Promise<Answer> => {
    if (issuer.device === undefined) throw new Error('there are no devices');
    const identity = who === 'nobody' ? undefined : who;
    return settle(issuer.device(makeRequest({ params: toParams(query), identity, ...more })));
  };
  const flow: DeviceFlow = {
    ...test,
    async ask(form = {}, caller = 'tv') {
      if (issuer.deviceAuthorization === undefined) throw new Error('there are no devices');
      return settle(issuer.deviceAuthorization(present({ scope: SCOPE, ...form }, caller)));
    },
    async start(form, caller) {
      const { status, json } = await flow.ask(form, caller);
      if (status !== 200) throw new Error(`the device was refused: ${JSON.stringify(json)}`);
      return json as Started;
    },
    look: (query = {}, who = identify('alice'), more = {}) =>
      visit(query, who, { method: 'GET', ...more }),
    send: (form, who = identify('alice'), more = {}) => visit(form, who, more),
    handleOf: async (user_code, who) =>
      devicePage((await flow.look({ user_code }, who)).page).handle,
    async decide(userCode, decision = 'allow', who) {
      return flow.send({ handle: await flow.handleOf(userCode, who), decision }, who);
    },
    poll: (device_code, form = {}, caller = 'tv') =>
      test.token({ grant_type: DEVICE_CODE, device_code, ...form }, caller),
  };
  return flow;
}

/** The page that asks; throws when it is another one. */
export function devicePage(page: Page | undefined): Extract<Page, { kind: 'device' }> {
  if (page?.kind !== 'device') throw new Error(`no page about a device: ${JSON.stringify(page)}`);
  return page;
}
