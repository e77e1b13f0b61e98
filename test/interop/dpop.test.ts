import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { CALLBACK, clientOf, visit } from '../support/horizons.ts';
import { CLIENT_SECRET, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';

/** An issuer on loopback, with what it asks of proofs. */
async function startIssuer(nonce: 'never' | 'required'): Promise<URL> {
  const port = await findFreePort();
  const issuer = `http://127.0.0.1:${port}`;
  await startProgram({
    config: { issuer, listen: { public: { port }, admin: { port: 0 } }, dpop: { nonce } },
    clients: [
      clientOf('web', { dpop_bound_access_tokens: true }),
      { client_id: 'spa', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK] },
    ],
  });
  return new URL(issuer);
}

const CLIENTS: readonly (readonly [clientId: string, authentication: oidc.ClientAuth])[] = [
  ['web', oidc.ClientSecretBasic(CLIENT_SECRET)],
  ['spa', oidc.None()],
];

for (const nonce of ['never', 'required'] as const) {
  describe(`openid-client with DPoP, nonce: ${nonce} (RFC 9449; DP-2)`, () => {
    let issuer: URL;
    beforeAll(async () => {
      issuer = await startIssuer(nonce);
    });

    async function prepare(clientId: string, authentication: oidc.ClientAuth, alg: string) {
      const config = await oidc.discovery(
        issuer,
        clientId,
        { id_token_signed_response_alg: 'ES256' },
        authentication,
        { execute: [oidc.allowInsecureRequests] },
      );
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg));
      const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
      const callback = await visit(
        oidc.buildAuthorizationUrl(config, {
          redirect_uri: CALLBACK,
          scope: 'openid offline_access',
          code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
          code_challenge_method: 'S256',
          dpop_jkt: await DPoP.calculateThumbprint(),
        }),
        'alice',
      );
      return { config, DPoP, callback, checks: { pkceCodeVerifier } };
    }

    for (const [clientId, authentication] of CLIENTS) {
      for (const alg of ['ES256', 'PS256', 'Ed25519']) {
        it(`signs ${clientId} in with an ${alg} key, asks UserInfo and refreshes`, async () => {
          const { config, DPoP, callback, checks } = await prepare(clientId, authentication, alg);

          const tokens = await oidc.authorizationCodeGrant(config, callback, checks, undefined, {
            DPoP,
          });
          const renewed = await oidc.refreshTokenGrant(
            config,
            String(tokens.refresh_token),
            undefined,
            { DPoP },
          );

          expect(tokens.token_type).toBe('dpop');
          for (const { access_token } of [tokens, renewed]) {
            expect(claimsOf(access_token)['cnf']).toEqual({
              jkt: await DPoP.calculateThumbprint(),
            });
            expect(await oidc.fetchUserInfo(config, access_token, 'alice', { DPoP })).toMatchObject(
              {
                sub: 'alice',
              },
            );
          }
        });
      }
    }

    it('is refused with another key than that of dpop_jkt', async () => {
      const { config, callback, checks } = await prepare('spa', oidc.None(), 'ES256');
      const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));

      await expect(
        oidc.authorizationCodeGrant(config, callback, checks, undefined, { DPoP }),
      ).rejects.toMatchObject({ error: 'invalid_grant' });
    });
  });
}

describe('oauth4webapi with DPoP, the strictest validator (RFC 9449; DP-2)', () => {
  const insecure = { [oauth.allowInsecureRequests]: true };
  const client: oauth.Client = { client_id: 'web' };

  it('recognises the demand for a nonce at both endpoints, and comes again', async () => {
    const issuer = await startIssuer('required');
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, insecure),
    );
    expect(server.dpop_signing_alg_values_supported).toContain('ES256');
    const url = new URL(String(server.authorization_endpoint));
    url.search = new URLSearchParams({
      client_id: 'web',
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid',
      state: 'state',
    }).toString();
    const callback = oauth.validateAuthResponse(server, client, await visit(url, 'alice'), 'state');
    const keys = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(client, keys);

    const redeem = async (): Promise<oauth.TokenEndpointResponse> =>
      oauth.processAuthorizationCodeResponse(
        server,
        client,
        await oauth.authorizationCodeGrantRequest(
          server,
          client,
          oauth.ClientSecretBasic(CLIENT_SECRET),
          callback,
          CALLBACK,
          oauth.nopkce,
          { ...insecure, DPoP },
        ),
      );
    await expect(redeem()).rejects.toSatisfy(oauth.isDPoPNonceError);
    const tokens = await redeem();
    const ask = async (by: oauth.DPoPHandle) =>
      oauth.processUserInfoResponse(
        server,
        client,
        'alice',
        await oauth.userInfoRequest(server, client, tokens.access_token, {
          ...insecure,
          DPoP: by,
        }),
      );

    expect(tokens.token_type).toBe('dpop');
    expect(await ask(DPoP)).toMatchObject({ sub: 'alice' });
    const fresh = oauth.DPoP(client, keys);
    await expect(ask(fresh)).rejects.toSatisfy(oauth.isDPoPNonceError);
    expect(await ask(fresh)).toMatchObject({ sub: 'alice' });
  });
});
