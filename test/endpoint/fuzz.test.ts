// What costs the sender nothing must not cost the issuer much: long and deep nonsense in every place
// that takes text. A case is as fast as its fastest of three, since other work may be in the way.

import { describe, expect, it } from 'vitest';
import type { Issuer } from '../../internal/oidc/issuer.ts';
import type { TokenIssuer } from '../../internal/oidc/token-issuer.ts';
import { SUBJECT_TOKEN_TYPES } from '../../internal/protocol/client-grants.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import { exchanger, JWT } from '../support/exchange.ts';
import { AUTHORIZE, createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import { basic, identify, makeRequest, type Query, settle, toParams } from '../support/requests.ts';
import { startWork } from '../support/work.ts';

const LENGTH = 50_000;
/** One that goes back and forth over so much text takes a second and more. */
const LIMIT_MS = 150;
const CHARACTERS = ['a', ' ', '%', '.', '-', ',', '=', '"', '{', '[', '\\', 'é', '🚀'];

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Of a proof, as far as that goes. */
const HEADER = Buffer.from('{"typ":"dpop+jwt","alg":"ES256","jwk":{}}').toString('base64url');

const PARTNER: TokenIssuer = {
  name: 'partner',
  issuer: 'https://partner.example',
  keys: { kind: 'inline', text: '{"keys":[]}' },
  algorithms: ['ES256'],
  audience: undefined,
  maxLifetime: 3600,
  clockSkew: 30,
  require: new Map(),
  subjects: { claim: 'sub', match: undefined, as: { kind: 'same' }, mustExist: true },
};

const fill = (character: string): string => character.repeat(Math.floor(LENGTH / character.length));

type Timed = { readonly milliseconds: number; readonly status: number };

async function time(ask: () => Promise<{ readonly status: number }>): Promise<Timed> {
  let best: Timed = { milliseconds: Number.POSITIVE_INFINITY, status: 0 };
  for (let count = 0; count < 3 && best.milliseconds > LIMIT_MS; count += 1) {
    const work = startWork();
    const { status } = await ask();
    const milliseconds = work();
    if (milliseconds < best.milliseconds) best = { milliseconds, status };
  }
  return best;
}

type Place = {
  readonly endpoint: Exclude<keyof Issuer, 'discovery' | 'jwks' | 'register' | 'registeredClient'>;
  readonly fields: Query;
  readonly names: readonly string[];
};

const PLACES: readonly Place[] = [
  {
    endpoint: 'authorize',
    fields: { ...AUTHORIZE, ...PKCE },
    names: [
      ...['client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'prompt'],
      ...['max_age', 'id_token_hint', 'login_hint', 'ui_locales', 'claims_locales', 'claims'],
      ...['acr_values', 'display', 'response_mode', 'resource', 'code_challenge', 'request'],
      ...['code_challenge_method', 'asteroid_resume', 'asteroid_login_attempt', 'unknown'],
      ...['request_uri', 'registration', 'authorization_details', 'dpop_jkt'],
    ],
  },
  {
    endpoint: 'authorize',
    fields: { client_id: 'all' },
    names: ['request'],
  },
  {
    endpoint: 'push',
    fields: { ...AUTHORIZE, client_id: 'all' },
    names: [
      ...['client_id', 'redirect_uri', 'scope', 'request', 'request_uri', 'claims', 'resource'],
      ...['authorization_details', 'id_token_hint', 'dpop_jkt', 'client_assertion'],
      ...['client_assertion_type', 'client_secret'],
    ],
  },
  { endpoint: 'account', fields: { decision: 'switch' }, names: ['handle', 'decision'] },
  { endpoint: 'consent', fields: { decision: 'allow' }, names: ['handle', 'decision'] },
  {
    endpoint: 'token',
    fields: {
      grant_type: 'authorization_code',
      code: 'ac_a.b',
      redirect_uri: 'https://rp.example',
    },
    names: ['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id', 'resource'],
  },
  {
    endpoint: 'token',
    fields: { grant_type: 'refresh_token', refresh_token: 'rt_a.b.c' },
    names: ['refresh_token', 'scope', 'client_secret'],
  },
  {
    endpoint: 'token',
    fields: { grant_type: 'client_credentials', client_assertion_type: ASSERTION },
    names: ['client_assertion', 'client_assertion_type', 'authorization_details', 'scope'],
  },
  {
    endpoint: 'token',
    fields: { grant_type: TOKEN_EXCHANGE, subject_token: 'x', subject_token_type: JWT },
    names: [
      ...['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'audience'],
      ...['requested_token_type', 'scope'],
    ],
  },
  {
    endpoint: 'token',
    fields: { grant_type: JWT_BEARER, assertion: 'x' },
    names: ['assertion', 'scope', 'resource'],
  },
  { endpoint: 'check', fields: { audience: ISSUER }, names: ['audience', 'scope'] },
  {
    endpoint: 'endSession',
    fields: {},
    names: ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'logout_hint'],
  },
  { endpoint: 'signOut', fields: { decision: 'sign_out' }, names: ['handle', 'decision'] },
  { endpoint: 'signedOut', fields: {}, names: ['asteroid_resume'] },
  {
    endpoint: 'choose',
    fields: { user: 'alice' },
    names: ['rd', 'user', 'decision', 'again', 'as', 'q', 'sign_out', 'acr'],
  },
  {
    endpoint: 'choose',
    fields: { decision: 'enter', sub: 'carol' },
    names: ['sub', 'name', 'email', 'email_verified', 'groups', 'acr', 'amr', 'ago', 'claims'],
  },
  {
    endpoint: 'deviceAuthorization',
    fields: { client_id: 'tv', scope: 'openid' },
    names: ['client_id', 'client_secret', 'scope', 'resource'],
  },
  { endpoint: 'device', fields: {}, names: ['user_code', 'asteroid_login_attempt'] },
  { endpoint: 'device', fields: { decision: 'allow' }, names: ['handle', 'decision'] },
  { endpoint: 'introspect', fields: { token: 'x' }, names: ['token', 'token_type_hint'] },
  { endpoint: 'revoke', fields: { token: 'x' }, names: ['token', 'token_type_hint'] },
  { endpoint: 'userinfo', fields: {}, names: ['access_token'] },
];

const TYPES = new Map([['payment', { description: 'x', members: new Map(), required: [] }]]);

/** Where everything is switched on, with a client that may use it. */
const createOpen = (): TestIssuer => {
  const terms = { issuers: ['self', 'partner'], subjectTokenTypes: SUBJECT_TOKEN_TYPES };
  const all = exchanger(
    'all',
    { ...terms, actorIssuers: terms.issuers },
    {
      grantTypes: ['authorization_code', 'client_credentials', TOKEN_EXCHANGE, JWT_BEARER],
      redirectUris: ['https://rp.example/callback'],
      scope: undefined,
      jwtBearer: { issuers: ['partner'] },
      requestObjectSigningAlg: 'ES256',
      keys: { kind: 'inline', text: '{"keys":[]}' },
      authorizationDetailsTypes: ['payment'],
    },
  );
  return createTestIssuer({
    clients: [all],
    chooser: true,
    policy: {
      authorizationDetailsTypes: TYPES,
      check: { original: undefined },
      tokenIssuers: [PARTNER],
    },
  });
};

/** As the client that may use everything, unless the parameters say who it is. */
const credentialsFor = ({ endpoint, fields }: Place, different: Query) =>
  /^(?:push|token|introspect|revoke)$/.test(endpoint) &&
  !Object.keys({ ...fields, ...different }).some((name) => name.startsWith('client_assertion'))
    ? { authorization: basic('all') }
    : {};

function send({ issuer }: TestIssuer, place: Place, different: Query, headers = {}) {
  const endpoint = issuer[place.endpoint];
  if (endpoint === undefined) throw new Error(`${place.endpoint} is off`);
  return settle(
    endpoint(
      makeRequest({
        params: toParams({ ...place.fields, ...different }),
        headers: { ...credentialsFor(place, different), ...headers },
        identity: identify('alice'),
      }),
    ),
  );
}

describe('50,000 characters in one parameter (DO-3)', () => {
  for (const place of PLACES) {
    for (const name of place.names) {
      it(`are read at once by ${place.endpoint} in ${name}, whatever they are`, async () => {
        const test = createOpen();
        for (const character of CHARACTERS) {
          const { milliseconds, status } = await time(() =>
            send(test, place, { [name]: fill(character) }),
          );

          expect(milliseconds, character).toBeLessThan(LIMIT_MS);
          expect(status, character).toBeLessThan(500);
        }
      });
    }
  }

  it('are read at once in an Authorization header', async () => {
    const { issuer } = createTestIssuer();
    for (const scheme of ['Basic ', 'Bearer ', 'DPoP ', '']) {
      for (const character of CHARACTERS) {
        const headers = { authorization: `${scheme}${fill(character)}` };
        for (const endpoint of ['token', 'userinfo', 'introspect', 'revoke'] as const) {
          const params = toParams({ grant_type: 'client_credentials', token: 'x' });
          const ask = () => settle(issuer[endpoint](makeRequest({ params, headers })));
          const { milliseconds, status } = await time(ask);

          expect(milliseconds, `${scheme}${character}`).toBeLessThan(LIMIT_MS);
          expect(status).toBeLessThan(500);
        }
      }
    }
  });
});

describe('50,000 characters in a DPoP header (DO-3, DP-1)', () => {
  for (const place of PLACES.filter(({ endpoint }) => /^(?:push|token)$/.test(endpoint))) {
    it(`are read at once by ${place.endpoint}: ${place.names.join(', ')}`, async () => {
      const test = createOpen();
      for (const character of CHARACTERS) {
        for (const dpop of [fill(character), `${HEADER}.${fill(character)}.c2ln`]) {
          const { milliseconds, status } = await time(() => send(test, place, {}, { dpop }));

          expect(milliseconds, character).toBeLessThan(LIMIT_MS);
          expect(status, character).toBeLessThan(500);
        }
      }
    });
  }
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const nest = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** Tokens that made other libraries work for minutes, or run out of memory or stack. */
const BOMBS: Readonly<Record<string, string>> = {
  'a megabyte of dots': '.'.repeat(1_000_000),
  'a header of a megabyte': `${'A'.repeat(1_000_000)}.e30.c2ln`,
  'a signature of a megabyte': `${encode({ alg: 'ES256' })}.e30.${'A'.repeat(1_000_000)}`,
  'a JWE that asks for 2^31 rounds': [
    encode({ alg: 'PBES2-HS256+A128KW', enc: 'A128CBC-HS256', p2c: 2 ** 31, p2s: 'c2FsdA' }),
    ...['AAAA', 'AAAA', 'AAAA', 'AAAA'],
  ].join('.'),
  'a JWE that is compressed': [
    encode({ alg: 'dir', enc: 'A128GCM', zip: 'DEF' }),
    '',
    ...['AAAA', 'A'.repeat(100_000), 'AAAA'],
  ].join('.'),
  'ten thousand audiences': `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode({
    aud: Array.from({ length: 10_000 }, (_, index) => `https://rs${index}.example`),
  })}.c2ln`,
  'a header of 100,000 levels': `${base64(nest(100_000))}.e30.c2ln`,
  'claims of 100,000 levels': `${encode({ alg: 'ES256' })}.${base64(nest(100_000))}.c2ln`,
};

const TAKES_JWTS =
  /^(?:request|id_token_hint|client_assertion|assertion|subject_token|actor_token)$/;

describe('tokens that are made to be expensive (DO-4)', () => {
  for (const [what, token] of Object.entries(BOMBS)) {
    it(`are refused at once everywhere: ${what}`, async () => {
      const test = createOpen();
      const { authorize, introspect, revoke, userinfo } = test;
      const asked: Readonly<Record<string, () => Promise<{ readonly status: number }>>> = {
        introspect: () => introspect(token),
        revoke: () => revoke(token),
        userinfo: () => userinfo(token),
        authorize: () => authorize({ id_token_hint: token }),
        ...Object.fromEntries(
          PLACES.flatMap((place) =>
            place.names
              .filter((name) => TAKES_JWTS.test(name))
              .map((name) => [
                `${place.endpoint} ${name}`,
                () => send(test, place, { [name]: token }),
              ]),
          ),
        ),
      };
      for (const [where, ask] of Object.entries(asked)) {
        const { milliseconds, status } = await time(ask);

        expect(milliseconds, where).toBeLessThan(LIMIT_MS);
        expect(status, where).toBeLessThan(500);
      }
      expect((await introspect(token)).json).toEqual({ active: false });
      expect((await userinfo(token)).status).toBe(401);
      expect((await authorize({ id_token_hint: token })).params.get('error')).toBe(
        'invalid_request',
      );
    });
  }

  it('are not what an honest token is taken for, which is accepted', async () => {
    const { signIn, introspect, userinfo } = createTestIssuer();
    const { access_token } = await signIn();

    expect((await introspect(access_token)).json).toMatchObject({ active: true });
    expect((await userinfo(access_token)).status).toBe(200);
  });
});
