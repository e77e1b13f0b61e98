import { createHash } from 'node:crypto';
import type { Client, ClientSecret } from '../../internal/protocol/client.ts';
import { toClientId } from '../../internal/protocol/ids.ts';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';

export const secretOf = (clientId: string): string => `${clientId}-secret-${clientId}-secret`;

export const sha256Secret = (secret: string): ClientSecret => ({
  kind: 'sha256',
  digest: createHash('sha256').update(secret).digest(),
});

/** A confidential client as clients.yaml would make it, with what a test wants different. */
export function makeClient(clientId: string, different: Partial<Client> = {}): Client {
  const method = different.tokenEndpointAuthMethod ?? 'client_secret_basic';
  return {
    clientId: toClientId(clientId),
    clientName: undefined,
    redirectUris: ['https://rp.example/callback'],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
    frontchannelLogoutUri: undefined,
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: method,
    secrets: method === 'none' ? [] : [sha256Secret(secretOf(clientId))],
    keys: undefined,
    certificateName: undefined,
    certificateBoundAccessTokens: false,
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
    userinfoSignedResponseAlg: undefined,
    introspectionSignedResponseAlg: undefined,
    idTokenEncryption: undefined,
    userinfoEncryption: undefined,
    introspectionEncryption: undefined,
    registered: false,
    clientUri: undefined,
    policyUri: undefined,
    tosUri: undefined,
    logoUri: undefined,
    requireRedirectUri: false,
    sectorIdentifier: undefined,
    requirePushedAuthorizationRequests: false,
    requestObjectSigningAlg: undefined,
    requireSignedRequestObject: false,
    authorizationSignedResponseAlg: 'ES256',
    authorizationDetailsTypes: [],
    dpopBoundAccessTokens: false,
    lifetimes: {},
    tokenExchange: undefined,
    jwtBearer: undefined,
    ...different,
  };
}

/** `conf2` is the attacker's: as valid as `conf`, registered the same way; so is `tv3` beside `tv2`. */
export const FIXTURE_CLIENTS: readonly Client[] = [
  makeClient('conf'),
  makeClient('conf2'),
  makeClient('post', { tokenEndpointAuthMethod: 'client_secret_post' }),
  makeClient('spa', {
    tokenEndpointAuthMethod: 'none',
    redirectUris: ['https://spa.example/callback'],
  }),
  makeClient('native', {
    tokenEndpointAuthMethod: 'none',
    applicationType: 'native',
    redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb', 'com.example.app:/cb'],
  }),
  makeClient('svc', {
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scope: ['api:read', 'api:write', 'openid', 'profile'],
  }),
  makeClient('tv', {
    tokenEndpointAuthMethod: 'none',
    grantTypes: [DEVICE_CODE, 'refresh_token'],
    redirectUris: [],
    clientName: 'Television',
  }),
  makeClient('tv2', {
    grantTypes: [DEVICE_CODE, 'refresh_token'],
    redirectUris: [],
    resources: ['https://api1.example', 'https://api2.example'],
  }),
  makeClient('tv3', { grantTypes: [DEVICE_CODE, 'refresh_token'], redirectUris: [] }),
  makeClient('rs1', { grantTypes: [], redirectUris: [], serves: ['https://api1.example'] }),
  makeClient('rs2', { grantTypes: [], redirectUris: [], serves: ['https://api2.example'] }),
];
