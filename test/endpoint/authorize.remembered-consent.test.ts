import { describe, expect, it } from 'vitest';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient, sha256Secret } from '../support/clients.ts';
import { createAsking, openPage, passes, scopeNamesOf } from '../support/consent.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { identify, type Query } from '../support/requests.ts';

const bob = identify('bob');
const REDIRECT_URI = 'https://rp.example/callback';

describe('consent: how long it counts (CO-4)', () => {
  it('is remembered for the End-User and the client that asks once', async () => {
    const asking = createAsking();
    await asking.consent({ handle: await openPage(asking), decision: 'allow' });

    expect(await passes(asking, { client_id: 'once' })).toBe(true);
    expect(await passes(asking, { client_id: 'once', prompt: 'none' })).toBe(true);
    expect(await passes(asking, { client_id: 'once2' })).toBe(false);
    expect((await asking.authorize({ client_id: 'once' }, bob)).page?.kind).toBe('consent');
  });

  it('covers less than was agreed to, and asks again for more', async () => {
    const asking = createAsking();
    const handle = await openPage(asking, { scope: 'openid email' });
    await asking.consent({ handle, decision: 'allow' });

    expect(await passes(asking, { client_id: 'once', scope: 'openid' })).toBe(true);
    expect(await passes(asking, { client_id: 'once', scope: 'openid profile' })).toBe(false);
    const claims = '{"id_token":{"name":null}}';
    expect(await passes(asking, { client_id: 'once', scope: 'openid', claims })).toBe(false);
  });

  it('adds to what was agreed to before, so that two requests need not take turns asking', async () => {
    const asking = createAsking();
    for (const scope of ['openid email', 'openid profile']) {
      const handle = await openPage(asking, { scope });
      await asking.consent({ handle, decision: 'allow' });
    }

    expect(await passes(asking, { client_id: 'once', scope: 'openid email' })).toBe(true);
    expect(await passes(asking, { client_id: 'once', scope: 'openid email profile' })).toBe(true);
    expect(await passes(asking, { client_id: 'once', scope: 'openid phone' })).toBe(false);
  });

  it('ends after 180 days', async () => {
    const asking = createAsking();
    await asking.consent({ handle: await openPage(asking), decision: 'allow' });

    asking.clock.advance(180 * 86_400 - 1);
    expect(await passes(asking, { client_id: 'once' })).toBe(true);
    asking.clock.advance(1);
    expect(await passes(asking, { client_id: 'once' })).toBe(false);
  });

  it('is asked every time of a client that always asks, and with prompt=consent', async () => {
    const asking = createAsking();
    for (const query of [{ client_id: 'always' }, { client_id: 'once', prompt: 'consent' }]) {
      const handle = await openPage(asking, query);
      const { params } = await asking.consent({ handle, decision: 'allow' });

      expect(params.has('code')).toBe(true);
      expect(await passes(asking, query)).toBe(false);
    }
  });
});

describe('consent: offline access (OIDC Core §11; CO-5)', () => {
  it('gives a refresh token that outlives the session after prompt=consent', async () => {
    const asking = createAsking();
    const query = { client_id: 'conf', scope: 'openid offline_access', prompt: 'consent' };
    const handle = await openPage(asking, query);

    const { params } = await asking.consent({ handle, decision: 'allow' });
    const { json } = await asking.redeem(params.get('code') ?? '');

    expect(json).toMatchObject({ scope: 'openid offline_access' });
    expect(json['refresh_token']).toMatch(/^rt_/);
  });

  it('drops offline_access for a client that takes no refresh tokens, and gives none', async () => {
    const client = makeClient('norefresh', { grantTypes: ['authorization_code'] });
    const { signIn } = createTestIssuer({ clients: [client] });

    const tokens = await signIn({ client_id: 'norefresh', scope: 'openid offline_access' });

    expect(tokens.scope).toBe('openid');
    expect(tokens.refresh_token).toBeUndefined();
  });
});

