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
import { CLIENT_SECRET } from '../support/program.ts';

const ALICE = { sub: 'alice', name: 'Alice Example' };

let horizons: Horizons;

beforeAll(async () => {
  horizons = await startHorizons({
    config: { pairwise: { salt_file: 'salt' } },
    files: { salt: 'c2FsdC1vZi10aGlzLWlzc3Vlci0wMTIzNDU2Nzg5' },
    clients: [
      clientOf('plain'),
      clientOf('pair', { subject_type: 'pairwise' }),
      clientOf('other', {
        subject_type: 'pairwise',
        redirect_uris: ['https://other.example/callback'],
      }),
    ],
    users: [ALICE],
  });
});

type Way = 'browserBase' | 'backchannelBase' | 'issuer';

/** Requests for the issuer's own name go another way, as a proxy or a hosts file would send them. */
const rewriting: oidc.CustomFetch = (url, options) => {
  const { body, ...rest } = options;
  const init: RequestInit = body === undefined ? rest : { ...rest, body };
  return fetch(url.replace(`${ISSUER}/`, `${horizons.backchannelBase}/`), init);
};

const configure = (clientId: string, way: Way = 'backchannelBase') =>
  oidc.discovery(
    // With the document's own URL the issuer is whatever the document says.
    new URL(way === 'issuer' ? ISSUER : `${horizons[way]}/.well-known/openid-configuration`),
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    oidc.ClientSecretBasic(CLIENT_SECRET),
    {
      execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
      [oidc.customFetch]: rewriting,
    },
  );

async function signIn(config: oidc.Configuration, redirect_uri = CALLBACK, more = {}) {
  const expectedState = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile offline_access',
    state: expectedState,
    ...more,
  });
  const callback = await visit(url, 'alice');
  const tokens = await oidc.authorizationCodeGrant(config, callback, { expectedState });
  return { url, callback, tokens, sub: tokens.claims()?.sub ?? '' };
}

describe('openid-client beyond another horizon (T13)', () => {
  for (const way of ['browserBase', 'backchannelBase', 'issuer'] as const) {
    it(`finds one issuer by ${way}, and everything where it can be reached`, async () => {
      const config = await configure('plain', way);

      const { url, callback, tokens } = await signIn(config);
      const claims = await oidc.fetchUserInfo(config, tokens.access_token, 'alice');
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
      const facts = await oidc.tokenIntrospection(config, refreshed.access_token);

      const metadata = config.serverMetadata();
      expect(metadata.issuer).toBe(ISSUER);
      expect(url.origin).toBe(horizons.browserBase);
      expect(new URL(metadata.token_endpoint ?? '').origin).toBe(horizons.backchannelBase);
      expect(callback.searchParams.get('iss')).toBe(ISSUER);
      expect(tokens.claims()).toMatchObject({ iss: ISSUER, sub: 'alice' });
      expect(claims).toEqual(ALICE);
      expect(facts).toMatchObject({ active: true, iss: ISSUER });
    });
  }

  it('gets the same document by every way', async () => {
    const documents = await Promise.all(
      (['browserBase', 'backchannelBase'] as const).map(async (way) =>
        (await fetch(`${horizons[way]}/.well-known/openid-configuration`)).text(),
      ),
    );

    expect(documents[0]).toBe(documents[1]);
  });

  it('cannot open a page by the name for programs', async () => {
    const config = await configure('plain');
    const url = oidc.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, state: 's' });
    const wrong = new URL(url.href.replace(horizons.browserBase, horizons.backchannelBase));

    await expect(visit(wrong, 'alice')).rejects.toThrow('no redirect: 421');
  });
});

describe('openid-client with pairwise subjects (TC-3)', () => {
  it('knows one sub, in the ID Token, at UserInfo, after a refresh and as a hint', async () => {
    const config = await configure('pair');

    const { tokens, sub } = await signIn(config);
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    const hinted = await signIn(config, CALLBACK, {
      prompt: 'none',
      id_token_hint: tokens.id_token ?? '',
    });

    expect(config.serverMetadata()['subject_types_supported']).toEqual(['public', 'pairwise']);
    expect(sub).toMatch(/^[\w-]{43}$/);
    expect(await oidc.fetchUserInfo(config, refreshed.access_token, sub)).toEqual({
      sub,
      name: 'Alice Example',
    });
    expect(refreshed.claims()?.sub).toBe(sub);
    expect(hinted.sub).toBe(sub);
  });

  it('knows another sub than a client of another host, whose token is no hint', async () => {
    const pair = await signIn(await configure('pair'));
    const config = await configure('other');
    const other = await signIn(config, 'https://other.example/callback');

    expect(other.sub).not.toBe(pair.sub);
    await expect(
      signIn(config, 'https://other.example/callback', { id_token_hint: pair.tokens.id_token }),
    ).rejects.toMatchObject({ error: 'invalid_request' });
  });
});
