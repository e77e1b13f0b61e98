// Every member and value of the metadata, used: what is advertised works, its nearest neighbours do not,
// and what is off is neither advertised nor answered. A value that no flow here can use fails the test.

import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../internal/http/pages/choose-language.ts';
import { textsIn } from '../../internal/http/pages/languages.ts';
import type { SigningAlg } from '../../internal/protocol/names.ts';
import { openBrowser } from '../support/browser.ts';
import { unverified } from '../support/client-certificates.ts';
import { withDevices } from '../support/device-flow.ts';
import { ID_TOKEN } from '../support/exchange.ts';
import { ISSUER } from '../support/issuer.ts';
import { CHALLENGE, s256, VERIFIER } from '../support/pkce.ts';
import { basic, identify, type Query, withHeader } from '../support/requests.ts';
import { hintOf } from '../support/signing-out.ts';
import { claimsOf, headerOf, verifyAsStranger } from '../support/tokens.ts';
import { until } from '../support/until.ts';
import { sentToProxy } from '../support/upstream-urls.ts';
import {
  type AuthEndpoint,
  createEverything,
  createNothing,
  describeIssuer,
  encryptsBy,
  type Form,
  type Issuer,
  isMetadata,
  isRegistrable,
  register,
  servesAlg,
  servesMethod,
  signInAs,
  signs,
  takesObjectsOf,
  takesProofsOf,
  wrapsBy,
} from './discovery.truth.fixture.ts';

const everything = await createEverything();
const nothing = await createNothing();

const metadata = await describeIssuer(everything);
const plainMetadata = await describeIssuer(nothing);

/** How a value of a list is used, and its neighbours, which must not be of use. */
type Walk = {
  readonly works: (test: Issuer, value: string) => Promise<boolean>;
  readonly neighbours: readonly string[];
};

const UNSAFE_ALGS = ['none', 'HS256', 'RS384', 'ES256K'];

const signed = (form: Form): Walk => ({ works: signs(form), neighbours: UNSAFE_ALGS });
const wrapped = (form: Form): Walk => ({
  works: wrapsBy(form),
  neighbours: ['RSA1_5', 'RSA-OAEP', 'dir', 'A256KW', 'PBES2-HS256+A128KW'],
});
const encrypted = (form: Form): Walk => ({
  works: encryptsBy(form),
  neighbours: ['A128GCM', 'A256CBC-HS512', 'none'],
});
const methods = (endpoint: AuthEndpoint, ...more: readonly string[]): Walk => ({
  works: servesMethod(endpoint),
  neighbours: ['client_secret_hmac', 'attest_jwt_client_auth', ...more],
});
const assertionAlgs = (endpoint: AuthEndpoint): Walk => ({
  works: servesAlg(endpoint),
  neighbours: ['none', 'ES256K', 'HS1'],
});

const hasCode = async (test: Issuer, query: Query) =>
  (await test.authorize(query)).params.has('code');

/** The parameters of a token request by each grant, and who makes it. */
const GRANTS: Readonly<Record<string, (test: Issuer) => Promise<readonly [Query, string]>>> = {
  authorization_code: async (test) => [
    { code: await test.code(), redirect_uri: 'https://rp.example/callback' },
    'conf',
  ],
  refresh_token: async (test) => [{ refresh_token: (await test.signIn()).refresh_token }, 'conf'],
  client_credentials: async () => [{}, 'svc'],
  'urn:ietf:params:oauth:grant-type:token-exchange': async (test) => {
    const { id_token } = await test.signIn({ client_id: 'shop', scope: 'openid email' });
    const form = { subject_token: id_token, subject_token_type: ID_TOKEN };
    return [{ ...form, audience: 'billing' }, 'gateway'];
  },
  'urn:ietf:params:oauth:grant-type:device_code': async (test) => {
    // An issuer without devices has nowhere to get a code: it is shown one of another's.
    const devices = withDevices(test.issuer.deviceAuthorization ? test : everything);
    const { device_code, user_code } = await devices.start();
    await devices.decide(user_code);
    return [{ device_code }, 'tv'];
  },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': async (test) => [
    { assertion: await test.partner.sign() },
    'batch',
  ],
};

