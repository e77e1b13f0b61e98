// A valid request to every endpoint, by each of two parties who are both in the right: alice with the
// client `conf`, and bob, the attacker, with `conf2`.

import { sealHandle } from '../../internal/oidc/device/answer.ts';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import { withDevices } from '../support/device-flow.ts';
import { createHolder } from '../support/dpop.ts';
import { ISSUER, type TestIssuer } from '../support/issuer.ts';
import { INITIAL } from '../support/registration.ts';
import { basic, identify } from '../support/requests.ts';
import { GRANT_RECIPES } from './grants.ts';
import type { Wire } from './mutate.ts';
import { PAGE_RECIPES } from './pages.ts';
import {
  ALICE,
  byClient,
  deviceOf,
  hasCode,
  isOk,
  type Party,
  type Recipe,
  request,
  toWire,
} from './recipe.ts';

const REDIRECT_URI = 'https://rp.example/callback';

const holders = { alice: await createHolder(), bob: await createHolder() };

async function signIn(test: TestIssuer, party: Party) {
  const code = await test.code(request(party), identify(party.subject));
  const { json } = await test.redeem(code, { code_verifier: party.verifier }, party.client);
  return json as Record<'access_token' | 'refresh_token' | 'id_token', string>;
}

/** A device of theirs, and the handle of the page that asks them; nobody has to look at it for that. */
async function startDevice(test: TestIssuer, party: Party) {
  const clientId = deviceOf(party);
  const scope = ['openid', 'email'];
  const { device_code } = await withDevices(test).start({ scope: scope.join(' ') }, clientId);
  const id = device_code.slice(3, 25);
  const shown = { id, clientId, subject: party.subject, scope, resource: [], details: [] };
  return { device_code, handle: sealHandle(shown, test.deps) };
}

/**
 * Nobody but its owner knows the family of a refresh token, and of its secrets only the newest is
 * remembered: any other one is taken for an older one, and that is a replay (RFC 9700 §4.14.2).
 */
function hasAnotherOfTheFamily(honest: Wire, wire: Wire): boolean {
  const tokensIn = ({ pairs }: Wire) =>
    pairs.filter(([name]) => name === 'refresh_token').map(([, value]) => value);
  const [own = ''] = tokensIn(honest);
  const family = own.slice(0, own.lastIndexOf('.') + 1);
  return tokensIn(wire).some(
    (token) => token !== own && token.length === own.length && token.startsWith(family),
  );
}

