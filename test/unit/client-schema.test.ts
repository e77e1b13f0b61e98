import { describe, expect, it } from 'vitest';
import { readClients, secretVariable } from '../../internal/config/clients.ts';
import { printPath } from '../../internal/config/finding.ts';
import { isPublic } from '../../internal/protocol/client.ts';
import { createFolder, loadFolder, problemsOf, SECRET, TERMS } from './loader.fixture.ts';

const URIS = ['https://a.example/cb'];
const sound = { client_id: 'a', client_secret: SECRET, redirect_uris: URIS };
const spa = { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: URIS };

const problemsIn = (...clients: readonly object[]): readonly string[] =>
  readClients({ clients }, TERMS).problems.map(
    ({ path, problem }) => `${printPath(path)}: ${problem}`,
  );

const loadClient = async (client: object) => {
  const folder = await createFolder({ 'clients.yaml': JSON.stringify({ clients: [client] }) });
  const { clients } = await loadFolder(folder);
  const [only] = clients.values();
  if (only === undefined) throw new Error('no client was loaded');
  return only;
};

describe('client metadata: defaults', () => {
  it('makes a confidential web client of the least that can be said', async () => {
    const client = await loadClient(sound);

    expect(client).toEqual({
      clientId: 'a',
      clientName: undefined,
      registered: false,
      clientUri: undefined,
      logoUri: undefined,
      policyUri: undefined,
      tosUri: undefined,
      certificateBoundAccessTokens: false,
      certificateName: undefined,
      idTokenEncryption: undefined,
      userinfoSignedResponseAlg: undefined,
      userinfoEncryption: undefined,
      introspectionSignedResponseAlg: undefined,
      introspectionEncryption: undefined,
      tokenExchange: undefined,
      jwtBearer: undefined,
      redirectUris: URIS,
      postLogoutRedirectUris: [],
      backchannelLogoutUri: undefined,
      frontchannelLogoutUri: undefined,
      grantTypes: ['authorization_code', 'refresh_token'],
      tokenEndpointAuthMethod: 'client_secret_basic',
      secrets: [{ kind: 'sha256', digest: expect.any(Uint8Array) }],
      keys: undefined,
      tokenEndpointAuthSigningAlg: undefined,
      tokenEndpointAuthAudience: 'issuer',
      serviceAccount: undefined,
      spiffeId: undefined,
      scope: undefined,
      applicationType: 'web',
      idTokenSignedResponseAlg: 'ES256',
      idTokenClaims: 'all',
      audience: [],
      resources: [],
      serves: [],
      consent: 'skip',
      requirePkce: false,
      requireRedirectUri: false,
      requireAuthTime: false,
      defaultMaxAge: undefined,
      refreshTokenRotation: 'always',
      allowIframe: false,
      allow: undefined,
      preferredUsernameTransform: [],
      claimMappings: [],
      accessTokenFormat: 'jwt',
      accessTokenSigningAlg: 'ES256',
      idTokenAudience: [],
      idTokenStateHash: false,
      dpopBoundAccessTokens: false,
      requirePushedAuthorizationRequests: false,
      requestObjectSigningAlg: undefined,
      requireSignedRequestObject: false,
      authorizationSignedResponseAlg: 'ES256',
      authorizationDetailsTypes: [],
      sectorIdentifier: undefined,
      lifetimes: {},
    });
  });

  it('takes over everything that is said', async () => {
    const client = await loadClient({
      ...sound,
      client_name: 'A',
      post_logout_redirect_uris: ['https://a.example/'],
      backchannel_logout_uri: 'https://a.internal/back',
      backchannel_logout_session_required: true,
      frontchannel_logout_uri: 'https://a.example/front',
      frontchannel_logout_session_required: true,
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'openid email',
      application_type: 'native',
      id_token_signed_response_alg: 'RS256',
      id_token_claims: 'minimal',
      audience: ['api'],
      resources: ['https://api.example/v1'],
      serves: ['https://api.example/v2'],
      consent: 'always',
      require_pkce: true,
      require_auth_time: true,
      default_max_age: 60,
      refresh_token_rotation: 'never',
      allow_iframe: true,
      dpop_bound_access_tokens: true,
      allow: { groups: ['g'], subjects: ['s'] },
      lifetimes: { access_token: '5m', refresh_token_grace: '0s' },
    });

    expect(client).toMatchObject({
      clientName: 'A',
      postLogoutRedirectUris: ['https://a.example/'],
      backchannelLogoutUri: 'https://a.internal/back',
      frontchannelLogoutUri: 'https://a.example/front',
      grantTypes: ['authorization_code'],
      tokenEndpointAuthMethod: 'client_secret_post',
      scope: ['openid', 'email'],
      applicationType: 'native',
      idTokenSignedResponseAlg: 'RS256',
      idTokenClaims: 'minimal',
      audience: ['api'],
      resources: ['https://api.example/v1'],
      serves: ['https://api.example/v2'],
      consent: 'always',
      requirePkce: true,
      requireAuthTime: true,
      defaultMaxAge: 60,
      refreshTokenRotation: 'never',
      allowIframe: true,
      dpopBoundAccessTokens: true,
      allow: { groups: ['g'], subjects: ['s'] },
      lifetimes: { accessToken: 300, refreshTokenGrace: 0 },
    });
  });

  it('demands PKCE of a public client, which has no secrets', async () => {
    const client = await loadClient(spa);

    expect(isPublic(client)).toBe(true);
    expect(client).toMatchObject({ requirePkce: true, secrets: [] });
  });
});

