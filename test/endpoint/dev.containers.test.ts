// What people complain about in other issuers for development: the name by which a container reaches
// the issuer is not the one that the browser knows.

import { describe, expect, it } from 'vitest';
import { openDevBrowser, redeem, startDev } from '../support/dev.ts';
import { ask } from '../support/raw-http.ts';

const NAME = 'host.docker.internal';
const BACK = `http://${NAME}:9999`;
const env = { ASTEROID_ENDPOINTS_BACKCHANNEL_BASE: BACK };

const startSplit = async () => {
  const dev = await startDev({ env });
  const target = { port: Number(new URL(dev.issuer).port) };
  const get = (path: string, host: string) =>
    ask(target, [`GET ${path} HTTP/1.1`, `Host: ${host}`]);
  return { dev, get };
};

const DISCOVERY = '/.well-known/openid-configuration';

describe('an issuer with a name for containers (--container-host)', () => {
  it('is one issuer, however discovery was reached', async () => {
    const { dev, get } = await startSplit();
    const own = await get(DISCOVERY, new URL(dev.issuer).host);
    const theirs = await get(DISCOVERY, `${NAME}:9999`);

    expect(theirs.body).toBe(own.body);
    const metadata = JSON.parse(theirs.body);
    expect(metadata).toMatchObject({
      issuer: dev.issuer,
      authorization_endpoint: `${dev.issuer}/authorize`,
      end_session_endpoint: `${dev.issuer}/end_session`,
      token_endpoint: `${BACK}/token`,
      userinfo_endpoint: `${BACK}/userinfo`,
      jwks_uri: `${BACK}/jwks.json`,
    });
  });

  it('says the same issuer in tokens and answers', async () => {
    const { dev } = await startSplit();
    const browser = openDevBrowser(dev);
    const back = await browser.choose(await browser.authorize(), { user: 'alice' });

    expect(back.url.searchParams.get('iss')).toBe(dev.issuer);
    expect((await redeem(dev, back)).idToken['iss']).toBe(dev.issuer);
  });

  it('lets exactly that name in, and only programs by it', async () => {
    const { dev, get } = await startSplit();

    expect((await get('/jwks.json', `${NAME}:9999`)).status).toBe(200);
    for (const host of [NAME, `${NAME}:80`, `evil.${NAME}:9999`, `${NAME}.evil.example:9999`]) {
      expect((await get('/jwks.json', host)).status, host).toBe(421);
    }
    for (const path of ['/authorize', '/choose', '/device', '/end_session']) {
      expect((await get(path, `${NAME}:9999`)).status, path).toBe(421);
    }
    expect((await get('/choose', new URL(dev.issuer).host)).status).toBe(200);
  });

  it('lets no such name in without the option', async () => {
    const { issuer } = await startDev();
    const target = { port: Number(new URL(issuer).port) };
    const lines = [`GET ${DISCOVERY} HTTP/1.1`, `Host: ${NAME}:9999`];

    expect((await ask(target, lines)).status).toBe(421);
  });
});

describe('what else people complain about in issuers for development', () => {
  it('needs no post_logout_redirect_uri to sign out', async () => {
    const dev = await startDev();
    const browser = openDevBrowser(dev);
    const back = await browser.choose(await browser.authorize(), { user: 'alice' });
    const { tokens } = await redeem(dev, back);

    const out = await browser.open('/end_session', { id_token_hint: tokens['id_token'] });

    expect([out.status, out.url.pathname]).toEqual([200, '/signed_out']);
  });

  it('takes no refresh token that was never given', async () => {
    const { issuer } = await startDev();
    const answer = await fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('shop:what+the+shop+knows')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'bogus' }),
    });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' });
  });
});
