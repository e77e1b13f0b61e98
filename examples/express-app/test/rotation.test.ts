import { describe, expect } from 'vitest';
import { askApi } from './support/api.ts';
import { openBrowser } from './support/browser.ts';
import { AUDIENCE } from './support/start-app.ts';
import { test } from './support/test.ts';

const FOR_API = { as: 'alice', client: 'web', scope: 'openid api', resource: AUDIENCE };

describe('when the issuer signs with another key', () => {
  test('and still publishes the one before, tokens of both are taken', async ({ app, issuer }) => {
    const before = await issuer.issue(FOR_API);
    expect((await askApi(app, before.access_token)).status).toBe(200);

    await issuer.keys.rotate();
    const after = await issuer.issue(FOR_API);

    expect((await askApi(app, before.access_token)).status).toBe(200);
    expect((await askApi(app, after.access_token)).status).toBe(200);
  });

  test('and the one before is gone, its tokens are refused', async ({ app, issuer }) => {
    const before = await issuer.issue(FOR_API);
    expect((await askApi(app, before.access_token)).status).toBe(200);

    await issuer.keys.rotate({ overlap: false });
    const after = await issuer.issue(FOR_API);

    expect((await askApi(app, after.access_token)).status).toBe(200);
    expect((await askApi(app, before.access_token)).status).toBe(401);
  });

  test('people go on signing in', async ({ app, browser, issuer }) => {
    issuer.signIn('alice');
    await browser.open(`${app.url}/login`);

    await issuer.keys.rotate({ overlap: false });
    const home = await openBrowser().open(`${app.url}/login`);

    expect(home.text).toContain('signed in as <strong>alice</strong>');
  });
});
