import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createAsking, openPage, passes } from '../support/consent.ts';
import { createTestIssuer } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';

const bob = identify('bob');

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
