// Clients that sign, by two libraries that many use.

import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import { createSigner } from '../support/signer.ts';

const SECRET = 'rp-secret-rp-secret-rp-secret-rp-secret';
const ALGS = ['ES256', 'RS256', 'PS256', 'Ed25519'] as const;
const signers = new Map(
  await Promise.all(ALGS.map(async (alg) => [alg, await createSigner(`k-${alg}`, alg)] as const)),
);
const SERVICE = { grant_types: ['client_credentials'], scope: 'api:read' };

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startTestIssuer({
    clients: [
      {
        client_id: 'mac',
        client_secret: SECRET,
        token_endpoint_auth_method: 'client_secret_jwt',
        ...SERVICE,
      },
      ...[...signers].map(([alg, { jwk }]) => {
        const key: Record<string, string> = JSON.parse(JSON.stringify(jwk));
        return {
          client_id: `key-${alg}`,
          token_endpoint_auth_method: 'private_key_jwt' as const,
          token_endpoint_auth_signing_alg: alg,
          jwks: { keys: [key] },
          ...SERVICE,
        };
      }),
    ],
    users: [{ sub: 'alice' }],
  });
});

afterAll(() => issuer.stop());

const keyOf = (alg: (typeof ALGS)[number]): oidc.PrivateKey => {
  const { privateKey: key, kid } = signers.get(alg) ?? never();
  return { key, kid };
};

function never(): never {
  throw new Error('no signer');
}

const configure = (clientId: string, authentication: oidc.ClientAuth) =>
  oidc.discovery(new URL(issuer.url), clientId, {}, authentication, {
    execute: [oidc.allowInsecureRequests],
  });

describe('openid-client', () => {
  it.each(ALGS)('authenticates by private_key_jwt with %s, wherever a client does', async (alg) => {
    const config = await configure(`key-${alg}`, oidc.PrivateKeyJwt(keyOf(alg)));

    const { access_token } = await oidc.clientCredentialsGrant(config);
    expect(await oidc.tokenIntrospection(config, access_token)).toMatchObject({
      active: true,
      client_id: `key-${alg}`,
    });
    await oidc.tokenRevocation(config, access_token);
    expect(await oidc.tokenIntrospection(config, access_token)).toEqual({ active: false });
  });

  it('authenticates by client_secret_jwt', async () => {
    const config = await configure('mac', oidc.ClientSecretJwt(SECRET));

    const { access_token } = await oidc.clientCredentialsGrant(config);
    expect(await oidc.tokenIntrospection(config, access_token)).toMatchObject({ active: true });
  });

  it('is refused with the key or the secret of somebody else', async () => {
    for (const config of [
      await configure('key-ES256', oidc.PrivateKeyJwt((await createSigner('k-ES256')).privateKey)),
      await configure('mac', oidc.ClientSecretJwt(`${SECRET}x`)),
      await configure('mac', oidc.ClientSecretPost(SECRET)),
    ]) {
      await expect(oidc.clientCredentialsGrant(config)).rejects.toMatchObject({ status: 401 });
    }
  });
});

describe('oauth4webapi, the strictest validator', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };

  it('authenticates by private_key_jwt', async () => {
    const url = new URL(issuer.url);
    const discovered = await oauth.discoveryRequest(url, insecure);
    const server = await oauth.processDiscoveryResponse(url, discovered);
    const client = { client_id: 'key-ES256' };

    expect(server.token_endpoint_auth_signing_alg_values_supported).toContain('ES256');
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      oauth.PrivateKeyJwt(keyOf('ES256')),
      new URLSearchParams(),
      insecure,
    );
    const tokens = await oauth.processClientCredentialsResponse(server, client, response);
    expect(tokens.token_type).toBe('bearer');
  });
});