const isGranted: Walk['works'] = async (test, grant_type) => {
  const [form, caller] = (await GRANTS[grant_type]?.(test)) ?? [{}, 'conf'];
  return (await test.token({ grant_type, ...form }, caller)).status === 200;
};

const ABOUT_SIGN_IN = {
  authTime: 1_799_999_000,
  acr: 'gold',
  amr: ['pwd', 'otp'],
} as const;

/** Everything that a client can be told of an End-User of whom everything is known. */
async function listTold(test: Issuer): Promise<readonly string[]> {
  const known = [...strings(metadata['claims_supported']), 'shoe_size', 'password'];
  test.users.set('carol', Object.fromEntries(known.map((name) => [name, 'known'])));
  const different = { idTokenAudience: ['https://other.example'], idTokenStateHash: true };
  const query = { scope: strings(metadata['scopes_supported']).join(' '), nonce: 'n' };
  const client_id = register(test, different);
  const identity = identify('carol', ABOUT_SIGN_IN);
  const { id_token, access_token } = await test.signIn({ client_id, ...query }, identity);
  const { json } = await test.userinfo(access_token);
  return Object.keys({ ...claimsOf(id_token), ...json });
}

const told = new Map<Issuer, Promise<readonly string[]>>();

const isTold: Walk['works'] = async (test, name) => {
  const names = told.get(test) ?? listTold(test);
  told.set(test, names);
  return (await names).includes(name);
};

/** A page of ours for each prompt, or an errand; `none` is neither. */
const isHeeded: Walk['works'] = async (test, prompt) => {
  const { params, page, location } = await test.authorize({ prompt });
  if (params.has('error')) return false;
  switch (prompt) {
    case 'none':
      return params.has('code');
    case 'consent':
      return page?.kind === 'consent';
    case 'login':
      return sentToProxy({ location: location ?? '' }).path === 'anew';
    case 'select_account':
      return page?.kind === 'account';
    default:
      throw new Error(`nobody knows what prompt=${prompt} does`);
  }
};

/** The upstream is asked for it, and once it is there, it is enough. */
const isReachable: Walk['works'] = async (test, acr) => {
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: acr } } });
  const left = await test.authorize({ claims }, identify('alice', { acr: 'bronze' }));
  if (left.params.has('error')) return false;
  const reached = await test.authorize({ claims }, identify('alice', { acr }));
  return sentToProxy(left).told['acr'] === acr && reached.params.has('code');
};

const isSubjectType: Walk['works'] = async (test, type) => {
  if (!isRegistrable(test, { subject_type: type })) return false;
  const sector = (name: string) => (type === 'public' ? {} : { sectorIdentifier: name });
  const subjectAt = async (name: string) =>
    claimsOf((await signInAs(test, sector(name))).id_token)['sub'];
  const [one, same, other] = [
    await subjectAt('rp.example'),
    await subjectAt('rp.example'),
    await subjectAt('rp2.example'),
  ];
  return type === 'public' ? one === 'alice' && other === 'alice' : one === same && one !== other;
};

const takesDetails: Walk['works'] = async (test, type) => {
  const client_id = register(test, { authorizationDetailsTypes: [type] });
  const authorization_details = JSON.stringify([{ type }]);
  const { params } = await test.authorize({ client_id, authorization_details });
  if (!params.has('code')) return false;
  const { json } = await test.redeem(params.get('code') ?? '', {}, client_id);
  return JSON.stringify(json['authorization_details']) === authorization_details;
};

const signsResponses: Walk['works'] = async (test, alg) => {
  if (!isMetadata('authorization_signed_response_alg', alg)) return false;
  const client_id = register(test, { authorizationSignedResponseAlg: alg as SigningAlg });
  const { params } = await test.authorize({ client_id, response_mode: 'jwt' });
  const response = params.get('response') ?? '';
  await verifyAsStranger(response, test);
  return headerOf(response)['alg'] === alg && 'code' in claimsOf(response);
};

