import * as oauth from 'oauth4webapi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://localhost:3000/callback';
const client: oauth.Client = { client_id: 'strict' };
const authentication = oauth.ClientSecretBasic('strict-secret-strict-secret-strict');
const insecure = { [oauth.allowInsecureRequests]: true };

let issuer: TestIssuer;
let server: oauth.AuthorizationServer;

beforeAll(async () => {
  issuer = await startTestIssuer({
    clients: [
      {
        client_id: 'strict',
        client_secret: 'strict-secret-strict-secret-strict',
        redirect_uris: [CALLBACK],
        resources: ['https://api.example'],
      },
    ],
    users: [{ sub: 'alice', name: 'Alice Example' }],
  });
  const url = new URL(issuer.url);
  const response = await oauth.discoveryRequest(url, insecure);
  server = await oauth.processDiscoveryResponse(url, response);
});

afterAll(() => issuer.stop());

async function authorize(parameters: Readonly<Record<string, string>>): Promise<URLSearchParams> {
  const url = new URL(server.authorization_endpoint ?? '');
  url.search = new URLSearchParams({
    client_id: 'strict',
    redirect_uri: CALLBACK,
    response_type: 'code',
    state: 'state',
    ...parameters,
  }).toString();
  const headers = { 'X-Authenticated-User': 'alice' };
  const response = await fetch(url, { redirect: 'manual', headers });
  return oauth.validateAuthResponse(
    server,
    client,
    new URL(response.headers.get('location') ?? ''),
    'state',
  );
}

async function redeem(callback: URLSearchParams, resource?: string) {
  return oauth.authorizationCodeGrantRequest(
    server,
    client,
    authentication,
    callback,
    CALLBACK,
    oauth.nopkce,
    { ...insecure, additionalParameters: resource === undefined ? {} : { resource } },
  );
}

describe('oauth4webapi, the strictest validator', () => {
  it('accepts the metadata of both well-known documents', async () => {
    const url = new URL(issuer.url);
    const response = await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' });

    expect(await oauth.processDiscoveryResponse(url, response)).toEqual(server);
  });

  it('accepts the ID Token and its nonce, and verifies its signature', async () => {
    const callback = await authorize({ scope: 'openid profile', nonce: 'nonce-1' });
    const response = await redeem(callback);

    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: 'nonce-1',
      requireIdToken: true,
    });
    await oauth.validateApplicationLevelSignature(server, response, insecure);

    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'alice' });
  });

  it('accepts access tokens of RFC 9068 at a resource server, for that resource only', async () => {
    const callback = await authorize({ scope: 'openid', resource: 'https://api.example' });
    const response = await redeem(callback, 'https://api.example');
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
    const call = new Request('https://api.example/', {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });

    const claims = await oauth.validateJwtAccessToken(
      server,
      call,
      'https://api.example',
      insecure,
    );

    expect(claims).toMatchObject({ iss: issuer.url, sub: 'alice', client_id: 'strict' });
    await expect(
      oauth.validateJwtAccessToken(server, call, 'https://other.example', insecure),
    ).rejects.toThrow(/aud/);
  });

  it('accepts introspection of a token, and of one that is revoked', async () => {
    const response = await redeem(await authorize({ scope: 'openid' }));
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        server,
        client,
        await oauth.introspectionRequest(
          server,
          client,
          authentication,
          tokens.access_token,
          insecure,
        ),
      );

    const before = await introspect();
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, client, authentication, tokens.access_token, insecure),
    );

    expect(before).toMatchObject({ active: true, scope: 'openid', sub: 'alice' });
    expect(await introspect()).toEqual({ active: false });
  });
});
