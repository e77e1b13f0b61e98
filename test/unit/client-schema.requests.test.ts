import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../internal/app/policy.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { readClients } from '../../internal/config/clients.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient } from '../support/clients.ts';
import { TERMS } from './loader.fixture.ts';

const SOUND = {
  client_id: 'a',
  client_secret: 'kK2w8cVbqMZ0p5yJtYxQdR7nHf3sLu1E',
  redirect_uris: ['https://a.example/cb'],
};
const JWKS = {
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      kid: 'k1',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
  ],
};

const problemsOf = (different: object, detailsTypes: ReadonlySet<string> | undefined = new Set()) =>
  readClients({ clients: [{ ...SOUND, ...different }] }, { ...TERMS, detailsTypes }).problems.map(
    ({ path, problem }) => `${path.slice(2).join('.')}: ${problem}`,
  );

describe('what a client says of its authorization requests', () => {
  it('is sound with keys for what it signs', () => {
    for (const different of [
      { request_object_signing_alg: 'ES256', jwks: JWKS, require_signed_request_object: true },
      { request_object_signing_alg: 'PS256', jwks_uri: 'https://a.example/jwks.json' },
      { request_object_signing_alg: 'none' },
      { authorization_signed_response_alg: 'RS256', require_pushed_authorization_requests: true },
    ]) {
      expect(problemsOf(different)).toEqual([]);
    }
  });

  it('needs keys for any algorithm but none', () => {
    expect(problemsOf({ request_object_signing_alg: 'ES256' })).toEqual([
      'request_object_signing_alg: needs the keys that it signs with; add one of jwks, jwks_uri, jwks_file',
    ]);
  });

  it('cannot demand what the client cannot do', () => {
    for (const request_object_signing_alg of [undefined, 'none']) {
      expect(
        problemsOf({ request_object_signing_alg, require_signed_request_object: true }),
      ).toEqual([
        'require_signed_request_object: needs a request_object_signing_alg other than none; add it',
      ]);
    }
  });

  it('knows no symmetric algorithm, with which a secret would sign', () => {
    for (const alg of ['HS256', 'es256', '']) {
      expect(problemsOf({ request_object_signing_alg: alg, jwks: JWKS })).toHaveLength(1);
    }
    expect(problemsOf({ authorization_signed_response_alg: 'none' })).toHaveLength(1);
  });

  it('names types of details that are declared', () => {
    const types = new Set(['payment']);
    const client = { authorization_details_types: ['payment', 'payments'] };

    expect(problemsOf(client, types)).toEqual([
      'authorization_details_types.1: is not declared; add it to authorization_details_types of asteroid.yaml',
    ]);
    expect(problemsOf({ authorization_details_types: ['payment'] }, types)).toEqual([]);
  });
});

const URLS = { loginUrl: undefined, logoutUrl: undefined, reauthenticateUrl: undefined };

const readFile = (tree: object) =>
  readConfig(
    { upstream: { trust: { secret: { files: ['s'] } } }, ...tree },
    { mode: 'serve', exposed: false },
  );

const NO_CLIENTS = { clients: new Map<string, Client>(), tokenIssuerKeys: new Map() };

const policyOf = (tree: object) => {
  const { config, problems } = readFile(tree);
  expect(problems).toEqual([]);
  return createPolicy(config, URLS, () => NO_CLIENTS)();
};

describe('authorization requests in asteroid.yaml', () => {
  it('demands nothing where nothing is said', () => {
    expect(policyOf({})).toMatchObject({
      requirePushedAuthorizationRequests: false,
      requireSignedRequestObject: false,
      pushedRequestLifetime: 90,
      authorizationDetailsTypes: new Map(),
    });
  });

  it('demands what is said', () => {
    expect(
      policyOf({
        policy: {
          require_pushed_authorization_requests: true,
          require_signed_request_object: true,
        },
        lifetimes: { pushed_request: '60s' },
      }),
    ).toMatchObject({
      requirePushedAuthorizationRequests: true,
      requireSignedRequestObject: true,
      pushedRequestLifetime: 60,
    });
    for (const pushed_request of ['4s', '11m']) {
      expect(readFile({ lifetimes: { pushed_request } }).problems).toHaveLength(1);
    }
  });

  it('knows of its clients which algorithms they sign by, until they change', () => {
    const { config } = readFile({});
    const clients = new Map([
      ['a', makeClient('a', { requestObjectSigningAlg: 'ES256' })],
      ['b', makeClient('b', { requestObjectSigningAlg: 'ES256' })],
      ['c', makeClient('c')],
    ]);
    let snapshot = NO_CLIENTS;
    const policy = createPolicy(config, URLS, () => snapshot);
    expect(policy().requestObjectSigningAlgs).toEqual([]);
    snapshot = { ...NO_CLIENTS, clients };

    expect(policy().requestObjectSigningAlgs).toEqual(['ES256']);
    expect(policy()).toBe(policy());
  });
});

describe('types of authorization_details in asteroid.yaml (RR-1)', () => {
  const declare = (type: object, name = 'payment') => ({
    authorization_details_types: { [name]: { description: 'Pay', ...type } },
  });

  it('have a description, members and what is required of them', () => {
    const type = { members: { actions: 'list', creditor: 'text' }, required: ['creditor'] };

    expect(policyOf(declare(type)).authorizationDetailsTypes).toEqual(
      new Map([
        [
          'payment',
          {
            description: 'Pay',
            members: new Map([
              ['actions', 'list'],
              ['creditor', 'text'],
            ]),
            required: ['creditor'],
          },
        ],
      ]),
    );
  });

  for (const [what, tree] of [
    ['no description', { authorization_details_types: { payment: {} } }],
    ['a member of an unknown form', declare({ members: { amount: 'money' } })],
    ['a member called type', declare({ members: { type: 'text' } })],
    ['a member of prototypes', declare({ members: { constructor: 'text' } })],
    ['a member with a blank', declare({ members: { 'a b': 'text' } })],
    ['something required that is no member', declare({ required: ['creditor'] })],
    ['a name with a blank', declare({}, 'a b')],
    ['an unknown key', declare({ member: {} })],
  ] as const) {
    it(`are refused with ${what}`, () => {
      expect(readFile(tree).problems).toHaveLength(1);
    });
  }
});
