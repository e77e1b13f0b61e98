import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePorts } from '../support/free-port.ts';
import { createAuthenticator } from '../support/kubernetes.ts';
import { openBrowser } from './browser.ts';
import {
  connect,
  type HeaderLine,
  type ProductSigner,
  SECRET_LINE,
  sessionOf,
  startEmulator,
  startSigner,
} from './emulator.ts';
import { GATEWAY, startSidecar } from './mesh.ts';
import { type PresetAsteroid, showProxy, startPreset } from './preset.ts';
import { beginSignIn, CALLBACK, CLIENT_ID, CLIENT_SECRET, signIn } from './relying-party.ts';
import { ask, cleanUp } from './rig.ts';

const ISSUER = 'https://sso.example';
const BILLING = 'https://billing.shop.example';
const ORDERS = 'cluster.local/ns/shop/sa/orders';

const secretOf = (workload: string): string => `a secret of ${workload} that nobody guesses`;

const CLIENTS = `clients:
  - client_id: ${CLIENT_ID}
    client_secret: ${CLIENT_SECRET}
    redirect_uris: ["${CALLBACK}"]
    scope: openid profile email groups offline_access
    id_token_signed_response_alg: RS256
  - client_id: orders
    client_secret: ${secretOf('orders')}
    grant_types: [client_credentials]
    scope: invoices.write
    resources: ["${BILLING}"]
  - client_id: billing
    client_secret: ${secretOf('billing')}
    grant_types: [client_credentials]
    scope: invoices.read
    serves: ["${BILLING}"]
  - client_id: stock
    client_secret: ${secretOf('stock')}
    grant_types: [client_credentials]
    scope: stock.read
`;

let signer: ProductSigner;
let asteroid: PresetAsteroid;
/** Where browsers come in, and where programs of the mesh do. */
let gateway: string;
let inside: string;
/** What programs would reach of the listener for browsers, and what the gateway reaches. */
let fromOrders: number;
let fromGateway: number;

beforeAll(async () => {
  const [gatewayPort = 0, insidePort = 0, openPort = 0, ...more] = await findFreePorts(5);
  [fromOrders = 0, fromGateway = 0] = more;
  gateway = `http://localhost:${gatewayPort}`;
  inside = `http://127.0.0.1:${insidePort}`;
  signer = await startSigner({ alg: 'RS256', jwksPath: '/jwks' });
  asteroid = await startPreset({
    preset: 'istio-jwt',
    issuer: ISSUER,
    clients: CLIENTS,
    isSplit: true,
    fill: {
      'https://idp.example.com/jwks': signer.jwksUri,
      'https://idp.example.com': signer.origin,
    },
    more: `endpoints: { browser_base: "${gateway}", backchannel_base: "${inside}" }\n`,
  });
  const { port, browserPort } = asteroid;
  const resources = showProxy(asteroid, 'istio-jwt');
  const common = { resources, dns: { [ISSUER]: gateway } };
  await startSidecar({ ...common, principal: ORDERS, port: insidePort, asteroid: port });
  await startSidecar({ ...common, principal: ORDERS, port: fromOrders, asteroid: browserPort });
  await startSidecar({ ...common, principal: GATEWAY, port: fromGateway, asteroid: browserPort });
  await startSidecar({ ...common, principal: GATEWAY, port: openPort, asteroid: port });
  await startEmulator({
    port: gatewayPort,
    removes: (name) => name.startsWith('x-envoy-'),
    says: async (person) => [await bearer(claimsOf(person))],
    target: { port: openPort },
    browser: { port: fromGateway },
    isProvenBySecret: true,
  });
});
afterAll(cleanUp);

const claimsOf = (sub: string, changed: object = {}): object => {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 600, auth_time: now };
  const about = { email: `${sub}@corp.example`, email_verified: true, groups: ['engineering'] };
  return { iss: signer.origin, aud: ['asteroid'], sub, ...times, ...about, ...changed };
};

const bearer = async (claims: object): Promise<HeaderLine> => [
  'Authorization',
  `Bearer ${await signer.sign(claims)}`,
];

/** By the way of programs, for an issuer that is found nowhere under its own name. */
const discover = (id = CLIENT_ID, secret = CLIENT_SECRET): Promise<client.Configuration> =>
  client.discovery(
    new URL(`${inside}/.well-known/openid-configuration`),
    id,
    { id_token_signed_response_alg: 'RS256' },
    client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  );

const workload = (name: string) => discover(name, secretOf(name));

const asAlice = () => openBrowser([sessionOf('alice')]);

/** What comes of an authorization request that is brought to this port of the mesh, or behind it. */
async function bring(port: number, ...lines: readonly HeaderLine[]): Promise<readonly unknown[]> {
  const { url } = await beginSignIn(await discover());
  const headers = [['Host', url.host], ...lines].flat();
  const request = connect({ port }, { path: `/authorize${url.search}`, method: 'GET', headers });
  return await new Promise((resolve, reject) => {
    request.on('error', reject).on('response', (answer) => {
      answer.resume();
      resolve([answer.statusCode, answer.headers.location?.startsWith(CALLBACK) ?? false]);
    });
    request.end();
  });
}

const SIGNED_IN = [303, true];
const refused = (status: number) => [status, false];

