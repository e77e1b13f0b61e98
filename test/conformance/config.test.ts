// What the OpenID Foundation's configuration plan reads out of the metadata and the JWKS. It looks
// at the answers only; nothing here knows from which tables they are made.

import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { makeRequest, settle } from '../support/requests.ts';

/** Members that the suite knows; any other one is a warning. */
const KNOWN = new Set(
  `issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint
  scopes_supported response_types_supported response_modes_supported grant_types_supported
  acr_values_supported subject_types_supported id_token_signing_alg_values_supported
  token_endpoint_auth_methods_supported revocation_endpoint revocation_endpoint_auth_methods_supported
  introspection_endpoint introspection_endpoint_auth_methods_supported display_values_supported
  token_endpoint_auth_signing_alg_values_supported
  revocation_endpoint_auth_signing_alg_values_supported
  introspection_endpoint_auth_signing_alg_values_supported
  claim_types_supported claims_supported service_documentation ui_locales_supported
  claims_locales_supported claims_parameter_supported request_parameter_supported
  request_uri_parameter_supported require_request_uri_registration op_policy_uri op_tos_uri
  code_challenge_methods_supported authorization_response_iss_parameter_supported
  prompt_values_supported end_session_endpoint backchannel_logout_supported
  backchannel_logout_session_supported frontchannel_logout_supported
  frontchannel_logout_session_supported pushed_authorization_request_endpoint
  device_authorization_endpoint
  require_pushed_authorization_requests require_signed_request_object
  request_object_signing_alg_values_supported authorization_signing_alg_values_supported
  authorization_details_types_supported
  dpop_signing_alg_values_supported userinfo_signing_alg_values_supported
  userinfo_encryption_alg_values_supported userinfo_encryption_enc_values_supported
  id_token_encryption_alg_values_supported id_token_encryption_enc_values_supported
  introspection_signing_alg_values_supported introspection_encryption_alg_values_supported
  introspection_encryption_enc_values_supported`.split(/\s+/),
);

const readMetadata = async () =>
  (await settle(createTestIssuer().issuer.discovery(makeRequest({ method: 'GET' })))).json;

const listOf = async (member: string): Promise<readonly string[]> => {
  const value = (await readMetadata())[member];
  if (!Array.isArray(value)) throw new Error(`${member} is no list`);
  return value.map(String);
};

describe('oidcc-discovery-endpoint-verification: metadata and keys', () => {
  it('names the issuer as a URL with https and nothing behind its path', async () => {
    const { issuer } = await readMetadata();

    expect(issuer).toBe(ISSUER);
    expect(issuer).toMatch(/^https:\/\/[^/?#@]+[^?#]*$/);
  });

  it('has an https URL in every member that ends in _endpoint, and in jwks_uri', async () => {
    const metadata = await readMetadata();
    const urls = Object.entries(metadata).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));

    expect(urls.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'authorization_endpoint',
        'token_endpoint',
        'userinfo_endpoint',
        'jwks_uri',
      ]),
    );
    for (const [name, url] of urls) expect(url, name).toMatch(/^https:\/\/op\.example\/a\/[^?#]+$/);
  });

  it('has lists of texts and true or false where the standard has them, and no unknown member', async () => {
    for (const [name, value] of Object.entries(await readMetadata())) {
      expect(KNOWN.has(name), name).toBe(true);
      if (/_supported$|^require_/.test(name) && typeof value !== 'boolean') {
        expect(value, name).toEqual(expect.arrayContaining([expect.any(String)]));
      }
    }
  });

  it('offers code, public subjects, RS256 beside ES256, the scope openid and S256', async () => {
    expect(await listOf('response_types_supported')).toContain('code');
    expect(await listOf('subject_types_supported')).toContain('public');
    expect(await listOf('id_token_signing_alg_values_supported')).toContain('RS256');
    expect(await listOf('scopes_supported')).toContain('openid');
    expect(await listOf('code_challenge_methods_supported')).toEqual(['S256']);
    expect((await listOf('grant_types_supported')).length).toBeGreaterThan(0);
    for (const scope of await listOf('scopes_supported')) expect(scope).toMatch(/^[!#-[\]-~]+$/);
  });

  it('lists the methods by which clients of the plans authenticate', async () => {
    expect(await listOf('token_endpoint_auth_methods_supported')).toEqual(
      expect.arrayContaining([
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
      ]),
    );
    expect(await listOf('token_endpoint_auth_signing_alg_values_supported')).toEqual(
      expect.arrayContaining(['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA']),
    );
  });

  it('says no to request_uri, which would be yes if it were left out', async () => {
    expect(await readMetadata()).toMatchObject({
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
    });
  });

  it('publishes keys with distinct ids, the members of their type and nothing private', async () => {
    const rsa = makeClient('rsa', { idTokenSignedResponseAlg: 'RS256' });
    const test = createTestIssuer({ clients: [rsa] });
    await test.signIn({ client_id: 'rsa' });
    const { json } = await settle(test.issuer.jwks(makeRequest({ method: 'GET' })));
    const keys = json['keys'] as Readonly<Record<string, string>>[];

    expect(keys.map(({ kty }) => kty)).toEqual(['EC', 'RSA']);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
    for (const { kty, kid, use, alg, ...members } of keys) {
      const needed = kty === 'EC' ? ['crv', 'x', 'y'] : ['e', 'n'];
      expect(Object.keys(members).sort()).toEqual(needed);
      expect([kid, use, alg]).toEqual([expect.stringMatching(/\S/), 'sig', expect.any(String)]);
      for (const value of Object.values(members)) expect(value).toMatch(/^[\w-]+$/);
    }
  });
});
