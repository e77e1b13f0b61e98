import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  CALLBACK,
  clientOf,
  type Horizons,
  ISSUER,
  startHorizons,
  visit,
} from '../support/horizons.ts';
import { type AuthenticatorOptions, createAuthenticator } from '../support/kubernetes.ts';
import { CLIENT_SECRET } from '../support/program.ts';

let horizons: Horizons;

beforeAll(async () => {
  horizons = await startHorizons({
    clients: [
      clientOf('kubernetes', {
        id_token_signed_response_alg: 'RS256',
        preferred_username_transform: ['local-part', 'lower'],
        claims: {
          namespaces: { from: 'groups', strip_prefix: 'k8s:' },
          team: { from: 'nickname', match: '[a-z]+' },
        },
      }),
      clientOf('kubernetes-es256'),
      clientOf('grafana', { id_token_signed_response_alg: 'RS256' }),
    ],
    users: [
      {
        sub: 'alice',
        email: 'alice@corp.example',
        email_verified: true,
        preferred_username: 'Alice@corp.example',
        nickname: 'platform',
        groups: ['k8s:admin', 'sales'],
      },
      { sub: 'bob', email: 'bob@corp.example', email_verified: false },
      { sub: 'carol', email: 'carol@corp.example' },
    ],
  });
});

const discoveryUrl = () => `${horizons.backchannelBase}/.well-known/openid-configuration`;

/** The ID Token that `kubectl` would send, from a sign-in of this client. */
async function idTokenOf(user: string, clientId = 'kubernetes'): Promise<string> {
  const alg = clientId === 'kubernetes-es256' ? 'ES256' : 'RS256';
  const config = await oidc.discovery(
    new URL(discoveryUrl()),
    clientId,
    { id_token_signed_response_alg: alg },
    oidc.ClientSecretBasic(CLIENT_SECRET),
    { execute: [oidc.allowInsecureRequests] },
  );
  const expectedState = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email groups',
    state: expectedState,
  });
  const callback = await visit(url, user);
  const { id_token } = await oidc.authorizationCodeGrant(config, callback, { expectedState });
  if (id_token === undefined) throw new Error('no ID Token');
  return id_token;
}

const accept = (different: Partial<AuthenticatorOptions> = {}) =>
  createAuthenticator({
    issuerUrl: ISSUER,
    discoveryUrl: discoveryUrl(),
    audiences: ['kubernetes'],
    signingAlgs: ['RS256'],
    usernameClaim: 'sub',
    groupsClaim: 'groups',
    ...different,
  });

describe('the API server of Kubernetes, emulated', () => {
  it('finds the keys by the way of programs, and takes who is signed in with their groups', async () => {
    const authenticate = await accept();

    expect(await authenticate(await idTokenOf('alice'))).toEqual({
      username: `${ISSUER}#alice`,
      groups: ['k8s:admin', 'sales'],
    });
    expect(await authenticate(await idTokenOf('carol'))).toEqual({
      username: `${ISSUER}#carol`,
      groups: [],
    });
  });

  it('takes names and groups in the form that is made for it', async () => {
    const authenticate = await accept({
      usernameClaim: 'preferred_username',
      usernamePrefix: 'oidc:',
      groupsClaim: 'namespaces',
      groupsPrefix: 'oidc:',
      requiredClaims: { team: 'platform' },
    });
    const single = await accept({ usernamePrefix: '-', groupsClaim: 'team' });
    const token = await idTokenOf('alice');

    expect(await authenticate(token)).toEqual({ username: 'oidc:alice', groups: ['oidc:admin'] });
    expect(await single(token)).toEqual({ username: 'alice', groups: ['platform'] });
  });

  it('takes an email unless it says that it is not verified', async () => {
    const authenticate = await accept({ usernameClaim: 'email' });

    expect(await authenticate(await idTokenOf('alice'))).toMatchObject({
      username: 'alice@corp.example',
    });
    expect(await authenticate(await idTokenOf('carol'))).toMatchObject({
      username: 'carol@corp.example',
    });
    await expect(authenticate(await idTokenOf('bob'))).rejects.toThrow('email not verified');
  });

  it('takes ES256, the default of Asteroid, when it is told to', async () => {
    const token = await idTokenOf('alice', 'kubernetes-es256');
    const audiences = ['another', 'kubernetes-es256'];
    const told = await accept({ audiences, signingAlgs: ['RS256', 'ES256'] });
    const untold = await accept({ audiences });

    expect(await told(token)).toMatchObject({ username: `${ISSUER}#alice` });
    await expect(untold(token)).rejects.toThrow('alg');
  });

  it('refuses the token of another client of the same issuer', async () => {
    const authenticate = await accept();

    await expect(authenticate(await idTokenOf('alice', 'grafana'))).rejects.toThrow(
      'expected audience',
    );
  });

  it('refuses a token when its time is over, and not a second before', async () => {
    const token = await idTokenOf('alice');
    const later = (seconds: number) => accept({ now: () => new Date(Date.now() + seconds * 1000) });

    expect(await (await later(3590))(token)).toMatchObject({ username: `${ISSUER}#alice` });
    await expect((await later(3601))(token)).rejects.toThrow('expired');
  });

  it('refuses claims that are not there or not text', async () => {
    const token = await idTokenOf('carol');
    const authenticate = (different: Partial<AuthenticatorOptions>) =>
      accept(different).then((authenticator) => authenticator(token));

    await expect(authenticate({ usernameClaim: 'nickname' })).rejects.toThrow('username');
    await expect(authenticate({ groupsClaim: 'exp' })).rejects.toThrow('groups claim');
    await expect(authenticate({ requiredClaims: { team: 'platform' } })).rejects.toThrow('team');
  });

  it('is not configured with another issuer than the document names', async () => {
    await expect(accept({ issuerUrl: `${ISSUER}/` })).rejects.toThrow('issuer did not match');
    await expect(accept({ issuerUrl: horizons.backchannelBase })).rejects.toThrow('https');
  });
});
