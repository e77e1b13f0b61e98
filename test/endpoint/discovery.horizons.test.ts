import { describe, expect, it } from 'vitest';
import { buildTable } from '../../internal/http/routes.ts';
import { ENDPOINT_PATHS, endpointUrl } from '../../internal/oidc/paths.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { makeRequest } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const BROWSER = 'https://people.example/sso';
const BACK = 'http://asteroid.sso.svc:8880/';
const horizons = { bases: { browser: BROWSER, back: BACK } };

const MEMBERS = Object.keys(ENDPOINT_PATHS) as readonly (keyof typeof ENDPOINT_PATHS)[];

async function describeIssuer(deps = {}): Promise<Record<string, unknown>> {
  const { issuer } = createTestIssuer({ deps });
  const answer = await issuer.discovery(makeRequest({ method: 'GET' }));
  return answer.kind === 'json' ? { ...answer.body } : {};
}

describe('discovery from two horizons (DI-3, T13)', () => {
  it('sends browsers one way and programs another, to one issuer', async () => {
    expect(await describeIssuer(horizons)).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: 'https://people.example/sso/authorize',
      token_endpoint: 'http://asteroid.sso.svc:8880/token',
      userinfo_endpoint: 'http://asteroid.sso.svc:8880/userinfo',
      introspection_endpoint: 'http://asteroid.sso.svc:8880/introspect',
      revocation_endpoint: 'http://asteroid.sso.svc:8880/revoke',
      jwks_uri: 'http://asteroid.sso.svc:8880/jwks.json',
    });
  });

  it('is otherwise the document of one horizon', async () => {
    const strip = (document: Record<string, unknown>) =>
      Object.entries(document).filter(([name]) => !(name in ENDPOINT_PATHS));

    expect(strip(await describeIssuer(horizons))).toEqual(strip(await describeIssuer()));
  });

  it('calls an endpoint one for browsers when its route is one', () => {
    const table = buildTable('https://op.example', 'all');
    const bases = { browser: 'browser:', back: 'back:' };

    const routed = MEMBERS.map((member) => {
      const path = ENDPOINT_PATHS[member];
      return `${table.get(path)?.listener}:${path}`;
    });

    expect(MEMBERS.map((member) => endpointUrl(bases, member))).toEqual(routed);
  });

  it('changes nothing about answers and tokens', async () => {
    const issuer = createTestIssuer({ deps: horizons });

    const { params } = await issuer.authorize();
    const tokens = await issuer.signIn();
    const unproven = await issuer.userinfo(undefined);

    expect(params.get('iss')).toBe(ISSUER);
    expect(claimsOf(tokens.id_token)['iss']).toBe(ISSUER);
    expect(claimsOf(tokens.access_token)).toMatchObject({ iss: ISSUER, aud: ISSUER });
    expect((await issuer.introspect(tokens.access_token)).json['iss']).toBe(ISSUER);
    expect((await issuer.userinfo(tokens.access_token)).status).toBe(200);
    expect(unproven.headers['WWW-Authenticate']).toContain(`Bearer realm="${ISSUER}",`);
  });

  it('comes back from signing in by the way of browsers (T31)', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
    const policy = { loginUrl: '/oauth2/start?rd=${url}' };
    const { authorize } = createTestIssuer({ deps: horizons, policy });

    const { location = '' } = await authorize({}, 'nobody');

    expect(decodeURIComponent(location)).toMatch(
      /^\/oauth2\/start\?rd=https:\/\/people\.example\/sso\/authorize\?client_id=conf&/,
    );
  });
});
