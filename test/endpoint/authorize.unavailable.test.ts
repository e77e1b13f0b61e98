import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { sentTo } from '../support/requests.ts';

const unavailable = {
  to: 'https://rp.example/callback',
  error: 'temporarily_unavailable',
  state: 'state-1',
  iss: ISSUER,
};

describe('authorization endpoint: something does not answer (RFC 6749 §4.1.2.1; TK-4)', () => {
  it('tells the client temporarily_unavailable with state and iss while the store is down', async () => {
    const { authorize, weather, events } = createTestIssuer();

    weather.down.add('all');
    const during = await authorize({ nonce: 'n-1' });
    weather.down.clear();
    const after = await authorize({ nonce: 'n-1' });

    expect(sentTo(during)).toEqual(unavailable);
    expect(events[0]).toMatchObject({
      type: 'authorization.refused',
      error: 'temporarily_unavailable',
      reason: 'store_unavailable',
    });
    expect(after.params.has('code')).toBe(true);
  });

  it('does not mistake backends that are down for an End-User who is unknown', async () => {
    const { authorize, backends } = createTestIssuer();

    backends.down = true;
    const during = await authorize();
    backends.down = false;

    expect(sentTo(during)).toEqual(unavailable);
    expect((await authorize()).params.has('code')).toBe(true);
  });

  it('does not mistake a consent that cannot be looked up for none', async () => {
    const { authorize, weather } = createTestIssuer({
      clients: [makeClient('once', { consent: 'once' })],
    });

    weather.down.add('findConsent');

    expect(sentTo(await authorize({ client_id: 'once' }))).toEqual(unavailable);
    const silent = await authorize({ client_id: 'once', prompt: 'none' });
    expect(sentTo(silent)).toEqual(unavailable);
  });

  it('still shows a page, and asks nobody, for a redirect URI that is not registered', async () => {
    const { authorize, weather } = createTestIssuer();

    weather.down.add('all');
    const { status, location } = await authorize({ redirect_uri: 'https://evil.example/' });

    expect({ status, location }).toEqual({ status: 400, location: undefined });
    expect(weather.calls).toEqual([]);
  });

  it('keeps a consent page answerable after the store was down', async () => {
    const { authorize, consent, weather } = createTestIssuer();
    const { page } = await authorize({ prompt: 'consent' });
    const handle = page?.kind === 'consent' ? page.handle : '';

    weather.down.add('approve');
    const during = await consent({ handle, decision: 'allow' });
    weather.down.clear();
    const after = await consent({ handle, decision: 'allow' });

    expect(sentTo(during)).toEqual(unavailable);
    expect(after.params.has('code')).toBe(true);
  });

  it('throws Unavailable, never a refusal, for a handle that cannot be looked up', async () => {
    const { authorize, consent, weather } = createTestIssuer();
    const handle = `pr_${'A'.repeat(22)}.${'A'.repeat(43)}`;

    weather.down.add('findPending');

    await expect(consent({ handle, decision: 'allow' })).rejects.toThrow(Unavailable);
    await expect(authorize({ asteroid_resume: handle })).rejects.toThrow(Unavailable);
  });

  it('tells the client when too many requests wait, instead of forgetting one', async () => {
    const { authorize } = createTestIssuer();
    const first = await authorize({ prompt: 'consent' });
    const asks = Array.from({ length: 1000 }, () => authorize({ prompt: 'consent' }));

    const answers = await Promise.all(asks);

    expect(first.page?.kind).toBe('consent');
    expect(answers.filter(({ page }) => page === undefined).map(sentTo)).toEqual([unavailable]);
  });

  it('lets a bug be a bug: what is neither refusal nor Unavailable is not dressed up', async () => {
    const { authorize } = createTestIssuer({
      deps: {
        random: () => {
          throw new TypeError('a bug');
        },
      },
    });

    await expect(authorize()).rejects.toThrow(TypeError);
  });
});