describe('a relying party inside of the mesh', () => {
  it('finds the issuer under another address than its name, and browsers under a third', async () => {
    const metadata = (await discover()).serverMetadata();

    expect(metadata.issuer).toBe(ISSUER);
    expect(metadata.authorization_endpoint).toBe(`${gateway}/authorize`);
    expect([metadata.token_endpoint, metadata.jwks_uri]).toEqual([
      `${inside}/token`,
      `${inside}/jwks.json`,
    ]);
  });

  it('signs alice in by the JWT that the gateway forwards, and asks for more about her', async () => {
    const config = await discover();
    const tokens = await signIn(config, asAlice());

    expect(tokens.claims()).toMatchObject({
      ...{ iss: ISSUER, sub: 'alice', email: 'alice@corp.example', groups: ['engineering'] },
    });
    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice');
    expect(claims).toMatchObject({ sub: 'alice', email_verified: true });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(next.access_token).not.toBe(tokens.access_token);
  });
});

describe('the API server of Kubernetes, emulated, inside of the mesh', () => {
  const accept = (audience: string) =>
    createAuthenticator({
      issuerUrl: ISSUER,
      discoveryUrl: `${inside}/.well-known/openid-configuration`,
      audiences: [audience],
      signingAlgs: ['RS256'],
      usernameClaim: 'email',
      usernamePrefix: 'oidc:',
      groupsClaim: 'groups',
      groupsPrefix: 'oidc:',
    });

  it('takes alice with her groups from her ID Token, and from no token of another client', async () => {
    const { id_token = '', access_token } = await signIn(await discover(), asAlice());
    const [own, other] = await Promise.all([accept(CLIENT_ID), accept('another')]);

    expect(await own(id_token)).toEqual({
      username: 'oidc:alice@corp.example',
      groups: ['oidc:engineering'],
    });
    await expect(other(id_token)).rejects.toThrow('expected audience');
    await expect(own(access_token)).rejects.toThrow();
  });
});

describe('a workload of the mesh', () => {
  const tokenOfOrders = async (): Promise<string> => {
    const config = await workload('orders');
    return (await client.clientCredentialsGrant(config, { resource: BILLING })).access_token;
  };

  it('calls another one, which asks what the token says; a third is told nothing', async () => {
    const token = await tokenOfOrders();
    const [billing, stock] = await Promise.all([workload('billing'), workload('stock')]);

    expect(await client.tokenIntrospection(billing, token)).toMatchObject({
      ...{ active: true, iss: ISSUER, sub: 'orders', client_id: 'orders', aud: BILLING },
      scope: 'invoices.write',
    });
    expect(await client.tokenIntrospection(stock, token)).toEqual({ active: false });
    await client.tokenRevocation(await workload('orders'), token);
    expect(await client.tokenIntrospection(billing, token)).toMatchObject({ active: false });
  });

  it('is no End-User: not for a scope, not for UserInfo, not with its token at the gateway (T20)', async () => {
    const config = await workload('orders');
    const token = await tokenOfOrders();

    await expect(
      client.clientCredentialsGrant(config, { scope: 'openid profile' }),
    ).rejects.toMatchObject({ error: 'invalid_scope' });
    const headers = { Authorization: `Bearer ${token}` };
    const { status, headers: told } = await ask(`${inside}/userinfo`, { headers });
    expect([status, told['www-authenticate']]).toEqual([401, expect.stringMatching(/^Bearer /)]);
    expect(await bring(fromGateway, ['Authorization', `Bearer ${token}`], SECRET_LINE)).toEqual(
      refused(401),
    );
    expect(
      await bring(asteroid.browserPort, ['Authorization', `Bearer ${token}`], SECRET_LINE),
    ).toEqual(refused(401));
  });

  it('says nobody’s name: what reads one is for the gateway alone, and for its secret (T01)', async () => {
    const alice = await bearer(claimsOf('alice'));

    expect(await bring(fromOrders, alice, SECRET_LINE)).toEqual(refused(403));
    expect(await bring(asteroid.browserPort, alice)).toEqual(refused(403));
    expect(await bring(Number(new URL(inside).port), alice, SECRET_LINE)).toEqual(refused(403));
    expect(await bring(asteroid.port, alice, SECRET_LINE)).toEqual(refused(404));
    expect(await bring(fromGateway, alice, SECRET_LINE)).toEqual(SIGNED_IN);
  });
});

describe('a JWT that was forwarded to somebody else (T20)', () => {
  for (const [what, changed] of [
    ['for another workload', { aud: ['orders'] }],
    ['for nobody in particular', { aud: undefined }],
    ['of another issuer of the mesh', { iss: 'https://other.example' }],
  ] as const) {
    it(`${what} signs nobody in: the mesh refuses it, and so does Asteroid`, async () => {
      const line = await bearer(claimsOf('alice', changed));
      const [inMesh, behind] = [
        await bring(fromGateway, line, SECRET_LINE),
        await bring(asteroid.browserPort, line, SECRET_LINE),
      ];

      expect(inMesh).toEqual(refused('iss' in changed ? 401 : 403));
      expect(behind).toEqual(refused(401));
    });
  }

  it('for this issuer and another does', async () => {
    const line = await bearer(claimsOf('alice', { aud: ['orders', 'asteroid'] }));

    expect(await bring(fromGateway, line, SECRET_LINE)).toEqual(SIGNED_IN);
  });
});
