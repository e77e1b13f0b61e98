import { describe, expect, it } from 'vitest';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { type Finding, printPath } from '../../internal/config/finding.ts';

const SERVE = { mode: 'serve', exposed: false } as const;
const DEV = { mode: 'dev', exposed: false } as const;

const print = (findings: readonly Finding[]): readonly string[] =>
  findings
    .map(({ path, problem }) => `${printPath(path)}: ${problem}`)
    .filter((line) => line.startsWith('endpoints'));

type Mode = typeof SERVE | typeof DEV;

function judge(endpoints: object, circumstances: Mode = SERVE, policy = {}) {
  const { problems, warnings, config } = readConfig({ endpoints, policy }, circumstances);
  return { problems: print(problems), warnings: print(warnings), config };
}

const PLAIN = 'is http:// and not on loopback; use https://, or set policy.allow_http_issuer: true';
const OUTSIDE =
  'is http:// and no name of a cluster; use https://, unless no network is in between';

describe('endpoints for two horizons', () => {
  it('are those of the issuer unless something is said', () => {
    expect(readConfig({}, SERVE).config.endpoints).toBeUndefined();
    expect(judge({}).problems).toEqual([]);
  });

  for (const browser_base of [
    'https://sso.example',
    'https://sso.example:8443/a/',
    'http://localhost:8880',
  ]) {
    it(`takes ${browser_base} for browsers`, () => {
      const { problems, warnings, config } = judge({ browser_base });

      expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
      expect(config.endpoints).toEqual({ browser_base });
    });
  }

  it('holds the one for browsers to what an issuer is held to', () => {
    const browser_base = 'http://sso.example';
    const bad = [`endpoints.browser_base: ${PLAIN}`];

    expect(judge({ browser_base }).problems).toEqual(bad);
    expect(judge({ browser_base }, DEV).problems).toEqual([]);
    expect(judge({ browser_base }, SERVE, { allow_http_issuer: true }).problems).toEqual([]);
  });

  for (const key of ['browser_base', 'backchannel_base']) {
    for (const [url, problem] of [
      ['https://sso.example?a', 'has a query; remove it'],
      ['https://sso.example#', 'has a fragment; remove it'],
      ['https://u@sso.example', 'has user information in it; remove all up to the @'],
      ['https://Sso.example', 'has capital letters in scheme or host; write them small'],
      ['https://sso.example:443', 'names the default port; leave out :443'],
      ['ftp://sso.example', 'has to be an https URL; write it as https://sso.example.com'],
    ] as const) {
      it(`refuses ${url} for ${key}`, () => {
        expect(judge({ [key]: url }).problems).toEqual([`endpoints.${key}: ${problem}`]);
      });
    }
  }

  for (const host of [
    'asteroid',
    'asteroid:8880',
    'a.sso.svc',
    'a.sso.svc.cluster.local:1',
    'a.corp.internal',
    '127.0.0.1:1',
    '[::1]:1',
  ]) {
    it(`takes http://${host} for programs without a word`, () => {
      const { problems, warnings } = judge({ backchannel_base: `http://${host}` });

      expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    });
  }

  for (const host of [
    'sso.example',
    '10.0.0.5:8880',
    '[fd00::1]',
    'svc.example',
    'asvc.example',
    'sso.mysvc',
  ]) {
    it(`takes http://${host} for programs, and warns`, () => {
      const { problems, warnings } = judge({ backchannel_base: `http://${host}` });

      expect({ problems, warnings }).toEqual({
        problems: [],
        warnings: [`endpoints.backchannel_base: ${OUTSIDE}`],
      });
    });
  }

  it('says nothing about https', () => {
    expect(judge({ backchannel_base: 'https://10.0.0.5' }).warnings).toEqual([]);
  });
});
