import { describe, expect, it } from 'vitest';
import {
  isChooser,
  openDevBrowser,
  type Query,
  redeem,
  type Shown,
  startDev,
} from '../support/dev.ts';

const CAROL: Query = {
  decision: 'enter',
  sub: 'carol',
  name: 'Carol Example',
  email: 'carol@example.test',
  email_verified: 'true',
  groups: 'sales, board of directors',
  acr: 'urn:example:mfa',
  amr: 'pwd otp',
  ago: '5m',
  claims: '{"locale": "fr-CH", "address": {"country": "CH"}}',
};

const open = async () => {
  const dev = await startDev();
  const browser = openDevBrowser(dev);
  const enter = async (form: Query) =>
    browser.choose(await browser.authorize({ scope: 'openid profile email groups address' }), form);
  return { dev, browser, enter };
};

const problemAt = ({ body }: Shown, field: string): string | undefined =>
  new RegExp(`id="wrong-${field}">(.*?)</p>`).exec(body)?.[1]?.replaceAll(/<[^>]*>/g, '');

describe('claims that are entered at the chooser', () => {
  it('arrive like attributes of a proxy, of somebody who is in no file', async () => {
    const { dev, enter } = await open();
    const { idToken, userinfo } = await redeem(dev, await enter(CAROL));

    expect(idToken).toMatchObject({
      ...{ sub: 'carol', acr: 'urn:example:mfa', amr: ['pwd', 'otp'] },
      auth_time: dev.clock() - 300,
    });
    for (const claims of [idToken, userinfo]) {
      expect(claims).toMatchObject({
        ...{ name: 'Carol Example', email: 'carol@example.test', email_verified: true },
        ...{ groups: ['sales', 'board of directors'], locale: 'fr-CH' },
        address: { country: 'CH' },
      });
    }
  });

  it('are all that is said of somebody who is in the file', async () => {
    const { dev, enter } = await open();
    const form = { decision: 'enter', sub: 'alice', name: 'Alice Anders', ago: '0' };
    const { userinfo } = await redeem(dev, await enter(form));

    expect(userinfo).toEqual({ sub: 'alice', name: 'Alice Anders' });
  });

  it('go on through a refresh, and nobody else is let exist by them', async () => {
    const { dev, enter } = await open();
    const { tokens } = await redeem(dev, await enter(CAROL));
    const again = await fetch(`${dev.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('shop:what+the+shop+knows')}` },
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: tokens['refresh_token'] ?? '',
      }),
    });
    const stranger = openDevBrowser(dev, { 'X-Authenticated-User': 'mallory' });

    expect(again.status).toBe(200);
    expect((await stranger.authorize()).url.searchParams.get('error')).toBe('access_denied');
  });

  it('say no auth_time where none is entered', async () => {
    const { dev, enter } = await open();
    const { idToken } = await redeem(dev, await enter({ ...CAROL, ago: '' }));

    expect(idToken).not.toHaveProperty('auth_time');
  });

  it('begin with those of whoever is picked, and with those of before', async () => {
    const { browser, enter } = await open();
    const known = await browser.open('/choose', { as: 'alice' });
    for (const text of [
      'name="sub" value="alice"',
      'name="email" value="alice@example.test"',
      '<option value="true" selected>',
      'name="groups" value="engineering, admins"',
      '&quot;locale&quot;: &quot;de-CH&quot;',
    ]) {
      expect(known.body).toContain(text);
    }
    await enter(CAROL);
    const before = await browser.open('/choose', { as: 'carol' });

    expect(before.body).toContain('name="name" value="Carol Example"');
    expect(before.body).not.toMatch(/&quot;sub&quot;/);
  });

  it('are kept with one button', async () => {
    const { dev, browser, enter } = await open();
    await enter(CAROL);
    dev.clock.advance(600);
    const page = await browser.authorize({ prompt: 'login' });

    const { userinfo, idToken } = await redeem(
      dev,
      await browser.choose(page, { decision: 'keep' }),
    );

    expect(userinfo).toMatchObject({ sub: 'carol', email: 'carol@example.test' });
    expect(idToken['auth_time']).toBe(dev.clock());
  });
});

describe('what is wrong with entered claims', () => {
  for (const [field, typed, problem] of [
    ['sub', 'carol smith', 'blanks'],
    ['sub', '', 'printable'],
    ['email', 'at home', 'an email address'],
    ['claims', '{"a":', 'is not JSON'],
    ['claims', '[1]', 'has to be an object'],
    ['claims', '{"birthdate": "yesterday"}', 'birthdate'],
    ['claims', '{"groups": ["a"]}', 'groups has a field of its own'],
    ['claims', '{"iss": "https://evil.example"}', 'only Asteroid may set'],
    ['claims', '{"__proto__": {"a": 1}}', 'only Asteroid may set'],
    ['claims', `{"a":${'['.repeat(2500)}${']'.repeat(2500)}}`, 'nested more than 16 times'],
    ['ago', 'yesterday', 'length of time'],
    ['ago', '5 weeks', 'length of time'],
    ['acr', 'a'.repeat(256), '255'],
    ['claims', JSON.stringify({ picture: `https://a.example/${'x'.repeat(4000)}` }), 'cookie'],
  ] as const) {
    it(`is said beside ${field}: ${typed.slice(0, 40)}, and nothing is lost`, async () => {
      const { browser, enter } = await open();

      const page = await enter({ ...CAROL, [field]: typed });

      expect([page.status, isChooser(page)]).toEqual([400, true]);
      expect(problemAt(page, field)).toContain(problem);
      expect(page.body).toContain('<details open>');
      for (const [name, value = ''] of Object.entries({ ...CAROL, [field]: typed })) {
        const text = value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
        if (name !== 'decision') expect(page.body, name).toContain(text);
      }
      expect(browser.cookies.size).toBe(0);
      const better = await browser.choose(page, CAROL);
      expect(better.url.searchParams.has('code')).toBe(true);
    });
  }

  it('is not how deep an address or a list of lists is', async () => {
    const { enter } = await open();

    const { url } = await enter({ ...CAROL, claims: `{"a":${'['.repeat(14)}1${']'.repeat(14)}}` });

    expect(url.searchParams.has('code')).toBe(true);
  });

  it('says everything at once', async () => {
    const { enter } = await open();
    const page = await enter({ ...CAROL, email: 'x', claims: '{', ago: '?' });

    for (const field of ['email', 'claims', 'ago']) expect(problemAt(page, field)).toBeDefined();
    expect(problemAt(page, 'name')).toBeUndefined();
  });
});
