import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const SECRET = 'rp-secret-rp-secret-rp-secret-rp-secret';
const GRANTS = [DEVICE_CODE, 'refresh_token'];

let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startTestIssuer({
    clients: [
      { client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: GRANTS },
      { client_id: 'box', client_secret: SECRET, grant_types: GRANTS },
    ],
    users: [{ sub: 'alice', name: 'Alice Example' }],
  });
});

afterAll(() => issuer.stop());

/** What a browser sends to the page, with the proxy's word for who sits at it. */
const visit = (url: string, form?: Readonly<Record<string, string>>) =>
  fetch(url, {
    headers: { 'X-Authenticated-User': 'alice' },
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
  });

/** Follows the link, and answers what the page asks. */
async function answer(url: string, decision: string): Promise<string> {
  const shown = await (await visit(url)).text();
  const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(shown) ?? [];
  const { origin, pathname } = new URL(url);
  return (await visit(origin + pathname, { handle, decision })).text();
}

const configure = (clientId: string, authentication: oidc.ClientAuth) =>
  oidc.discovery(
    new URL(issuer.url),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    authentication,
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );

describe.each([
  ['tv', oidc.None()],
  ['box', oidc.ClientSecretBasic(SECRET)],
] as const)('openid-client on a device, as %s (RFC 8628)', (clientId, authentication) => {
  it('polls until alice allows it, and is refreshed', async () => {
    const config = await configure(clientId, authentication);
    const asked = await oidc.initiateDeviceAuthorization(config, {
      scope: 'openid profile offline_access',
    });

    const [tokens, page] = await Promise.all([
      oidc.pollDeviceAuthorizationGrant(config, asked),
      answer(asked.verification_uri_complete ?? '', 'allow'),
    ]);

    expect(page).toContain('go back to your device');
    expect(tokens.claims()).toMatchObject({ iss: issuer.url, sub: 'alice', aud: clientId });
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(await oidc.fetchUserInfo(config, refreshed.access_token, 'alice')).toMatchObject({
      name: 'Alice Example',
    });
  });

  it('hears that alice denied it', async () => {
    const config = await configure(clientId, authentication);
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: 'openid' });
    await answer(asked.verification_uri_complete ?? '', 'deny');

    await expect(oidc.pollDeviceAuthorizationGrant(config, asked)).rejects.toMatchObject({
      error: 'access_denied',
      status: 400,
    });
  });
});
