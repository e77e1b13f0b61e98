import { describe, expect, it } from 'vitest';
import { toAuthorizationId } from '../../internal/protocol/ids.ts';
import { createTestIssuer, ISSUER, LIFETIMES } from '../support/issuer.ts';
import { CHALLENGE, PKCE, VERIFIER } from '../support/pkce.ts';
import { sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const CALLBACK = 'https://rp.example/callback';
const VSCHAR = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

describe('authorization endpoint: state (RFC 6749 §4.1.2, Appendix A.5; AZ-12, G-11, G-17)', () => {
  for (const [what, state] of [
    ['every visible character', VSCHAR],
    ['a kibibyte', 'a-._~Z9'.repeat(147)],
    ['line breaks that would make headers', 'a\r\nSet-Cookie: x=1\n\u2028'],
    ['an emoji and an accent', '🚀 é'],
    ['markup', '"><script>alert(1)</script>'],
  ] as const) {
    for (const response_mode of ['query', 'fragment', 'form_post']) {
      it(`comes back byte for byte by ${response_mode} when it holds ${what}`, async () => {
        const { authorize } = createTestIssuer();

        const { params, location = '' } = await authorize({ state, response_mode });

        expect(params.get('code')).not.toBeNull();
        expect(params.get('state')).toBe(state);
        expect(location).toMatch(/^[\x21-\x7e]*$/);
      });
    }
  }

  it('is refused, not cut, beyond 4096 characters', async () => {
    const { authorize } = createTestIssuer();
    const state = 's'.repeat(4097);

    expect((await authorize({ state: state.slice(1) })).params.get('code')).not.toBeNull();
    expect(sentTo(await authorize({ state }))).toEqual({
      to: CALLBACK,
      error: 'invalid_request',
      state,
      iss: ISSUER,
    });
  });

  it('is required of a request without PKCE (RFC 9700 §4.7.1)', async () => {
    const { authorize, events } = createTestIssuer();

    expect((await authorize({ state: undefined })).params.get('error')).toBe('invalid_request');
    expect(events.at(-1)).toMatchObject({ reason: 'state_missing' });
    expect((await authorize({ state: undefined, ...PKCE })).params.get('code')).not.toBeNull();
  });

  it('is required of every request where the policy says always', async () => {
    const { authorize } = createTestIssuer({ policy: { requireState: 'always' } });

    const { params } = await authorize({ state: undefined, ...PKCE });

    expect(params.get('error')).toBe('invalid_request');
    expect((await authorize(PKCE)).params.get('code')).not.toBeNull();
  });
});

describe('authorization endpoint: nonce (OIDC Core §3.1.2.1, §15.5.2; AZ-12)', () => {
  for (const nonce of ['n'.repeat(43), `${'n'.repeat(250)}-._~9`, 'é🚀', 'n'.repeat(1024)]) {
    it(`comes back in the ID Token byte for byte (${nonce.length} characters)`, async () => {
      const { signIn } = createTestIssuer();

      const { id_token } = await signIn({ nonce });

      expect(claimsOf(id_token)['nonce']).toBe(nonce);
    });
  }

  it('is absent from the ID Token when none was sent, or an empty one', async () => {
    const { signIn } = createTestIssuer();

    expect(claimsOf((await signIn()).id_token)).not.toHaveProperty('nonce');
    expect(claimsOf((await signIn({ nonce: '' })).id_token)).not.toHaveProperty('nonce');
  });

  it('is good for one code of a client within the life of the code', async () => {
    const { authorize, clock, events } = createTestIssuer();

    await authorize({ nonce: 'once' });
    const again = await authorize({ nonce: 'once' });

    expect(again.params.get('error')).toBe('invalid_request');
    expect(events.at(-1)).toMatchObject({ reason: 'nonce_used' });
    expect((await authorize({ nonce: 'other' })).params.get('code')).not.toBeNull();
    clock.advance(LIFETIMES.authorizationCode);
    expect((await authorize({ nonce: 'once' })).params.get('code')).not.toBeNull();
  });

  it('of one client does not stand in the way of another client', async () => {
    const { authorize } = createTestIssuer();

    await authorize({ nonce: 'once' });

    const { params } = await authorize({ client_id: 'conf2', nonce: 'once' });
    expect(params.get('code')).not.toBeNull();
  });

  it('is not used up by a request that was refused', async () => {
    const { authorize } = createTestIssuer();

    await authorize({ nonce: 'once', prompt: 'login' });
    await authorize({ nonce: 'once', scope: 'unknown' });
    await authorize({ nonce: 'once', prompt: 'none' }, 'nobody');

    expect((await authorize({ nonce: 'once' })).params.get('code')).not.toBeNull();
  });
});

describe('authorization endpoint: the code (RFC 6749 §4.1.2, §10.10; AZ-17)', () => {
  it('holds 256 bits of secret in URL-safe characters, and never twice the same', async () => {
    const { code } = createTestIssuer();

    const codes = await Promise.all(Array.from({ length: 200 }, () => code()));

    expect(new Set(codes).size).toBe(200);
    for (const text of codes) expect(text).toMatch(/^ac_[\w-]{22}\.[\w-]{43}$/);
  });

  it('reaches the store as a hash only, and what it is bound to as it was sent', async () => {
    const { code, deps } = createTestIssuer();
    const text = await code({ ...PKCE, nonce: 'n-1' });
    const [, id = '', secret = ''] = /^ac_(.*)\.(.*)$/.exec(text) ?? [];

    const found = await deps.store.find(toAuthorizationId(id), deps.now());

    expect(JSON.stringify(found)).not.toContain(secret);
    expect(JSON.stringify(found)).not.toContain(VERIFIER);
    expect(found?.grant).toMatchObject({
      clientId: 'conf',
      subject: 'alice',
      redirectUri: CALLBACK,
      redirectUriSent: true,
      challenge: CHALLENGE,
      nonce: 'n-1',
      resource: [],
    });
  });
});
