// What End-Users see of clients that nobody vouches for, and where such clients cannot send them.

import { describe, expect, it } from 'vitest';
import { createRegistrationIssuer } from '../support/registration.ts';

describe('consent for a registered client', () => {
  it('is asked for before anything is told, with what the client says of itself', async () => {
    const test = createRegistrationIssuer();
    const links = {
      logo_uri: 'https://cdn.example/logo.png',
      policy_uri: 'https://rp.example/policy',
      tos_uri: 'https://rp.example/tos',
      client_uri: 'https://rp.example/',
    };
    const client = await test.register(links);

    const { page } = await test.authorize({ client_id: client.client_id });

    expect(page).toMatchObject({
      kind: 'consent',
      clientName: 'Corner Shop',
      redirectHost: 'rp.example',
      links: {
        logoUri: links.logo_uri,
        policyUri: links.policy_uri,
        tosUri: links.tos_uri,
        clientUri: links.client_uri,
      },
    });
    const silent = await test.authorize({ client_id: client.client_id, prompt: 'none' });
    expect(silent.params.get('error')).toBe('consent_required');
  });

  it('is asked for each time where the operator wants that', async () => {
    const test = createRegistrationIssuer({ policy: { consent: 'always' } });
    const client = await test.register();
    const { page } = await test.authorize({ client_id: client.client_id });
    const handle = page?.kind === 'consent' ? page.handle : '';
    const { params } = await test.consent({ handle, decision: 'allow' });

    expect(params.get('code')).not.toBeNull();
    const again = await test.authorize({ client_id: client.client_id, state: 'again' });
    expect(again.page?.kind).toBe('consent');
  });
});

describe('a link that ends at a registered client (RFC 9700 §4.11.2; AZ-19)', () => {
  const BAD = [
    { scope: 'nothing-that-exists' },
    { response_type: 'token' },
    { response_type: undefined },
    { prompt: 'none', scope: 'nothing-that-exists' },
    { prompt: 'none login' },
    { request: 'x.y.z' },
    { request_uri: 'https://evil.example/request' },
    { state: undefined },
    { max_age: '-1' },
    { code_challenge: 'x', code_challenge_method: 'plain' },
  ];

  it.each(BAD)('with a bad request is a page while nobody is signed in: %j', async (more) => {
    const test = createRegistrationIssuer();
    const client = await test.register();
    const query = { client_id: client.client_id, ...more };

    const stranger = await test.authorize(query, 'nobody');
    expect(stranger.location).toBeUndefined();
    expect(stranger.json['error']).toBeDefined();
    const known = await test.authorize(query);
    expect(known.location).toMatch(/^https:\/\/rp\.example\/callback\?.*error=/);
    const listed = await test.authorize({ ...query, client_id: 'conf' }, 'nobody');
    expect(listed.location, 'a client of the operator').toMatch(
      /^https:\/\/rp\.example\/callback\?/,
    );
  });

  it('is answered as it wants when it asks silently, and signs in when it does not', async () => {
    const test = createRegistrationIssuer({
      different: { policy: { loginUrl: `https://proxy.example/start?rd=\${url}` } },
    });
    const client = await test.register();

    const silent = await test.authorize({ client_id: client.client_id, prompt: 'none' }, 'nobody');
    expect(silent.params.get('error')).toBe('login_required');
    const loud = await test.authorize({ client_id: client.client_id }, 'nobody');
    expect(loud.location).toMatch(/^https:\/\/proxy\.example\//);
  });
});