describe('client metadata: what is refused', () => {
  const cases: readonly {
    readonly name: string;
    readonly client: object;
    readonly problem: string;
  }[] = [
    {
      name: 'an unknown key',
      client: { ...sound, redirect_uri: 'x' },
      problem: 'redirect_uri: is not a known key; did you mean redirect_uris?',
    },
    {
      name: 'no id',
      client: { ...sound, client_id: undefined },
      problem: 'client_id: is missing; it has to be text',
    },
    {
      name: 'an id that is a number',
      client: { ...sound, client_id: 123 },
      problem: 'client_id: has to be text, and YAML reads a number here: put it in quotes',
    },
    {
      name: 'an id that is null',
      client: { ...sound, client_id: null },
      problem: 'client_id: has no value; give it one, or remove the key',
    },
    {
      name: 'an id with blanks',
      client: { ...sound, client_id: 'a b' },
      problem: 'client_id: has to be 1 to 255 printable ASCII characters without blanks',
    },
    {
      name: 'a secret that is a number',
      client: { ...sound, client_secret: 1234567890 },
      problem: 'client_secret: has to be text, and YAML reads a number here: put it in quotes',
    },
    {
      name: 'a secret that is null (CA-5)',
      client: { ...sound, client_secret: null },
      problem: 'client_secret: has no value; give it one, or remove the key',
    },
    {
      name: 'one redirect URI instead of a list',
      client: { ...sound, redirect_uris: 'https://a.example/' },
      problem: 'redirect_uris: has to be a list, as in [ … ]',
    },
    {
      name: 'the code flow without a redirect URI',
      client: { ...sound, redirect_uris: [] },
      problem: 'redirect_uris: is missing; the grant authorization_code needs one at least',
    },
    {
      name: 'a redirect URI twice',
      client: { ...sound, redirect_uris: [...URIS, ...URIS] },
      problem: 'redirect_uris[1]: is listed twice; remove one',
    },
    {
      name: 'an unusable redirect URI',
      client: { ...sound, redirect_uris: ['https://a.example/#'] },
      problem: 'redirect_uris[0]: has a fragment; remove it with its #',
    },
    {
      name: 'an unusable logout URI',
      client: { ...sound, post_logout_redirect_uris: ['/bye'] },
      problem: 'post_logout_redirect_uris[0]: is not an absolute URI; begin with https://',
    },
    {
      name: 'an unknown grant type',
      client: { ...sound, grant_types: ['authorization_code', 'implicit'] },
      problem:
        'grant_types[1]: has to be one of authorization_code, refresh_token, client_credentials',
    },
    {
      name: 'no grant type at all',
      client: { ...sound, grant_types: [] },
      problem: 'grant_types: is empty; give it a value, or remove the key',
    },
    {
      name: 'an unknown way to authenticate',
      client: { ...sound, token_endpoint_auth_method: 'client_secret_basik' },
      problem:
        'token_endpoint_auth_method: has to be one of client_secret_basic, client_secret_post, none; did you mean client_secret_basic?',
    },
    {
      name: 'another response type than code',
      client: { ...sound, response_types: ['code', 'token'] },
      problem: 'response_types[1]: has to be code',
    },
    {
      name: 'scope with two blanks',
      client: { ...sound, scope: 'openid  email' },
      problem: 'scope: has to be scope names with one blank between them',
    },
    {
      name: 'scope as a list',
      client: { ...sound, scope: ['openid'] },
      problem: 'scope: has to be one text, not a list',
    },
    {
      name: 'an unknown algorithm',
      client: { ...sound, id_token_signed_response_alg: 'none' },
      problem:
        'id_token_signed_response_alg: has to be one of ES256, RS256, PS256, EdDSA, ES384, ES512',
    },
    {
      name: 'a resource with a fragment',
      client: { ...sound, resources: ['https://a.example/#x'] },
      problem: 'resources[0]: has to be an absolute URI without a fragment',
    },
    {
      name: 'an allow rule that lets nobody in',
      client: { ...sound, allow: { groups: [] } },
      problem:
        'allow: lets nobody in; name subjects, groups or email_domains, or remove it to let everybody in',
    },
    {
      name: 'a code that lives too long',
      client: { ...sound, lifetimes: { authorization_code: '1h' } },
      problem: 'lifetimes.authorization_code: has to be between 1s and 10m',
    },
    {
      name: 'two forms in one entry',
      client: { ...sound, client_secrets: [{ client_secret: SECRET, client_secret_file: 'f' }] },
      problem:
        'client_secrets[0]: has to be exactly one of client_secret, client_secret_hash, client_secret_file',
    },
    {
      name: 'a public client with a secret',
      client: { ...spa, client_secret: SECRET },
      problem:
        'client_secret: is of no use with token_endpoint_auth_method: none; remove one of the two',
    },
    {
      name: 'a public client with client_credentials',
      client: { ...spa, grant_types: ['authorization_code', 'client_credentials'] },
      problem: 'grant_types[1]: needs a client that authenticates (RFC 6749 §4.4); remove it',
    },
    {
      name: 'a public client without rotation',
      client: { ...spa, refresh_token_rotation: 'never' },
      problem:
        'refresh_token_rotation: would let a stolen refresh token of a public client live on; remove it',
    },
    {
      name: 'a public client without PKCE',
      client: { ...spa, require_pkce: false },
      problem:
        'require_pkce: cannot be switched off for a public client (RFC 9700 §2.1.1); remove it',
    },
  ];
  for (const { name, client, problem } of cases) {
    it(`refuses ${name}`, () => {
      expect(problemsIn(client)).toEqual([`clients[0].${problem}`]);
    });
  }

  it('finds nothing wrong with a machine that has no redirect URI', () => {
    const machine = { client_id: 'm', client_secret: SECRET, grant_types: ['client_credentials'] };

    expect(problemsIn(machine)).toEqual([]);
  });

  it('hides no mistake of one client behind that of another', () => {
    expect(
      problemsIn(
        { ...sound, x: 1 },
        { ...spa, y: 2, redirect_uris: [] },
        { ...spa, client_id: 'b', redirect_uris: ['ftp:x'] },
      ),
    ).toEqual([
      'clients[0].x: is not a known key; remove it',
      'clients[1].y: is not a known key; remove it',
      expect.stringMatching(/^clients\[2\]\.redirect_uris\[0\]: /),
    ]);
  });
});