const isAnswered: Walk['works'] = async (test, response_mode) => {
  const { params } = await test.authorize({ response_mode });
  return params.has(response_mode.endsWith('jwt') ? 'response' : 'code');
};

const takesChallenge: Walk['works'] = async (test, code_challenge_method) => {
  const code_challenge = code_challenge_method === 'plain' ? s256('plain') : CHALLENGE;
  const { params } = await test.authorize({ code_challenge, code_challenge_method });
  const form = { code_verifier: code_challenge_method === 'plain' ? code_challenge : VERIFIER };
  return (await test.redeem(params.get('code') ?? '', form)).status === 200;
};

const LISTS: Readonly<Record<string, Walk>> = {
  scopes_supported: {
    works: async (test, scope) =>
      (await test.signIn({ scope: `openid ${scope}` })).scope.split(' ').includes(scope),
    neighbours: ['secret', 'unknown', 'Profile'],
  },
  response_types_supported: {
    works: (test, response_type) => hasCode(test, { response_type }),
    neighbours: ['token', 'id_token', 'id_token token', 'code id_token', 'code token', 'none'],
  },
  response_modes_supported: {
    works: isAnswered,
    neighbours: ['web_message', 'QUERY', 'jwt.query'],
  },
  grant_types_supported: {
    works: isGranted,
    neighbours: ['password', 'implicit', 'urn:openid:params:grant-type:ciba'],
  },
  subject_types_supported: { works: isSubjectType, neighbours: ['ephemeral'] },
  id_token_signing_alg_values_supported: signed('id_token'),
  userinfo_signing_alg_values_supported: signed('userinfo'),
  introspection_signing_alg_values_supported: signed('introspection'),
  id_token_encryption_alg_values_supported: wrapped('id_token'),
  id_token_encryption_enc_values_supported: encrypted('id_token'),
  userinfo_encryption_alg_values_supported: wrapped('userinfo'),
  userinfo_encryption_enc_values_supported: encrypted('userinfo'),
  introspection_encryption_alg_values_supported: wrapped('introspection'),
  introspection_encryption_enc_values_supported: encrypted('introspection'),
  token_endpoint_auth_methods_supported: methods('token'),
  revocation_endpoint_auth_methods_supported: methods('revocation'),
  introspection_endpoint_auth_methods_supported: methods('introspection', 'none'),
  token_endpoint_auth_signing_alg_values_supported: assertionAlgs('token'),
  revocation_endpoint_auth_signing_alg_values_supported: assertionAlgs('revocation'),
  introspection_endpoint_auth_signing_alg_values_supported: assertionAlgs('introspection'),
  code_challenge_methods_supported: {
    works: takesChallenge,
    neighbours: ['plain', 's256', 'S512'],
  },
  dpop_signing_alg_values_supported: {
    works: takesProofsOf,
    neighbours: ['none', 'HS256', 'RS256', 'RS512', 'ES256K'],
  },
  claim_types_supported: {
    works: async (test, type) => {
      const { access_token } = await test.signIn();
      const { json } = await test.userinfo(access_token);
      return type === 'normal' ? json['name'] !== undefined : '_claim_names' in json;
    },
    neighbours: ['aggregated', 'distributed'],
  },
  ui_locales_supported: {
    works: async (_test, tag) => {
      const wishes = { uiLocales: tag, acceptLanguage: undefined };
      const { language, isAsked } = chooseLanguage(wishes, 'en');
      return isAsked && textsIn(language).lang.startsWith(tag);
    },
    neighbours: ['it', 'ja', 'pt', 'x-de'],
  },
  claims_supported: { works: isTold, neighbours: ['shoe_size', 'password', 'c_hash'] },
  prompt_values_supported: { works: isHeeded, neighbours: ['create', 'None'] },
  request_object_signing_alg_values_supported: {
    works: takesObjectsOf,
    neighbours: ['HS256', 'RS256'],
  },
  authorization_signing_alg_values_supported: { works: signsResponses, neighbours: UNSAFE_ALGS },
  authorization_details_types_supported: {
    works: takesDetails,
    neighbours: ['invoice', 'Payment'],
  },
  acr_values_supported: { works: isReachable, neighbours: ['platinum', 'Gold'] },
};

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];