export const RECIPES: readonly Recipe[] = [
  {
    name: 'register',
    endpoint: 'register',
    method: 'POST',
    isJson: true,
    make: async (_, { client }) => ({
      pairs: [
        ['client_name', JSON.stringify(client)],
        ['redirect_uris', '["https://rp.example/callback"]'],
        ['grant_types', '["authorization_code","refresh_token"]'],
        ['token_endpoint_auth_method', '"client_secret_basic"'],
        ['scope', '"openid email"'],
      ],
      headers: [['authorization', `Bearer ${INITIAL}`]],
      subject: undefined,
    }),
    succeeded: ({ status }) => status === 201,
    binds: [],
  },
  {
    name: 'authorize',
    endpoint: 'authorize',
    method: 'GET',
    make: async (_, party) => toWire(request(party), { subject: party.subject }),
    succeeded: hasCode,
    binds: [],
  },
  {
    name: 'push',
    endpoint: 'push',
    method: 'POST',
    make: async (_, party) => byClient(party, request(party)),
    succeeded: ({ status }) => status === 201,
    binds: [],
  },
  {
    name: 'authorize: pushed',
    endpoint: 'authorize',
    method: 'GET',
    async make(test, party) {
      const { json } = await test.push(request(party), party.client);
      const form = { client_id: party.client, request_uri: String(json['request_uri']) };
      return toWire(form, { subject: party.subject });
    },
    succeeded: hasCode,
    binds: [],
  },
  {
    name: 'consent',
    endpoint: 'consent',
    method: 'POST',
    async make(test, party) {
      const query = { ...request(party), prompt: 'consent' };
      const { page } = await test.authorize(query, identify(party.subject));
      const handle = page?.kind === 'consent' ? page.handle : 'none';
      return toWire({ handle, decision: 'allow' }, { subject: party.subject });
    },
    succeeded: hasCode,
    binds: [],
    shownTo: ['alice'],
  },
  {
    name: 'token: authorization_code',
    endpoint: 'token',
    grantType: 'authorization_code',
    method: 'POST',
    make: async (test, party) =>
      byClient(party, {
        grant_type: 'authorization_code',
        code: await test.code(request(party), identify(party.subject)),
        redirect_uri: REDIRECT_URI,
        code_verifier: party.verifier,
      }),
    succeeded: isOk,
    binds: ['code', 'redirect_uri', 'code_verifier'],
  },
  {
    name: 'token: refresh_token',
    endpoint: 'token',
    grantType: 'refresh_token',
    method: 'POST',
    make: async (test, party) =>
      byClient(party, {
        grant_type: 'refresh_token',
        refresh_token: (await signIn(test, party)).refresh_token,
        scope: 'openid email',
      }),
    succeeded: isOk,
    binds: ['refresh_token'],
    ends: hasAnotherOfTheFamily,
  },
  {
    name: 'device_authorization',
    endpoint: 'deviceAuthorization',
    method: 'POST',
    make: async (_, party) =>
      byClient({ ...party, client: deviceOf(party) }, { scope: 'openid email offline_access' }),
    succeeded: isOk,
    binds: [],
  },
  {
    name: 'device',
    endpoint: 'device',
    method: 'POST',
    async make(test, party) {
      const { handle } = await startDevice(test, party);
      return toWire({ handle, decision: 'allow' }, { subject: party.subject });
    },
    succeeded: ({ page }) => page?.kind === 'device_answered' && page.allowed,
    binds: [],
    shownTo: ['alice'],
  },
  {
    name: 'token: device_code',
    endpoint: 'token',
    grantType: DEVICE_CODE,
    method: 'POST',
    async make(test, party) {
      const { device_code, handle } = await startDevice(test, party);
      await withDevices(test).send({ handle, decision: 'allow' }, identify(party.subject));
      return byClient(
        { ...party, client: deviceOf(party) },
        { grant_type: DEVICE_CODE, device_code },
      );
    },
    succeeded: isOk,
    binds: ['device_code'],
  },
  {
    name: 'userinfo',
    endpoint: 'userinfo',
    method: 'POST',
    make: async (test, party) =>
      toWire(
        {},
        { headers: [['authorization', `Bearer ${(await signIn(test, party)).access_token}`]] },
      ),
    succeeded: isOk,
    binds: [],
  },
  {
    name: 'userinfo with DPoP',
    endpoint: 'userinfo',
    method: 'POST',
    make: async (test, party) => {
      const holder = party === ALICE ? holders.alice : holders.bob;
      const fresh = { iat: test.clock() };
      const { json } = await test.redeem(
        await test.code(request(party), identify(party.subject)),
        { code_verifier: party.verifier },
        {
          form: {},
          headers: {
            authorization: basic(party.client),
            dpop: await holder.prove({ claims: fresh }),
          },
        },
      );
      const token = String(json['access_token']);
      const dpop = await holder.proveAt(token, { claims: { ...fresh, htm: 'POST' } });
      return toWire(
        {},
        {
          headers: [
            ['authorization', `DPoP ${token}`],
            ['dpop', dpop],
          ],
        },
      );
    },
    succeeded: isOk,
    binds: [],
  },
  {
    name: 'introspect',
    endpoint: 'introspect',
    method: 'POST',
    make: async (test, party) =>
      byClient(party, { token: (await signIn(test, party)).access_token, token_type_hint: 'x' }),
    succeeded: ({ json }) => json['active'] === true,
    binds: ['token'],
  },
  {
    name: 'revoke',
    endpoint: 'revoke',
    method: 'POST',
    make: async (test, party) =>
      byClient(party, { token: (await signIn(test, party)).refresh_token }),
    succeeded: isOk,
    binds: [],
  },
  {
    name: 'check',
    endpoint: 'check',
    method: 'GET',
    make: async (test, party) =>
      toWire(
        { audience: ISSUER, scope: 'openid email' },
        { headers: [['authorization', `Bearer ${(await signIn(test, party)).access_token}`]] },
      ),
    succeeded: isOk,
    binds: ['audience'],
  },
  {
    name: 'end_session',
    endpoint: 'endSession',
    method: 'GET',
    make: async (test, party) =>
      toWire(
        {
          id_token_hint: (await signIn(test, party)).id_token,
          client_id: party.client,
          state: 's',
        },
        { subject: party.subject },
      ),
    succeeded: isOk,
    binds: [],
  },
  ...PAGE_RECIPES,
  ...GRANT_RECIPES,
];
