import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { chooserOf } from '../support/chooser.ts';
import {
  CALLBACK,
  type Dev,
  type DevBrowser,
  isChooser,
  openDevBrowser,
  redeem,
  startDev,
} from '../support/dev.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { makeRequest, toParams } from '../support/requests.ts';

const nameOf = ({ cookies }: DevBrowser): string =>
  [...cookies.keys()].find((name) => name.startsWith('asteroid-choice')) ?? 'none';

async function chosen(dev: Dev, user = 'alice') {
  const browser = openDevBrowser(dev);
  await browser.choose(await browser.authorize(), { user });
  const name = nameOf(browser);
  return { browser, name, value: browser.cookies.get(name) ?? '' };
}

/** What a browser with nothing but this cookie comes to. */
async function present(dev: Dev, name: string, value: string): Promise<string> {
  const browser = openDevBrowser(dev);
  browser.cookies.set(name, value);
  const { url } = await browser.authorize({ prompt: 'none' });
  return url.searchParams.get('error') ?? 'signed in';
}

describe('the cookie that remembers a choice', () => {
  it('counts as it was set, and not with any bit of it changed', async () => {
    const dev = await startDev();
    const { name, value } = await chosen(dev);
    const flip = (at: number) =>
      value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);

    expect(await present(dev, name, value)).toBe('signed in');
    for (const at of [0, 12, 40, value.length - 10]) {
      expect(await present(dev, name, flip(at)), `${at}`).toBe('login_required');
    }
    for (const other of [value.slice(1), `${value}A`, 'alice', '{"subject":"alice"}']) {
      expect(await present(dev, name, other)).toBe('login_required');
    }
  });

  it('counts at the process that set it, and at no other', async () => {
    const [one, two] = [await startDev(), await startDev()];
    const { name, value } = await chosen(one);
    const theirs = await chosen(two);

    expect(await present(one, name, value)).toBe('signed in');
    expect(await present(two, theirs.name, value)).toBe('login_required');
    expect(await present(two, theirs.name, theirs.value)).toBe('signed in');
  });

  it('is no other sealed text of the same keys: not the session, nor the handle of a page', async () => {
    const dev = await startDev();
    const { browser, name } = await chosen(dev);
    const session = [...browser.cookies].find(([other]) => other !== name)?.[1] ?? '';

    expect(session).not.toBe('');
    expect(await present(dev, name, session)).toBe('login_required');
  });

  it('counts once: whoever plants a second one changes nothing but that nobody is there', async () => {
    const dev = await startDev();
    const { name, value } = await chosen(dev);
    const ask = async (cookie: string) => {
      const url = new URL(`${dev.issuer}/authorize`);
      const query = { client_id: 'shop', redirect_uri: CALLBACK, response_type: 'code' };
      url.search = `${new URLSearchParams({ ...query, scope: 'openid', state: 's', prompt: 'none' })}`;
      const { headers } = await fetch(url, { redirect: 'manual', headers: { cookie } });
      return new URL(headers.get('location') ?? '').searchParams.has('code');
    };

    expect(await ask(`other=x; ${name}=${value}`)).toBe(true);
    expect(await ask(`${name}=${value}; ${name}=${value}`)).toBe(false);
  });

  it('is kept from scripts and from the forms of other sites', async () => {
    const { issuer } = await startDev();
    const answer = await fetch(`${issuer}/choose`, {
      method: 'POST',
      redirect: 'manual',
      headers: { origin: issuer },
      body: new URLSearchParams({ user: 'alice' }),
    });

    expect(answer.headers.getSetCookie()).toHaveLength(1);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /; Max-Age=86400; Path=\/; HttpOnly; SameSite=Lax$/,
    );
  });
});

describe('the chooser and strangers', () => {
  it('leads nowhere but back into the issuer', async () => {
    const { issuer } = await startDev();
    const choose = (rd: string) =>
      fetch(`${issuer}/choose`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: issuer },
        body: new URLSearchParams({ user: 'alice', rd }),
      });

    for (const rd of [
      'https://evil.example/',
      '//evil.example/',
      '/device',
      `${issuer}.evil.example/`,
      `${issuer}@evil.example/`,
      `${issuer}`,
      `${issuer}/a b`,
      `${issuer}/\r\nSet-Cookie: a=b`,
    ]) {
      const answer = await choose(rd);
      expect(answer.status, rd).toBe(400);
      expect(answer.headers.get('location'), rd).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
      const out = `${issuer}/choose?${new URLSearchParams({ sign_out: '1', rd })}`;
      expect((await fetch(out, { redirect: 'manual' })).status, rd).toBe(400);
    }
    expect((await choose(`${issuer}/device`)).headers.get('location')).toBe(`${issuer}/device`);
  });

  it('takes its form from its own page alone, and signs nobody out by a picture', async () => {
    const dev = await startDev();
    const { name, value } = await chosen(dev);
    const post = (origin: string) =>
      fetch(`${dev.issuer}/choose`, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin },
        body: new URLSearchParams({ user: 'alice' }),
      });
    const leave = (destination: string) =>
      fetch(`${dev.issuer}/choose?sign_out=1`, {
        redirect: 'manual',
        headers: { cookie: `${name}=${value}`, 'sec-fetch-dest': destination },
      });

    expect((await post('https://evil.example')).status).toBe(403);
    expect((await post(dev.issuer)).status).toBe(303);
    expect((await leave('image')).headers.getSetCookie()).toEqual([]);
    expect((await leave('document')).headers.getSetCookie()[0]).toContain('Max-Age=0');
  });

  it('refuses an End-User who is not in the file, unless they are described', async () => {
    const dev = await startDev();
    const browser = openDevBrowser(dev);
    const page = await browser.authorize();

    const refused = await browser.choose(page, { user: 'mallory' });
    expect([refused.status, browser.cookies.size]).toEqual([400, 0]);
    const entered = await browser.choose(page, { decision: 'enter', sub: 'mallory', ago: '0' });

    expect((await redeem(dev, entered)).idToken['sub']).toBe('mallory');
  });

  it('keeps nothing that no choice was made with', async () => {
    const browser = openDevBrowser(await startDev());
    const kept = await browser.choose(await browser.authorize(), { decision: 'keep' });

    expect([kept.status, browser.cookies.size]).toEqual([400, 0]);
    expect(isChooser(await browser.authorize())).toBe(true);
  });

  it('does nothing ahead of a click', async () => {
    const { deps, users } = createTestIssuer();
    const keys = createEphemeralKeys({ now: deps.now });
    const choose = chooserOf({ ...deps, keys }, users);
    const ask = (headers = {}) =>
      choose(makeRequest({ method: 'GET', params: toParams({ sign_out: '1' }), headers }));

    expect(await ask({ 'sec-purpose': 'prefetch' })).toMatchObject({ kind: 'page', status: 503 });
    expect(await ask()).toMatchObject({ kind: 'redirect' });
  });
});
