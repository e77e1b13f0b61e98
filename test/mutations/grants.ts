// Grants and credentials that need keys, or clients of their own: one of each for either of the two.

import type { TokenIssuer } from '../../internal/oidc/token-issuer.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { keyClient, ownClaims, withAssertion } from '../support/assertions.ts';
import { makeClient } from '../support/clients.ts';
import { ACCESS_TOKEN, exchanger, ORDERS, PARTNER } from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';
import { createSigner, setOf } from '../support/signer.ts';
import {
  ALICE,
  BOB,
  byClient,
  hasCode,
  isOk,
  type Party,
  type Recipe,
  request,
  toWire,
} from './recipe.ts';

/** The name of one of two clients. */
const own = (kind: string, party: Party): string => (party === ALICE ? kind : `${kind}2`);

/** Both of a kind. */
const both = (make: (party: Party) => Client): readonly (readonly [Client, Party])[] => [
  [make(ALICE), ALICE],
  [make(BOB), BOB],
];

const SIGNERS = { alice: await createSigner('alice-1'), bob: await createSigner('bob-1') };
const signerOf = (party: Party) => (party === ALICE ? SIGNERS.alice : SIGNERS.bob);

const partner = await createSigner('partner-1');
const TRUSTED: TokenIssuer = {
  name: 'partner',
  issuer: PARTNER,
  keys: { kind: 'inline', text: setOf(partner) },
  algorithms: ['ES256'],
  audience: undefined,
  maxLifetime: 3600,
  clockSkew: 30,
  require: new Map(),
  subjects: { claim: 'sub', match: undefined, as: { kind: 'same' }, mustExist: true },
};

export const GRANT_RECIPES: readonly Recipe[] = [
  {
    name: 'token: client_credentials',
    endpoint: 'token',
    grantType: 'client_credentials',
    method: 'POST',
    clients: both((party) =>
      makeClient(own('self', party), {
        grantTypes: ['client_credentials'],
        redirectUris: [],
        scope: [`${party.subject}:read`],
      }),
    ),
    make: async (_, party) =>
      byClient(
        { client: own('self', party) },
        { grant_type: 'client_credentials', scope: `${party.subject}:read` },
      ),
    succeeded: isOk,
    about: 'self',
    binds: [],
  },
  {
    name: 'token: client_credentials by private_key_jwt',
    endpoint: 'token',
    method: 'POST',
    clients: both((party) => keyClient(own('signing', party), [signerOf(party)])),
    async make({ clock }, party) {
      const iat = clock();
      const claims = ownClaims(own('signing', party), ISSUER, { iat, exp: iat + 60 });
      const { form } = withAssertion(await signerOf(party).sign(claims));
      return toWire({ grant_type: 'client_credentials', ...form });
    },
    succeeded: isOk,
    about: 'signing',
    binds: ['client_assertion', 'client_assertion_type'],
  },
  {
    name: 'token: token exchange',
    endpoint: 'token',
    grantType: TOKEN_EXCHANGE,
    method: 'POST',
    clients: both((party) =>
      exchanger(own('swap', party), { clients: [party.client], scope: ['email'] }),
    ),
    async make(test, party) {
      const code = await test.code(request(party), identify(party.subject));
      const { json } = await test.redeem(code, { code_verifier: party.verifier }, party.client);
      return byClient(
        { client: own('swap', party) },
        {
          grant_type: TOKEN_EXCHANGE,
          subject_token: String(json['access_token']),
          subject_token_type: ACCESS_TOKEN,
          audience: ORDERS,
          scope: 'email',
        },
      );
    },
    succeeded: isOk,
    binds: ['subject_token', 'subject_token_type', 'grant_type'],
  },
  {
    name: 'token: jwt-bearer',
    endpoint: 'token',
    grantType: JWT_BEARER,
    method: 'POST',
    policy: { tokenIssuers: [TRUSTED] },
    clients: both((party) =>
      makeClient(own('bearer', party), {
        grantTypes: [JWT_BEARER],
        redirectUris: [],
        scope: ['api:read'],
        jwtBearer: { issuers: ['partner'] },
      }),
    ),
    async make({ clock }, party) {
      const client = own('bearer', party);
      const iat = clock();
      const assertion = await partner.sign({
        ...{ iss: PARTNER, sub: party.subject, aud: ISSUER, client_id: client },
        ...{ iat, exp: iat + 600, jti: crypto.randomUUID() },
      });
      return byClient({ client }, { grant_type: JWT_BEARER, assertion, scope: 'api:read' });
    },
    succeeded: isOk,
    binds: ['assertion', 'grant_type'],
  },
  {
    name: 'authorize: signed',
    endpoint: 'authorize',
    method: 'GET',
    clients: both((party) =>
      makeClient(own('object', party), {
        keys: { kind: 'inline', text: setOf(signerOf(party)) },
        requestObjectSigningAlg: 'ES256',
        requireSignedRequestObject: true,
      }),
    ),
    async make({ clock }, party) {
      const client = own('object', party);
      const claims = {
        ...{ ...request(party), iss: client, client_id: client, aud: ISSUER },
        exp: clock() + 60,
      };
      const form = { client_id: client, request: await signerOf(party).sign(claims) };
      return toWire(form, { subject: party.subject });
    },
    succeeded: hasCode,
    binds: [],
  },
];
