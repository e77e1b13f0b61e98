import { describe, expect, it } from 'vitest';
import { unverified, verified } from '../support/client-certificates.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { basic, type Credentials, withCertificate, withHeader } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const bound = { certificateBoundAccessTokens: true };
const REDIRECT = { redirect_uri: 'https://rp.example/callback' };

const CLIENTS = [
  makeClient('bound', bound),
  makeClient('bound2', bound),
  makeClient('app', { ...bound, tokenEndpointAuthMethod: 'none' }),
  makeClient('pki', {
    ...bound,
    tokenEndpointAuthMethod: 'tls_client_auth',
    certificateName: { type: 'dns', value: 'pki.example' },
    secrets: [],
  }),
];

const OWN = unverified({ commonName: 'own' });
const OTHER = unverified({ commonName: 'own' });
const as = (clientId: string, certificate = OWN): Credentials => ({
  ...withHeader(basic(clientId)),
  certificate,
});
const PKCE = {
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};
const VERIFIER = { code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' };

function create() {
  const issuer = createTestIssuer({ clients: CLIENTS });
  const tokensOf = async (clientId: string, credentials = as(clientId)) => {
    const code = await issuer.code({ client_id: clientId });
    const { status, json } = await issuer.redeem(code, {}, credentials);
    return { status, json, accessToken: String(json['access_token']) };
  };
  return { ...issuer, tokensOf };
}

describe('access tokens of a client that wants them bound to its certificate (RFC 8705 §3; CA-13)', () => {
  it('name the certificate of the request, and stay bearer tokens by their type', async () => {
    const { json, accessToken } = await create().tokensOf('bound');

    expect(json['token_type']).toBe('Bearer');
    expect(claimsOf(accessToken)['cnf']).toEqual({ 'x5t#S256': OWN.thumbprint });
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('cnf');
  });

  it('name nothing for a client that did not ask for it, whatever it shows', async () => {
    const { accessToken } = await create().tokensOf('conf');

    expect(claimsOf(accessToken)).not.toHaveProperty('cnf');
  });

  it('are not issued without a certificate, and the code is still good', async () => {
    const { code, redeem } = create();
    const spent = await code({ client_id: 'bound' });

    const without = await redeem(spent, {}, withHeader(basic('bound')));
    expect([without.status, without.json['error'], without.json['reason']]).toEqual([
      400,
      'invalid_request',
      'certificate_missing',
    ]);
    expect((await redeem(spent, {}, as('bound'))).status).toBe(200);
  });

  for (const different of [{ notAfter: 1_799_999_999 }, { notBefore: 1_800_000_001 }]) {
    it(`are not issued for one that does not live: ${JSON.stringify(different)}`, async () => {
      const { status, json } = await create().tokensOf(
        'bound',
        as('bound', { ...OWN, ...different }),
      );

      expect([status, json['reason']]).toEqual([400, 'certificate_expired']);
    });
  }

  it('are bound for a client that authenticates by it, too', async () => {
    const certificate = verified({ dns: ['pki.example'] });
    const { accessToken } = await create().tokensOf('pki', withCertificate('pki', certificate));

    expect(claimsOf(accessToken)['cnf']).toEqual({ 'x5t#S256': certificate.thumbprint });
  });
});

describe('a token that is bound to a certificate, presented (RFC 8705 §3; CA-13)', () => {
  it('is taken at UserInfo with it, and without it or with another is not', async () => {
    const { tokensOf, userinfo } = create();
    const { accessToken } = await tokensOf('bound');

    expect((await userinfo(accessToken, { certificate: OWN })).status).toBe(200);
    for (const certificate of [undefined, OTHER]) {
      const { status, json, headers } = await userinfo(accessToken, { certificate });

      expect([status, json['error']]).toEqual([401, 'invalid_token']);
      expect(headers['WWW-Authenticate']).toContain('error="invalid_token"');
    }
  });

  it('is not taken with the certificate of another client that is as valid', async () => {
    const { tokensOf, userinfo } = create();
    const own = (await tokensOf('bound')).accessToken;
    const others = (await tokensOf('bound2', as('bound2', OTHER))).accessToken;

    expect((await userinfo(others, { certificate: OTHER })).status).toBe(200);
    expect((await userinfo(others, { certificate: OWN })).status).toBe(401);
    expect((await userinfo(own, { certificate: OTHER })).status).toBe(401);
  });

  it('is not taken in the form in its place', async () => {
    const { tokensOf, userinfo } = create();
    const { accessToken } = await tokensOf('bound');
    const form = { method: 'POST', params: new Map([['access_token', [accessToken]]]) };

    expect((await userinfo(undefined, { ...form, certificate: OTHER })).status).toBe(401);
    expect((await userinfo(undefined, { ...form, certificate: OWN })).status).toBe(200);
  });

  it('says so at introspection, to whoever has to compare it', async () => {
    const { tokensOf, introspect } = create();
    const { accessToken } = await tokensOf('bound');
    const plain = (await tokensOf('conf')).accessToken;

    expect((await introspect(accessToken, as('bound'))).json).toMatchObject({
      active: true,
      cnf: { 'x5t#S256': OWN.thumbprint },
    });
    expect((await introspect(plain, 'conf')).json).not.toHaveProperty('cnf');
  });

  it('is no token for whoever shows a certificate and an unbound token: that one is free', async () => {
    const { tokensOf, userinfo } = create();
    const { accessToken } = await tokensOf('conf');

    expect((await userinfo(accessToken, { certificate: OTHER })).status).toBe(200);
  });
});

describe('refresh tokens of a client that wants its tokens bound (RFC 8705 §7.1; RT-10)', () => {
  it('of a public client are of use with the same certificate only, and another ends nothing', async () => {
    const { code, redeem, refresh } = create();
    const spent = await code({ client_id: 'app', ...PKCE });
    const first = await redeem(spent, { ...REDIRECT, ...VERIFIER }, withCertificate('app', OWN));
    const token = String(first.json['refresh_token']);

    const stolen = await refresh(token, {}, withCertificate('app', OTHER));
    expect([stolen.status, stolen.json['error']]).toEqual([400, 'invalid_grant']);
    const honest = await refresh(token, {}, withCertificate('app', OWN));
    expect(honest.status).toBe(200);
    expect(claimsOf(String(honest.json['access_token']))['cnf']).toEqual({
      'x5t#S256': OWN.thumbprint,
    });
  });

  it('of a client that authenticates bring tokens for the certificate it shows then', async () => {
    const { tokensOf, refresh } = create();
    const { json } = await tokensOf('bound');
    const token = String(json['refresh_token']);

    const without = await refresh(token, {}, withHeader(basic('bound')));
    expect([without.status, without.json['reason']]).toEqual([400, 'certificate_missing']);
    const renewed = await refresh(token, {}, as('bound', OTHER));
    expect(claimsOf(String(renewed.json['access_token']))['cnf']).toEqual({
      'x5t#S256': OTHER.thumbprint,
    });
  });
});
