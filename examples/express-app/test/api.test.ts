import { describe, expect } from 'vitest';
import { askApi } from './support/api.ts';
import { AUDIENCE } from './support/start-app.ts';
import { test } from './support/test.ts';

const FOR_API = { as: 'alice', client: 'web', scope: 'openid api', resource: AUDIENCE };

/** No browser, no redirects: straight to a token, made by the same code. */
describe('the API', () => {
  test('knows whose token it is', async ({ app, issuer }) => {
    const { access_token } = await issuer.issue(FOR_API);

    const answer = await askApi(app, access_token);

    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ sub: 'alice', client: 'web' });
  });

  test('refuses to answer without a token', async ({ app }) => {
    const answer = await askApi(app);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api"');
  });

  test('refuses a token for somebody else', async ({ app, issuer }) => {
    const { access_token } = await issuer.issue({ ...FOR_API, resource: 'https://other.example' });

    expect((await askApi(app, access_token)).status).toBe(401);
  });

  test('refuses an ID Token, which is for the application and not for the API', async ({
    app,
    issuer,
  }) => {
    const { id_token } = await issuer.issue(FOR_API);

    expect((await askApi(app, id_token)).status).toBe(401);
  });

  test('refuses a token without its scope', async ({ app, issuer }) => {
    const { access_token } = await issuer.issue({ ...FOR_API, scope: 'openid' });

    const answer = await askApi(app, access_token);

    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  test('refuses a token that expired', async ({ app, issuer }) => {
    const { access_token } = await issuer.issue({ ...FOR_API, expiresIn: '5m' });

    issuer.clock.advance('4m');
    const before = await askApi(app, access_token);
    issuer.clock.advance('2m');
    const after = await askApi(app, access_token);

    expect([before.status, after.status]).toEqual([200, 401]);
  });

  test('refuses a token of another issuer', async ({ app, issuer, rootIssuer }) => {
    const other = await rootIssuer.test({ clients: [CLIENT], users: [{ sub: 'alice' }] });
    const { access_token } = await other.issue(FOR_API);

    expect(other.url).not.toBe(issuer.url);
    expect((await askApi(app, access_token)).status).toBe(401);
  });

  test('refuses what is no token', async ({ app }) => {
    for (const token of ['', 'not-a-token', 'a.b.c', `${'x'.repeat(100)}.y.z`]) {
      expect((await askApi(app, token)).status).toBe(401);
    }
  });
});

const CLIENT = {
  client_id: 'web',
  client_secret: 'the secret of another issuer, not guessed',
  redirect_uris: ['http://localhost/callback'],
  scope: 'openid api',
  resources: [AUDIENCE],
};
