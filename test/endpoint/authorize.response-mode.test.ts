import { describe, expect, it } from 'vitest';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { PKCE } from '../support/pkce.ts';
import { sentTo } from '../support/requests.ts';

const CALLBACK = 'https://rp.example/callback';

describe('authorization responses: iss (RFC 9207 §2; AZ-4)', () => {
  for (const response_mode of [undefined, 'query', 'fragment', 'form_post']) {
    it(`names the issuer in codes and errors by ${response_mode ?? 'default'}`, async () => {
      const { authorize } = createTestIssuer();

      const success = await authorize({ response_mode });
      const failure = await authorize({ response_mode, prompt: 'none' }, 'nobody');

      expect(success.params.get('iss')).toBe(ISSUER);
      expect(sentTo(failure)).toEqual({
        to: CALLBACK,
        error: 'login_required',
        state: 'state-1',
        iss: ISSUER,
      });
    });
  }

  it('differs between two issuers, so that a client can tell their answers apart', async () => {
    const other = createTestIssuer({ deps: { issuer: 'https://other.example' } });

    const { params } = await other.authorize();

    expect(params.get('iss')).toBe('https://other.example');
  });

  it('carries a code or an error, never both', async () => {
    const { authorize } = createTestIssuer();

    expect([...(await authorize()).params.keys()]).toEqual(['code', 'state', 'iss']);
    expect([...(await authorize({ scope: 'x' })).params.keys()]).toEqual([
      'error',
      'error_description',
      'state',
      'iss',
    ]);
  });
});

describe('authorization responses: modes (OAuth Multiple Response Types §2.1, Form Post §2; AZ-15)', () => {
  it('uses the query by default and the fragment where asked, with nothing in the other', async () => {
    const { authorize } = createTestIssuer();

    const query = (await authorize()).location;
    const fragment = (await authorize({ response_mode: 'fragment' })).location;

    expect(query).toMatch(/^https:\/\/rp\.example\/callback\?code=[^#]+$/);
    expect(fragment).toMatch(/^https:\/\/rp\.example\/callback#code=[^?]+$/);
  });

  it('posts to exactly the redirect URI, with nothing in its URL', async () => {
    const { authorize } = createTestIssuer();

    const { response } = await authorize({ response_mode: 'form_post', state: '"><script>' });

    expect(response).toMatchObject({
      kind: 'form_post',
      action: CALLBACK,
      fields: { code: expect.stringMatching(/^ac_/), state: '"><script>', iss: ISSUER },
    });
  });

  it('posts errors too, a missing response_type among them', async () => {
    const { authorize } = createTestIssuer();

    const { response } = await authorize({ response_mode: 'form_post', response_type: undefined });

    expect(response).toMatchObject({ kind: 'form_post', fields: { error: 'invalid_request' } });
  });

  for (const response_mode of [
    'web_message',
    'QUERY',
    'query.JWT',
    '__proto__',
    ['fragment', 'fragment'],
  ]) {
    it(`answers ${String(response_mode)} in the default mode, with invalid_request`, async () => {
      const { authorize } = createTestIssuer();

      const { location } = await authorize({ response_mode });

      expect(location).toMatch(/^https:\/\/rp\.example\/callback\?error=invalid_request&/);
    });
  }

  it('never posts to an app, whose scheme no form may submit to, and redirects to it by query', async () => {
    const { authorize } = createTestIssuer();
    const native = { client_id: 'native', redirect_uri: 'com.example.app:/cb', ...PKCE };

    const posted = await authorize({ ...native, response_mode: 'form_post' });
    const queried = await authorize(native);

    expect(posted.location).toMatch(/^com\.example\.app:\/cb\?error=invalid_request&/);
    expect(queried.location).toMatch(/^com\.example\.app:\/cb\?code=/);
  });

  it('posts to the loopback address of a native app', async () => {
    const { authorize } = createTestIssuer();
    const redirect_uri = 'http://127.0.0.1:51004/cb';
    const query = { client_id: 'native', redirect_uri, response_mode: 'form_post', ...PKCE };

    expect((await authorize(query)).response).toMatchObject({ action: redirect_uri });
  });
});