/** Whether a plain request of `conf` is answered with a code. */
const takesPlainRequests = async (value: unknown) => {
  expect(value).toBe(false);
  expect(await hasCode(everything, {})).toBe(true);
};

/** What alice's browser and the client are told when she signs out. */
async function signOut() {
  const browser = openBrowser(everything);
  const tokens = await browser.signIn({ client_id: 'listening' });
  const before = everything.receivers.requests.length;
  const { page } = await browser.endSession(hintOf(tokens));
  await until(() => everything.receivers.requests.length > before);
  const form = new URLSearchParams(everything.receivers.requests.at(-1)?.body ?? '');
  const frame = page?.kind === 'front_channel_logout' ? (page.frames[0] ?? '') : '';
  return { sid: claimsOf(tokens.id_token)['sid'], token: form.get('logout_token') ?? '', frame };
}

const isTrue = (check: () => Promise<void>) => async (value: unknown) => {
  expect(value).toBe(true);
  await check();
};

const errorOf = async (query: Query) => (await everything.authorize(query)).params.get('error');

/** Members that are no lists, and what has to come of them; endpoints have a test of their own. */
const MEMBERS: Readonly<Record<string, (value: unknown) => Promise<void>>> = {
  issuer: async (value) => {
    expect(claimsOf((await everything.signIn()).id_token)['iss']).toBe(value);
  },
  tls_client_certificate_bound_access_tokens: isTrue(async () => {
    const client = register(everything, { certificateBoundAccessTokens: true });
    const certificate = unverified();
    const credentials = { ...withHeader(basic(client)), certificate };
    const { json } = await everything.redeem(
      await everything.code({ client_id: client }),
      {},
      credentials,
    );
    const cnf = claimsOf(String(json['access_token']))['cnf'];
    expect(cnf).toEqual({ 'x5t#S256': certificate.thumbprint });
  }),
  claims_parameter_supported: isTrue(async () => {
    const { access_token } = await everything.signIn({
      scope: 'openid',
      claims: '{"userinfo":{"email":null}}',
    });
    const { json } = await everything.userinfo(access_token);
    expect(Object.keys(json).toSorted()).toEqual(['email', 'sub']);
  }),
  backchannel_logout_supported: isTrue(async () => {
    expect(claimsOf((await signOut()).token)).toMatchObject({ aud: 'listening', sub: 'alice' });
  }),
  backchannel_logout_session_supported: isTrue(async () => {
    const { sid, token } = await signOut();
    expect(claimsOf(token)['sid']).toBe(sid);
  }),
  frontchannel_logout_supported: isTrue(async () => {
    expect((await signOut()).frame).toMatch(/^https:\/\/rp\.example\/frontchannel\?/);
  }),
  frontchannel_logout_session_supported: isTrue(async () => {
    const { sid, frame } = await signOut();
    const { searchParams } = new URL(frame);
    expect([searchParams.get('iss'), searchParams.get('sid')]).toEqual([ISSUER, sid]);
  }),
  request_parameter_supported: isTrue(async () => {
    expect(await takesObjectsOf(everything, 'ES256')).toBe(true);
  }),
  require_signed_request_object: takesPlainRequests,
  require_pushed_authorization_requests: takesPlainRequests,
  request_uri_parameter_supported: async (value) => {
    expect(value).toBe(false);
    expect(await errorOf({ request_uri: 'https://rp.example/r.jwt' })).toBe(
      'request_uri_not_supported',
    );
  },
  require_request_uri_registration: takesPlainRequests,
  authorization_response_iss_parameter_supported: isTrue(async () => {
    for (const query of [{}, { scope: '\u0001' }]) {
      expect((await everything.authorize(query)).params.get('iss')).toBe(ISSUER);
    }
  }),
  service_documentation: async (value) => {
    expect(value).toBe(everything.deps.policy().serviceDocumentation);
  },
};

