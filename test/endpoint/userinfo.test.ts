import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { ALICE, createTestIssuer, ISSUER, LIFETIMES } from '../support/issuer.ts';
import { basic, identify, toParams } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const ALGS = 'ES256 ES384 ES512 PS256 PS384 PS512 EdDSA Ed25519';

const post = (form: Record<string, string | string[]>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  params: toParams(form),
  headers,
});

describe('UserInfo: presenting the token (RFC 6750 §2, OIDC Core §5.3.1; UI-1, UI-5)', () => {
  it('takes it from the header of a GET or a POST, and from the form of a POST', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const headers = { authorization: `Bearer ${access_token}` };

    for (const answer of [
      await userinfo(access_token),
      await userinfo(undefined, { method: 'POST', headers }),
      await userinfo(undefined, post({ access_token })),
    ]) {
      expect(answer).toMatchObject({ status: 200, json: { sub: 'alice' } });
    }
  });

  it('does not take it from a query', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();

    const { status } = await userinfo(undefined, { params: toParams({ access_token }) });

    expect(status).toBe(401);
  });

  it('refuses it in two ways at once, or twice in one, with invalid_request', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const authorization = `Bearer ${access_token}`;

    for (const more of [
      post({ access_token }, { authorization }),
      post({ access_token: [access_token, access_token] }),
    ]) {
      expect(await userinfo(undefined, more)).toMatchObject({
        status: 400,
        json: { error: 'invalid_request' },
      });
    }
  });

  it('does not care for the case of the scheme', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();

    for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
      const headers = { authorization: `${scheme} ${access_token}` };
      expect((await userinfo(undefined, { headers })).status).toBe(200);
    }
  });

  for (const shape of [
    'Bearer\tTOKEN',
    'Bearer  TOKEN',
    'Bearer TOKEN ',
    'Bearer TOKEN, x',
    'Bearer "TOKEN"',
    'Bearer',
    'Bearer ',
    'Bearer a=b',
    'Bearer é',
  ]) {
    it(`refuses the header ${JSON.stringify(shape)} with invalid_request`, async () => {
      const { signIn, userinfo } = createTestIssuer();
      const { access_token } = await signIn();
      const headers = { authorization: shape.replace('TOKEN', access_token) };

      const answer = await userinfo(undefined, { headers });

      expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
      expect(answer.headers['WWW-Authenticate']).toContain('error="invalid_request"');
    });
  }
});

describe('UserInfo: challenges (RFC 6750 §3; UI-2)', () => {
  it('answers a request without a token 401 with a bare challenge and no error', async () => {
    const { userinfo } = createTestIssuer();

    for (const more of [
      {},
      { headers: { authorization: basic('conf') } },
      { identity: identify('alice'), headers: { 'x-authenticated-user': 'alice' } },
    ]) {
      const { status, json, headers } = await userinfo(undefined, more);
      expect({ status, json, headers }).toEqual({
        status: 401,
        json: {},
        headers: {
          'WWW-Authenticate': `Bearer realm="${ISSUER}", DPoP realm="${ISSUER}", algs="${ALGS}"`,
        },
      });
    }
  });

  it('answers a bad token 401 invalid_token, quoted and in the body', async () => {
    const { userinfo } = createTestIssuer();

    const { status, json, headers } = await userinfo('made.up.token');

    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toMatch(
      /^Bearer realm="[^"]+", error="invalid_token", error_description="[^"\\]+", DPoP realm="[^"]+", algs="[^"]+"$/,
    );
    expect(json['error']).toBe('invalid_token');
  });

  it('answers a token without openid 403 insufficient_scope, and says which scope', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn({ scope: 'email' });

    const { status, headers } = await userinfo(access_token);

    expect(status).toBe(403);
    expect(headers['WWW-Authenticate']).toContain('error="insufficient_scope"');
    expect(headers['WWW-Authenticate']).toContain('scope="openid"');
  });
});

