// Whose word counts in a browser: that of a header, of the test (`signIn`), or of whoever sits there and
// chooses. And what ends each of them.

import { describe, expect, it } from 'vitest';
import type { RootIssuer, TestIssuer } from '../../internal/testissuer/api.ts';
import { CLIENTS, isChooser, offered, openDevBrowser, redeem } from '../support/dev.ts';
import { complaint, start } from './testissuer.fixture.ts';

const begin = (): Promise<RootIssuer> => start({ clients: CLIENTS });

const open = ({ url }: TestIssuer, headers = {}, jar = new Map<string, string>()) => {
  const at = { issuer: url };
  const browser = openDevBrowser(at, headers, jar);
  const { authorize, choose } = browser;
  /** Whom the client learns of; or that the page was shown. */
  const who = async (query = {}) => {
    const shown = await authorize(query);
    return isChooser(shown) ? 'the chooser' : (await redeem(at, shown)).idToken['sub'];
  };
  const pick = async (form: Readonly<Record<string, string>>, query = {}) =>
    redeem(at, await choose(await authorize(query), form));
  return { ...browser, who, pick };
};

const ENTERED = { decision: 'enter', sub: 'zoe', name: 'Zoe', ago: '0' };

describe('who a browser is', () => {
  it('is whom a header names, before whom the test signed in, before whom it chose earlier', async () => {
    const issuer = await begin();
    const jar = new Map<string, string>();
    const browser = open(issuer, {}, jar);
    await browser.pick({ user: 'bob' });
    const chosen = await browser.who();
    issuer.signIn('alice');
    const signedIn = await browser.who();
    const named = await open(issuer, { 'X-Authenticated-User': 'bob' }, jar).who();

    expect([chosen, signedIn, named]).toEqual(['bob', 'alice', 'bob']);
  });

  it('is whom it chose where a client asked for another sign-in, and no other browser is', async () => {
    const issuer = await begin();
    issuer.signIn('alice');
    const [browser, other] = [open(issuer), open(issuer)];
    const { idToken } = await browser.pick({ user: 'bob' }, { prompt: 'login' });

    expect(idToken['sub']).toBe('bob');
    expect([await browser.who(), await other.who()]).toEqual(['bob', 'alice']);
    issuer.signIn('alice');
    expect(await browser.who()).toBe('alice');
  });

  it.each([{ prompt: 'login' }, { max_age: '60' }])(
    'is asked once by %j, and may be the same',
    async (query) => {
      const issuer = await begin();
      issuer.signIn('alice');
      if ('max_age' in query) issuer.clock.advance('5m');
      const { idToken } = await open(issuer).pick({ user: 'alice' }, query);

      expect(idToken['sub']).toBe('alice');
    },
  );

  it('is nobody after signOut, also where somebody was chosen or entered', async () => {
    const issuer = await begin();
    const [chosen, entered, still] = [open(issuer), open(issuer), open(issuer)];
    await chosen.pick({ user: 'bob' });
    await entered.pick({ ...ENTERED, sub: 'bob' });
    issuer.signIn('alice');
    await still.pick({ user: 'bob' }, { prompt: 'login' });
    issuer.signOut();

    for (const browser of [chosen, entered, still]) {
      expect(await browser.who()).toBe('the chooser');
      await browser.pick({ user: 'alice' });
      expect(await browser.who()).toBe('alice');
    }
  });

  it('is nobody else’s to say: of two issuers in one browser each has a choice and a session', async () => {
    const root = await begin();
    const issuers = await Promise.all([root.test(), root.test()]);
    const jar = new Map<string, string>();
    const [one, other] = issuers.map((issuer) => open(issuer, {}, jar)) as [
      ReturnType<typeof open>,
      ReturnType<typeof open>,
    ];
    await one.pick({ user: 'alice' });
    await other.pick({ user: 'bob' });

    expect([await one.who(), await other.who()]).toEqual(['alice', 'bob']);
    expect(await open(root, {}, jar).who()).toBe('the chooser');
    expect(jar.size).toBe(4);
    issuers[0]?.signOut();
    expect([await one.who(), await other.who()]).toEqual(['the chooser', 'bob']);
  });
});

describe('users.remove', () => {
  it('ends whose claims were entered as well, until one of that name is added', async () => {
    const issuer = await begin();
    const browser = open(issuer);
    const { tokens } = await browser.pick(ENTERED);
    const ask = () =>
      fetch(`${issuer.url}/userinfo`, {
        headers: { authorization: `Bearer ${tokens['access_token']}` },
      });
    const before = await ask();
    await issuer.users.remove('zoe');
    const refused = await browser.authorize();

    expect(before.status).toBe(200);
    expect((await ask()).status).toBe(401);
    expect(refused.url.searchParams.get('error')).toBe('access_denied');
    expect(offered(await open(issuer).authorize())).toEqual(['alice', 'bob']);
    expect(await complaint(() => issuer.users.remove('zoe'))).toMatch('there is no user "zoe"');
    await issuer.users.add({ sub: 'zoe' });
    expect((await ask()).status).toBe(200);
  });

  it('ends one of the file in the shape that was entered', async () => {
    const issuer = await begin();
    const browser = open(issuer);
    await browser.pick({ ...ENTERED, sub: 'alice', name: 'Somebody' });
    await issuer.users.remove('alice');

    expect((await browser.authorize()).url.searchParams.get('error')).toBe('access_denied');
  });
});
