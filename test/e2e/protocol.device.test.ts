// Devices, by both libraries as their manuals show it, while somebody answers in a browser behind nginx.

import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from './browser.ts';
import { cookieOf } from './nginx.ts';
import { type Protocol, SECRET, startProtocol } from './protocol.ts';
import { cleanUp } from './rig.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const GRANTS = { grant_types: [DEVICE_CODE, 'refresh_token'] };
const SCOPE = 'openid email offline_access';

let protocol: Protocol;

beforeAll(async () => {
  const clients = [
    { client_id: 'tv', token_endpoint_auth_method: 'none', ...GRANTS },
    { client_id: 'box', client_secret: SECRET, ...GRANTS },
  ];
  protocol = await startProtocol({ nonce: 'required', clients });
});
afterAll(cleanUp);

/** What alice does at another screen. */
async function answer(page: string, decision: 'allow' | 'deny'): Promise<void> {
  const browser = openBrowser([cookieOf('alice')]);
  const { url, answer: shown } = await browser.visit(page, 'never:');
  const [, handle] = /name="handle" value="([^"]+)"/.exec(shown.body) ?? [];
  if (handle === undefined) throw new Error(`no question at ${url}: ${shown.body}`);
  const done = await browser.submit(url, '/device', { handle, decision }, 'never:');
  expect(done.answer.status).toBe(200);
}

const CALLERS = [
  { clientId: 'tv', authentication: () => client.None() },
  { clientId: 'box', authentication: () => client.ClientSecretBasic(SECRET) },
];

describe.each(CALLERS)('openid-client on the device $clientId', ({ clientId, authentication }) => {
  const configure = () =>
    client.discovery(new URL(protocol.origin), clientId, {}, authentication(), {
      execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
    });

  it('waits until alice allows it, gets tokens for its key, and refreshes them', async () => {
    const config = await configure();
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const started = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
    const polled = client.pollDeviceAuthorizationGrant(config, started, undefined, { DPoP });
    await answer(started.verification_uri_complete ?? '', 'allow');

    const tokens = await polled;

    expect(tokens.claims()).toMatchObject({ sub: 'alice', aud: clientId });
    expect(tokens.token_type).toBe('dpop');
    const claims = await client.fetchUserInfo(config, tokens.access_token, 'alice', { DPoP });
    expect(claims).toMatchObject({ email: 'alice@example.test' });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, {
      DPoP,
    });
    expect(next.claims()?.sub).toBe('alice');
  });

  it('is told when alice says no', async () => {
    const config = await configure();
    const started = await client.initiateDeviceAuthorization(config, { scope: SCOPE });
    await answer(started.verification_uri_complete ?? '', 'deny');

    await expect(client.pollDeviceAuthorizationGrant(config, started)).rejects.toMatchObject({
      error: 'access_denied',
    });
  });
});

describe('oauth4webapi on a device', () => {
  it('validates each answer: the codes, the wait, the tokens, and that a code counts once', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(protocol.origin);
    const server = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, insecure),
    );
    const tv: oauth.Client = { client_id: 'tv' };
    const started = await oauth.processDeviceAuthorizationResponse(
      server,
      tv,
      await oauth.deviceAuthorizationRequest(
        server,
        tv,
        oauth.None(),
        { scope: 'openid' },
        insecure,
      ),
    );
    const poll = async () => {
      const { device_code } = started;
      const response = await oauth.deviceCodeGrantRequest(
        server,
        tv,
        oauth.None(),
        device_code,
        insecure,
      );
      return await oauth.processDeviceCodeResponse(server, tv, response);
    };

    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' });
    await expect(poll()).rejects.toMatchObject({ error: 'slow_down' });
    await answer(started.verification_uri_complete ?? '', 'allow');
    const tokens = await poll();

    expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'alice', aud: 'tv' });
    await expect(poll()).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