describe('UserInfo: claims (OIDC Core §5.3.2, §5.4; UI-3, TC-5)', () => {
  for (const [scope, claims] of [
    ['openid', {}],
    ['openid profile', { name: 'Alice Example', given_name: 'Alice', updated_at: 1_700_000_000 }],
    ['openid email', { email: 'alice@example.test', email_verified: true }],
    ['openid address', { address: { locality: 'Springfield', country: 'US' } }],
    ['openid phone', { phone_number: '+1 555 0100', phone_number_verified: false }],
    ['openid groups', { groups: ['engineering', 'admins'] }],
  ] as const) {
    it(`releases for "${scope}" exactly its claims, sub always, and nothing null or empty`, async () => {
      const { signIn, userinfo } = createTestIssuer();
      const { access_token, id_token } = await signIn({ scope });

      const { json } = await userinfo(access_token);

      expect(json).toEqual({ sub: 'alice', ...claims });
      expect(json['sub']).toBe(claimsOf(id_token)['sub']);
    });
  }

  it('releases all of it for all scopes', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn({ scope: 'phone address email groups profile openid' });

    const { middle_name: _, website: __, ...known } = ALICE;
    expect((await userinfo(access_token)).json).toEqual({ sub: 'alice', ...known });
  });

  it('leaves out null, empty texts, empty lists and empty objects', async () => {
    const { signIn, userinfo, users } = createTestIssuer();
    users.set('alice', { name: '', email: null, groups: [], address: {}, email_verified: false });
    const { access_token } = await signIn({ scope: 'openid profile email address groups' });

    expect((await userinfo(access_token)).json).toEqual({ sub: 'alice', email_verified: false });
  });

  it('releases only what the token was narrowed to', async () => {
    const { signIn, refresh, userinfo } = createTestIssuer();
    const { refresh_token } = await signIn();

    const { json } = await refresh(refresh_token, { scope: 'openid email' });

    expect(Object.keys((await userinfo(String(json['access_token']))).json).sort()).toEqual([
      'email',
      'email_verified',
      'sub',
    ]);
  });

  it('never lets a backend say who somebody is', async () => {
    const { signIn, userinfo, users } = createTestIssuer();
    users.set('alice', { sub: 'root', iss: 'evil', aud: 'evil', name: 'Alice' });
    const { access_token } = await signIn({ scope: 'openid profile' });

    expect((await userinfo(access_token)).json).toEqual({ sub: 'alice', name: 'Alice' });
  });

  it('tells what is known now, and passes on what the upstream said at sign-in', async () => {
    const seen: unknown[] = [];
    const { deps } = createTestIssuer();
    const { signIn, userinfo } = createTestIssuer({
      deps: {
        userinfo: {
          ...deps.userinfo,
          async find(subject, snapshot) {
            seen.push(snapshot);
            return deps.userinfo.find(subject, snapshot);
          },
        },
      },
    });
    const claims = { email: 'from-the-proxy@example.test' };
    const { access_token } = await signIn({}, identify('alice', { claims }));

    await userinfo(access_token);

    expect(seen).toEqual([claims, claims, claims]);
  });
});

describe('UserInfo: tokens that are not good (or no longer) (UI-4, AC-9)', () => {
  it('ends with the token, to the second', async () => {
    const { signIn, userinfo, clock } = createTestIssuer();
    const { access_token } = await signIn();

    clock.advance(LIFETIMES.accessToken - 1);
    expect((await userinfo(access_token)).status).toBe(200);
    clock.advance(1);
    expect((await userinfo(access_token)).status).toBe(401);
  });

  it('ends for a deleted End-User, one put out of the group, and a removed client', async () => {
    const picky = makeClient('picky', {
      allow: { subjects: [], groups: ['admins'], emailDomains: [] },
    });
    const { signIn, userinfo, users, clients } = createTestIssuer({ clients: [picky] });
    const { access_token } = await signIn({ client_id: 'picky' });

    users.delete('alice');
    expect((await userinfo(access_token)).status).toBe(401);
    users.set('alice', { ...ALICE, groups: [] });
    expect((await userinfo(access_token)).status).toBe(401);
    users.set('alice', ALICE);
    clients.delete('picky');
    expect((await userinfo(access_token)).status).toBe(401);
    clients.set('picky', picky);
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('refuses a token for another resource, and takes one that is for us too', async () => {
    const apis = makeClient('apis', {
      resources: ['https://api1.example'],
      audience: ['https://x.example'],
    });
    const { signIn, userinfo } = createTestIssuer({ clients: [apis] });
    const elsewhere = await signIn({ client_id: 'apis', resource: 'https://api1.example' });
    const both = await signIn({ client_id: 'apis' });

    expect((await userinfo(elsewhere.access_token)).status).toBe(401);
    expect((await userinfo(both.access_token)).status).toBe(200);
  });

  it('refuses a token of another issuer, even one that shares our keys', async () => {
    const { signIn, deps } = createTestIssuer();
    const sibling = createTestIssuer({ deps: { ...deps, issuer: 'https://op.example/b' } });
    const { access_token } = await signIn();

    expect((await sibling.userinfo(access_token)).status).toBe(401);
  });

  it('refuses a token whose signature was re-encoded', async () => {
    const { signIn, userinfo } = createTestIssuer();
    const { access_token } = await signIn();
    const [header = '', payload = '', signature = ''] = access_token.split('.');
    const last = signature.at(-1) ?? '';
    const sibling = { A: 'B', Q: 'R', g: 'h', w: 'x' }[last] ?? 'B';

    for (const text of [
      `${header}.${payload}.${signature.slice(0, -1)}${sibling}`,
      `${header}.${payload}.${signature}=`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
    ]) {
      expect((await userinfo(text)).status).not.toBe(200);
    }
    expect((await userinfo(access_token)).status).toBe(200);
  });

  it('throws Unavailable while store or backends do not answer, and never calls the token invalid', async () => {
    const { signIn, userinfo, weather, backends } = createTestIssuer();
    const { access_token } = await signIn();

    weather.down.add('find');
    await expect(userinfo(access_token)).rejects.toThrow(Unavailable);
    weather.down.clear();
    backends.down = true;
    await expect(userinfo(access_token)).rejects.toThrow(Unavailable);
    backends.down = false;

    expect((await userinfo(access_token)).status).toBe(200);
  });
});