const isUrlMember = (name: string): boolean =>
  /_endpoint$|^jwks_uri$|^mtls_endpoint_aliases$/.test(name);

describe('discovery tells the truth, value by value (DI-5)', () => {
  it('has no member that nobody here uses', () => {
    const used = [...Object.keys(LISTS), ...Object.keys(MEMBERS)];

    expect(
      Object.keys(metadata)
        .filter((name) => !isUrlMember(name))
        .sort(),
    ).toEqual(used.sort());
  });

  for (const [member, { works, neighbours }] of Object.entries(LISTS)) {
    it(`${member}: every value works`, async () => {
      const values = strings(metadata[member]);

      expect(values.length).toBeGreaterThan(0);
      for (const value of values) expect(await works(everything, value), value).toBe(true);
    });

    it(`${member}: no neighbour is advertised or works`, async () => {
      for (const value of neighbours) {
        expect(strings(metadata[member])).not.toContain(value);
        expect(await works(everything, value), value).toBe(false);
      }
    });
  }

  for (const [member, check] of Object.entries(MEMBERS)) {
    it(`${member}: is so`, () => check(metadata[member]));
  }
});

describe('discovery of an issuer with nothing on (DI-5)', () => {
  it('says less: every value that is missing there does not work there', async () => {
    const off = Object.entries(LISTS).flatMap(([member, { works }]) =>
      strings(metadata[member])
        .filter((value) => !strings(plainMetadata[member]).includes(value))
        .map((value) => ({ member, value, works })),
    );

    expect(new Set(off.map(({ member }) => member))).toEqual(
      new Set([
        'scopes_supported',
        'grant_types_supported',
        'subject_types_supported',
        'token_endpoint_auth_methods_supported',
        'revocation_endpoint_auth_methods_supported',
        'introspection_endpoint_auth_methods_supported',
        'claims_supported',
        'prompt_values_supported',
        'request_object_signing_alg_values_supported',
        'authorization_details_types_supported',
        'acr_values_supported',
      ]),
    );
    for (const { member, value, works } of off) {
      expect(await works(nothing, value), `${member}: ${value}`).toBe(false);
    }
  });

  it('answers a grant that is off as one that nobody has heard of', async () => {
    const off = strings(metadata['grant_types_supported']).filter(
      (name) => !strings(plainMetadata['grant_types_supported']).includes(name),
    );

    expect(off.length).toBeGreaterThanOrEqual(2);
    for (const grant_type of off) {
      const [form, caller] = (await GRANTS[grant_type]?.(everything)) ?? [{}, 'conf'];
      const { json } = await nothing.token({ grant_type, ...form }, caller);
      expect(json['error'], grant_type).toBe('unsupported_grant_type');
    }
  });

  it('says nothing that the other does not say, and all of it works', async () => {
    for (const [member, { works }] of Object.entries(LISTS)) {
      for (const value of strings(plainMetadata[member])) {
        expect(strings(metadata[member]), member).toContain(value);
        expect(await works(nothing, value), `${member}: ${value}`).toBe(true);
      }
    }
  });

  it('has no member for what is off', () => {
    const missing = Object.keys(metadata).filter((name) => !(name in plainMetadata));

    expect(missing.sort()).toEqual([
      'acr_values_supported',
      'authorization_details_types_supported',
      'device_authorization_endpoint',
      'mtls_endpoint_aliases',
      'registration_endpoint',
      'request_object_signing_alg_values_supported',
      'service_documentation',
      'tls_client_certificate_bound_access_tokens',
    ]);
    expect(plainMetadata).toMatchObject({ request_parameter_supported: false });
  });
});
