import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { showPreset } from '../../internal/app/presets/show.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';

const ISSUER = 'https://login.corp.example/sso';
const IDP = 'https://idp.example';

/** What is printed for Istio, by the kind of each resource. */
function print(assertion: object = {}, sections: object = {}) {
  const { config, problems } = readConfig(
    {
      issuer: ISSUER,
      ...sections,
      upstream: {
        preset: 'istio-jwt',
        trust: { secret: { files: ['/etc/proof'] } },
        assertion: { issuer: IDP, audience: ['sso'], jwks_uri: `${IDP}/jwks`, ...assertion },
      },
    },
    { mode: 'serve', exposed: false },
  );
  expect(problems).toEqual([]);
  const { proxy } = showPreset({ preset: 'istio-jwt' }, config);
  return new Map(
    parseAllDocuments(proxy).map((document) => {
      const { kind, spec } = document.toJS();
      return [kind, spec];
    }),
  );
}

describe('the lines of Istio', () => {
  it('let access tokens of the issuer itself reach /userinfo, where Istio would refuse them', () => {
    expect(print().get('RequestAuthentication').jwtRules).toEqual([
      {
        issuer: IDP,
        jwksUri: `${IDP}/jwks`,
        audiences: ['sso'],
        fromHeaders: [{ name: 'Authorization', prefix: 'Bearer ' }],
        forwardOriginalToken: true,
      },
      { issuer: ISSUER, jwksUri: `${ISSUER}/jwks.json`, forwardOriginalToken: true },
    ]);
  });

  it('name no further issuer where Istio looks at a header of its own', () => {
    const { jwtRules } = print({ header: 'X-Jwt', scheme: 'raw' }).get('RequestAuthentication');

    expect(jwtRules.map(({ issuer }: { issuer: string }) => issuer)).toEqual([IDP]);
  });

  it('let programs of the mesh call what reads no identity, and the gateway alone the rest', () => {
    const [gateway, programs, ...more] = print().get('AuthorizationPolicy').rules;

    expect(more).toEqual([]);
    expect(gateway).toEqual({
      from: [{ source: { principals: [expect.stringMatching(/\/sa\/istio-ingressgateway/)] } }],
    });
    expect(programs).toEqual({
      to: [
        {
          operation: {
            paths: expect.arrayContaining(['/sso/par', '/sso/token', '/sso/jwks.json']),
          },
        },
      ],
    });
    const { paths } = programs.to[0].operation;
    for (const name of ['authorize', 'consent', 'account', 'end_session', 'sign_out']) {
      expect(paths).not.toContain(`/sso/${name}`);
    }
    // A wildcard at either end is one to Istio.
    expect(paths.join()).not.toContain('*');
  });

  it.each([true, false])('let sidecars ask about tokens where that is on: %s', (enabled) => {
    const [, programs] = print({}, { check: { enabled } }).get('AuthorizationPolicy').rules;

    expect(programs.to[0].operation.paths.includes('/sso/check')).toBe(enabled);
  });

  it.each([true, false])('let programs register where that is on: %s', (enabled) => {
    const more = enabled ? { registration: { open: true } } : {};
    const [, programs] = print({}, more).get('AuthorizationPolicy').rules;
    const { paths } = programs.to[0].operation;

    expect(['/sso/register', '/sso/register/*'].map((path) => paths.includes(path))).toEqual([
      enabled,
      enabled,
    ]);
  });
});
