// A valid request to every endpoint, by each of two parties who are both in the right: alice with the
// client `conf`, and bob, the attacker, with `conf2`.

import { createHolder } from '../support/dpop.ts';
import { ISSUER, type TestIssuer } from '../support/issuer.ts';
import { basic, identify } from '../support/requests.ts';
import { GRANT_RECIPES } from './grants.ts';
import { PAGE_RECIPES } from './pages.ts';
import {
  ALICE,
  byClient,
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

export const RECIPES: readonly Recipe[] = [
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
