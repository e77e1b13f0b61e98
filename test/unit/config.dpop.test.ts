import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../internal/app/policy.ts';
import { readConfig } from '../../internal/config/checks/checks.ts';
import { readClients } from '../../internal/config/clients.ts';
import { printPath } from '../../internal/config/finding.ts';
import { SECRET, TERMS } from './loader.fixture.ts';

const SERVE = { mode: 'serve', exposed: false } as const;
const URLS = { loginUrl: undefined, logoutUrl: undefined, reauthenticateUrl: undefined };

const read = (dpop: object | undefined) =>
  readConfig({ upstream: { trust: { secret: { files: ['s'] } } }, dpop }, SERVE);

const policyOf = (dpop: object | undefined) => {
  const { config, problems } = read(dpop);
  expect(problems).toEqual([]);
  const snapshot = { clients: new Map(), tokenIssuerKeys: new Map() };
  return createPolicy(config, URLS, () => snapshot)().dpop;
};

const problemsOf = (dpop: object): readonly string[] =>
  read(dpop).problems.map(({ path }) => printPath(path));

describe('dpop in asteroid.yaml (RFC 9449 §8, §11.1; DP-2)', () => {
  it('asks for no nonce, and takes proofs for a minute, where nothing is said', () => {
    expect(policyOf(undefined)).toEqual({ requiresNonce: false, proofLifetime: 60 });
  });

  it('asks for what is said', () => {
    expect(policyOf({ nonce: 'required', proof_lifetime: '2m' })).toEqual({
      requiresNonce: true,
      proofLifetime: 120,
    });
    expect(policyOf({ nonce: 'never', proof_lifetime: '10s' }).requiresNonce).toBe(false);
  });

  for (const [what, dpop] of [
    ['another word', { nonce: 'optional' }],
    ['a proof for an hour', { proof_lifetime: '1h' }],
    ['a proof for less than clocks differ', { proof_lifetime: '9s' }],
    ['a number without a unit', { proof_lifetime: 60 }],
  ] as const) {
    it(`does not take ${what}`, () => {
      expect(problemsOf(dpop)).toEqual([`dpop.${Object.keys(dpop)[0]}`]);
    });
  }
});

describe('dpop_bound_access_tokens in clients.yaml (RFC 9449 §5.2; DP-2)', () => {
  const load = (different: object) =>
    readClients(
      {
        clients: [
          {
            ...{ client_id: 'a', client_secret: SECRET, redirect_uris: ['https://a.example/cb'] },
            ...different,
          },
        ],
      },
      TERMS,
    );

  it('is a yes or a no', () => {
    expect(load({ dpop_bound_access_tokens: true }).problems).toEqual([]);
    expect(load({ dpop_bound_access_tokens: 'yes' }).problems).toHaveLength(1);
  });
});
