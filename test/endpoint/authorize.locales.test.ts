// What a client says about the language of its End-User, on every way that leads to a page.

import { describe, expect, it } from 'vitest';
import { createDeviceFlow } from '../support/device-flow.ts';
import { createTestIssuer } from '../support/issuer.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
const LOGIN = 'https://proxy.example/start?rd=${url}';
const FRENCH = { ui_locales: 'fr-CA fr', prompt: 'consent' };

describe('ui_locales (OIDC Core §3.1.2.1; AZ-9)', () => {
  it('stay with the page that a request leads to', async () => {
    const { authorize } = createTestIssuer();

    expect((await authorize(FRENCH)).response).toMatchObject({
      kind: 'page',
      uiLocales: 'fr-CA fr',
    });
    expect((await authorize({ prompt: 'consent' })).response).not.toHaveProperty('uiLocales');
  });

  it('stay with a request that was pushed, of which the address says nothing', async () => {
    const { push, authorize } = createTestIssuer();
    const { json } = await push(FRENCH);
    const query = { request_uri: String(json['request_uri']), client_id: 'conf' };

    const { page, response } = await authorize(query);

    expect(page).toMatchObject({ kind: 'consent' });
    expect(response).toMatchObject({ uiLocales: 'fr-CA fr' });
  });

  it('stay with the page that says that nobody is signed in', async () => {
    const { authorize } = createTestIssuer();

    expect((await authorize(FRENCH, 'nobody')).response).toMatchObject({
      status: 401,
      uiLocales: 'fr-CA fr',
    });
  });

  it('are nothing to a client: its answer has none', async () => {
    const { authorize } = createTestIssuer();
    const { response, params } = await authorize({ ui_locales: 'fr' });

    expect(params.has('code')).toBe(true);
    expect(response).not.toHaveProperty('uiLocales');
  });
});

describe('ui_locales at the page of devices', () => {
  const backFrom = async (query: Readonly<Record<string, string>>) => {
    const { look } = createDeviceFlow({ policy: { loginUrl: LOGIN } });
    const { location = '' } = await look(query, 'nobody');
    return new URL(new URL(location).searchParams.get('rd') ?? '').searchParams;
  };

  it('come back from signing in where they are tags of languages', async () => {
    expect((await backFrom({ ui_locales: 'de-AT de' })).get('ui_locales')).toBe('de-AT de');
  });

  it.each(['<script>', 'de"', 'de&a=b', `${'de '.repeat(20)}`, 'de\r\nX: y'])(
    'do not come back as %j',
    async (text) => {
      expect((await backFrom({ ui_locales: text })).has('ui_locales')).toBe(false);
    },
  );
});
