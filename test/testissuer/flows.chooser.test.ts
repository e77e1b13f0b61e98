// Faults and the record where somebody chooses who to be between the request and its answer.

import { describe, expect, it } from 'vitest';
import { CALLBACK, CLIENTS, openDevBrowser } from '../support/dev.ts';
import { start } from './testissuer.fixture.ts';

const begin = async () => {
  const issuer = await start({ clients: CLIENTS });
  return { issuer, browser: openDevBrowser({ issuer: issuer.url }) };
};

const redeem = (url: string, form: Readonly<Record<string, string>>) =>
  fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('shop:what+the+shop+knows')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', ...form }),
  });

const CHALLENGE = { code_challenge: 'c'.repeat(43), code_challenge_method: 'S256' };

describe('a flow with a choice in it', () => {
  it.each([
    ['written out', {}],
    ['put aside', { max_age: '60' }],
  ])('is one flow: what happened once counts until its code is spent (%s)', async (_, query) => {
    const { issuer, browser } = await begin();
    issuer.faults.once('pkce.unchecked');
    const lax = await browser.choose(await browser.authorize({ ...CHALLENGE, ...query }), {
      user: 'alice',
    });
    issuer.signOut();
    const strict = await browser.choose(await browser.authorize({ ...CHALLENGE, ...query }), {
      user: 'alice',
    });
    const ask = ({ url }: typeof lax) =>
      redeem(issuer.url, {
        code: url.searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        code_verifier: 'v'.repeat(43),
      });

    expect([(await ask(lax)).status, (await ask(strict)).status]).toEqual([200, 400]);
  });

  it.each([
    ['of another client', { client: 'tv' }, true],
    ['of this client', { client: 'shop' }, false],
    ['of another step', { step: 'authorize' as const }, true],
    ['of the choice', { client: 'shop', step: 'choose' as const }, false],
  ])('has the fault of the client that waits: %s', async (_, when, hasState) => {
    const { issuer, browser } = await begin();
    issuer.faults.add({ do: 'authorization.state.dropped', when });
    const denied = await browser.choose(await browser.authorize(), { decision: 'deny' });

    expect(denied.url.searchParams.get('error')).toBe('access_denied');
    expect(denied.url.searchParams.has('state')).toBe(hasState);
  });

  it('is recorded as it was walked, /review as well', async () => {
    const { issuer, browser } = await begin();
    await browser.choose(await browser.authorize(), { user: 'alice' });
    await browser.open('/review');

    expect(issuer.flows().map(({ step, user }) => [step, user])).toEqual([
      ['authorize', undefined],
      ['choose', undefined],
      ['choose', undefined],
      ['authorize', 'alice'],
      ['review', 'alice'],
    ]);
  });
});
