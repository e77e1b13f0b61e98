import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';

const from = (destination: string) => ({ headers: { 'sec-fetch-dest': destination } });

describe('authorization endpoint: only a navigation signs in (T24)', () => {
  for (const destination of [
    'image',
    'iframe',
    'frame',
    'embed',
    'object',
    'script',
    'empty',
    'style',
    '',
  ]) {
    it(`refuses Sec-Fetch-Dest "${destination}" with a 400 page and keeps nothing`, async () => {
      const { authorize, weather } = createTestIssuer();

      const { status, location, json } = await authorize({}, undefined, from(destination));

      expect({ status, location }).toEqual({ status: 400, location: undefined });
      expect(json).toMatchObject({ error: 'invalid_request', reason: 'not_a_navigation' });
      expect(weather.calls).toEqual([]);
    });
  }

  it('answers a document, and a client that sends no such header', async () => {
    const { authorize } = createTestIssuer();

    expect((await authorize({}, undefined, from('document'))).params.has('code')).toBe(true);
    expect((await authorize()).params.has('code')).toBe(true);
  });

  it('answers a silent request in an iframe of a client that may, and no other', async () => {
    const framed = makeClient('framed', { allowIframe: true });
    const { authorize } = createTestIssuer({ clients: [framed] });
    const silent = { prompt: 'none' };

    const allowed = await authorize({ client_id: 'framed', ...silent }, undefined, from('iframe'));
    const visible = await authorize({ client_id: 'framed' }, undefined, from('iframe'));
    const other = await authorize(silent, undefined, from('iframe'));
    const image = await authorize({ client_id: 'framed', ...silent }, undefined, from('image'));

    expect(allowed.params.has('code')).toBe(true);
    for (const { status, location } of [visible, other, image]) {
      expect({ status, location }).toEqual({ status: 400, location: undefined });
    }
  });

  it('guards the way back from signing in too', async () => {
    const loginUrl = 'https://proxy.example/start';
    const { authorize } = createTestIssuer({ policy: { loginUrl } });

    const { status } = await authorize({ asteroid_login_attempt: '1' }, undefined, from('image'));

    expect(status).toBe(400);
  });
});

describe('authorization endpoint: fetching ahead (AZ-21)', () => {
  for (const headers of [
    { 'sec-purpose': 'prefetch' },
    { 'sec-purpose': 'prefetch;prerender' },
    { 'sec-purpose': 'prefetch;anonymous-client-ip' },
    { purpose: 'prefetch' },
  ]) {
    it(`gives no code and touches no store for ${JSON.stringify(headers)}`, async () => {
      const { authorize, weather } = createTestIssuer();

      const { status, location } = await authorize({}, undefined, { headers });

      expect({ status, location }).toEqual({ status: 503, location: undefined });
      expect(weather.calls).toEqual([]);
    });
  }

  it('answers each of a hundred tabs with a code of its own', async () => {
    const { authorize } = createTestIssuer();

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => authorize({ state: `tab-${i}`, nonce: `nonce-${i}` })),
    );

    expect(new Set(answers.map(({ params }) => params.get('code'))).size).toBe(100);
    expect(answers.map(({ params }) => params.get('state'))).toEqual(
      answers.map((_, i) => `tab-${i}`),
    );
  });
});