describe('clients.yaml: ids that nobody can tell apart (CF-1)', () => {
  for (const { name, first, second, problem } of [
    {
      name: 'the same',
      first: 'a',
      second: 'a',
      problem: 'is the id of clients[0] too; rename or remove one',
    },
    {
      name: 'the same but for case',
      first: 'App',
      second: 'aPP',
      problem: 'differs from that of clients[0] only in case or Unicode form; rename one',
    },
    {
      name: 'of the same variable',
      first: 'my-app',
      second: 'my.app',
      problem: 'shares ASTEROID_CLIENT_SECRET_MY_APP with clients[0]; rename one',
    },
  ]) {
    it(`refuses ids that are ${name}`, () => {
      expect(problemsIn({ ...sound, client_id: first }, { ...sound, client_id: second })).toEqual([
        `clients[1].client_id: ${problem}`,
      ]);
    });
  }

  it('refuses ids that differ in their Unicode form only', () => {
    const problems = problemsIn(
      { ...sound, client_id: 'caf\u00e9' },
      { ...sound, client_id: 'cafe\u0301' },
    );

    expect(problems).toContain(
      'clients[1].client_id: differs from that of clients[0] only in case or Unicode form; rename one',
    );
  });

  it('accepts ids that merely resemble each other', () => {
    expect(problemsIn({ ...sound, client_id: 'app' }, { ...sound, client_id: 'app2' })).toEqual([]);
  });

  it('names the variable of a secret by the id in capitals', () => {
    expect(secretVariable('my-App.2')).toBe('ASTEROID_CLIENT_SECRET_MY_APP_2');
  });
});

describe('clients_count', () => {
  const read = (text: object) => readClients(text, TERMS);

  it('is compared with what there is', () => {
    expect(read({ clients: [sound], clients_count: 2 }).problems).toEqual([
      {
        path: ['clients_count'],
        problem: 'says 2, and there are 1; was the file cut off? Otherwise correct it',
      },
    ]);
    expect(read({ clients: [sound], clients_count: 1 })).toMatchObject({
      declaredCount: 1,
      problems: [],
    });
  });

  it('has to stand where only a whole file has it', async () => {
    const folder = await createFolder({ 'clients.yaml': 'clients_count: 0\nclients: []\n' });

    expect(await problemsOf(folder)).toEqual([
      'clients.yaml:1: clients_count: has to be the last key of the file; move it to the end',
    ]);
  });
});
