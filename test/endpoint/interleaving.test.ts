import { describe, expect, it } from 'vitest';
import type { Claims } from '../../internal/protocol/claims.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { s256 } from '../support/pkce.ts';
import { identify } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';
import { unevenPause } from '../support/weather.ts';

const USERS = 50;
const FLOWS = 200;

function createBusyIssuer(seed: number): TestIssuer {
  const pause = unevenPause(seed + 1);
  const known = (subject: string): Claims => ({
    name: `Name of ${subject}`,
    email: `${subject}@example.test`,
  });
  const test = createTestIssuer({
    clients: [makeClient('other'), makeClient('asking', { consent: 'always' })],
    deps: {
      userinfo: {
        provesExistence: true,
        remote: seed % 2 === 0,
        async find(subject) {
          await pause();
          return known(subject);
        },
        close: async () => undefined,
      },
    },
  });
  test.weather.pause = unevenPause(seed + 2);
  return test;
}

/** One whole sign-in; throws when anything in it belongs to another. */
async function walk(test: TestIssuer, flow: number): Promise<string> {
  const subject = `user-${flow % USERS}`;
  const clientId = ['conf', 'other', 'asking'][flow % 3] ?? 'conf';
  const identity = identify(subject, { authTime: test.clock() - flow });
  const state = `state-${flow}`;
  const nonce = `nonce-${flow}`;
  const verifier = `verifier-${flow}-`.padEnd(43, 'v');
  const query = {
    client_id: clientId,
    state,
    nonce,
    code_challenge: s256(verifier),
    code_challenge_method: 'S256',
  };

  let answer = await test.authorize(query, identity);
  if (answer.page?.kind === 'consent') {
    expect(answer.page.subject).toBe(subject);
    answer = await test.consent({ handle: answer.page.handle, decision: 'allow' }, identity);
  }
  expect(answer.params.get('state')).toBe(state);
  const code = answer.params.get('code') ?? '';

  const { status, json } = await test.redeem(code, { code_verifier: verifier }, clientId);
  expect(status).toBe(200);
  const about = { sub: subject, name: `Name of ${subject}`, email: `${subject}@example.test` };
  expect(claimsOf(String(json['id_token']))).toMatchObject({
    ...about,
    aud: clientId,
    nonce,
    auth_time: test.clock() - flow,
  });

  expect((await test.userinfo(String(json['access_token']))).json).toEqual(about);
  const renewed = await test.refresh(String(json['refresh_token']), {}, clientId);
  expect(claimsOf(String(renewed.json['access_token']))).toMatchObject({
    sub: subject,
    client_id: clientId,
  });
  const described = await test.introspect(String(renewed.json['access_token']), clientId);
  expect(described.json).toMatchObject({ active: true, sub: subject, client_id: clientId });
  return String(claimsOf(String(json['access_token']))['authorization_id']);
}

describe('two hundred flows of fifty End-Users at once (G-21)', () => {
  for (const seed of [11, 12]) {
    it(`give nobody anything of anybody else, whatever the order of the store (seed ${seed})`, async () => {
      const test = createBusyIssuer(seed);

      const ids = await Promise.all(Array.from({ length: FLOWS }, (_, flow) => walk(test, flow)));

      expect(new Set(ids).size).toBe(FLOWS);
      const granted = test.events.filter(({ type }) => type === 'authorization.granted');
      expect(granted).toHaveLength(FLOWS);
    });
  }
});