describe('consent: what exactly was agreed to (CO-4, CO-6)', () => {
  it('asks again when a reload has widened the request between the page and the click', async () => {
    const asking = createAsking();
    const narrow = makeClient('once', { consent: 'once', scope: ['openid'] });
    const wide = asking.clients.get('once');
    asking.clients.set('once', narrow);
    const handle = await openPage(asking, { scope: 'openid email' });
    if (wide !== undefined) asking.clients.set('once', wide);

    const { page, params } = await asking.consent({ handle, decision: 'allow' });

    expect(params.has('code')).toBe(false);
    expect(scopeNamesOf(page)).toEqual(['openid', 'email']);
    const again = page?.kind === 'consent' ? page.handle : '';
    expect((await asking.consent({ handle: again, decision: 'allow' })).params.has('code')).toBe(
      true,
    );
  });

  for (const [what, different] of [
    ['another secret', { secrets: [sha256Secret('another secret')] }],
    ['one address more', { redirectUris: [REDIRECT_URI, 'https://evil.example/cb'] }],
    ['other keys', { keys: { kind: 'inline', text: '{"keys":[]}' } }],
    ['another way to prove itself', { tokenEndpointAuthMethod: 'client_secret_post' }],
    ['another sector', { sectorIdentifier: 'evil.example' }],
  ] as const satisfies ReadonlyArray<readonly [string, Partial<Client>]>) {
    it(`is asked again of a client that a reload gave ${what}, and once`, async () => {
      const asking = createAsking({ deps: { pairwiseSalt: new Uint8Array(32) } });
      await asking.consent({ handle: await openPage(asking), decision: 'allow' });
      expect(await passes(asking, { client_id: 'once' })).toBe(true);
      const before = asking.clients.get('once');
      asking.clients.set('once', makeClient('once', { consent: 'once', ...different }));

      expect(await passes(asking, { client_id: 'once' })).toBe(false);
      await asking.consent({ handle: await openPage(asking), decision: 'allow' });
      expect(await passes(asking, { client_id: 'once' })).toBe(true);
      if (before !== undefined) asking.clients.set('once', before);
      expect(await passes(asking, { client_id: 'once' })).toBe(false);
    });
  }

  it('stands when a reload changes what a client is called, or what it may ask for', async () => {
    const asking = createAsking();
    await asking.consent({ handle: await openPage(asking), decision: 'allow' });
    const different = {
      clientName: 'Another name',
      scope: ['openid', 'email', 'profile', 'groups'],
    };
    asking.clients.set('once', makeClient('once', { consent: 'once', ...different }));

    expect(await passes(asking, { client_id: 'once', scope: 'openid email' })).toBe(true);
  });

  it('is about each resource that it is for, and shows them (RFC 8707)', async () => {
    const [mail, files] = ['https://mail.example/', 'https://files.example/'];
    const client = makeClient('once', { consent: 'once', resources: [mail, files] });
    const asking = createTestIssuer({ clients: [client] });
    const agree = async (query: Query) => {
      const { page } = await asking.authorize({ client_id: 'once', ...query });
      if (page?.kind !== 'consent') throw new Error('no consent page');
      await asking.consent({ handle: page.handle, decision: 'allow' });
      return page.resource;
    };
    const at = (scope: string, resource?: string | readonly string[]) =>
      passes(asking, { client_id: 'once', scope, resource });

    expect(await agree({ scope: 'openid email', resource: mail })).toEqual([mail]);
    expect(await agree({ scope: 'openid profile', resource: files })).toEqual([files]);

    expect(await at('openid email', mail)).toBe(true);
    expect(await at('openid', [mail, files])).toBe(true);
    expect(await at('openid email', files)).toBe(false);
    expect(await at('openid profile', [mail, files])).toBe(false);
    expect(await at('openid')).toBe(false);
  });

  it('is remembered of a public client for one address only (RFC 8252 §8.6)', async () => {
    const asking = createTestIssuer({
      clients: [
        makeClient('app', {
          tokenEndpointAuthMethod: 'none',
          consent: 'once',
          redirectUris: ['https://app.example/a', 'https://app.example/b'],
        }),
      ],
    });
    const query = {
      client_id: 'app',
      code_challenge: 'c'.repeat(43),
      code_challenge_method: 'S256',
    };
    const atA = { ...query, redirect_uri: 'https://app.example/a' };
    await asking.consent({ handle: await openPage(asking, atA), decision: 'allow' });

    expect(await passes(asking, atA)).toBe(true);
    expect(await passes(asking, { ...query, redirect_uri: 'https://app.example/b' })).toBe(false);
  });

  it('shows a page for the later of two clicks, which leaves the answer to the first alone', async () => {
    const asking = createAsking();
    const handle = await openPage(asking);
    const click = () => asking.consent({ handle, decision: 'allow' });

    const answers = await Promise.all([click(), click()]);

    expect(answers.filter(({ params }) => params.has('code'))).toHaveLength(1);
    expect(answers.filter(({ location }) => location === undefined)).toHaveLength(1);
  });
});
