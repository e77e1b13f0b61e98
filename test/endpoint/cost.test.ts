import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import {
  createSigner,
  keyClient,
  macClient,
  macOf,
  macSecretOf,
  ownClaims,
  withAssertion,
} from '../support/assertions.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { identify, NO_CREDENTIALS, withForm } from '../support/requests.ts';

/** An issuer that counts its signatures. */
function createCounting(): TestIssuer & { readonly signatures: () => number } {
  const keys = createEphemeralKeys({ now: createTestClock() });
  let count = 0;
  const sign: typeof keys.sign = (...args) => {
    count += 1;
    return keys.sign(...args);
  };
  return { ...createTestIssuer({ deps: { keys: { ...keys, sign } } }), signatures: () => count };
}

const WRONG = withForm({ client_id: 'post', client_secret: 'wrong' });

describe('signatures are made when all else is proven (DO-5)', () => {
  it('and so for no request that is refused', async () => {
    const test = createCounting();
    const { code, redeem, refresh, token, authorize, introspect, revoke, userinfo } = test;
    const unspent = await code();
    await redeem(unspent, { redirect_uri: 'https://rp.example/other' });
    await redeem(unspent, { code_verifier: 'v'.repeat(43) });
    await redeem(unspent, { resource: 'https://unknown.example' });
    await redeem(unspent, {}, 'conf2');
    await redeem(unspent, {}, WRONG);
    await redeem(unspent, {}, NO_CREDENTIALS);
    await redeem('ac_unknown.unknown');
    await refresh('rt_unknown.unknown.unknown');
    await token({ grant_type: 'client_credentials', scope: 'unknown' }, 'svc');
    await token({ grant_type: 'client_credentials' }, WRONG);
    test.users.delete('alice');
    await redeem(unspent);
    await authorize();
    await introspect('x.y.z');
    await revoke('x.y.z');
    await userinfo('x.y.z');

    expect(test.signatures()).toBe(0);
  });

  it('and so never for a code that is presented again', async () => {
    const { code, redeem, signatures } = createCounting();
    const spent = await code();
    await redeem(spent);
    const honest = signatures();
    await Promise.all(Array.from({ length: 20 }, () => redeem(spent)));

    expect(signatures()).toBe(honest);
  });

  it('and so two for a sign-in with openid, one without, and none for a page', async () => {
    const { code, redeem, signatures, authorize } = createCounting();
    await authorize({}, identify('bob'));
    expect(signatures()).toBe(0);
    await redeem(await code());
    expect(signatures()).toBe(2);
    await redeem(await code({ scope: 'email' }));
    expect(signatures()).toBe(3);
  });
});

describe('a client that authenticates costs what its method needs (CA-8)', () => {
  const form = { grant_type: 'client_credentials' };

  it('and so nothing of the store for a secret, and one question for an assertion', async () => {
    const key = await createSigner('k1');
    const clients = [keyClient('viakey', [key]), macClient('viamac')];
    const { token, weather } = createTestIssuer({ clients });
    const bySecret = withAssertion(macOf(macSecretOf('viamac'), ownClaims('viamac', ISSUER)));
    const byKey = withAssertion(await key.sign(ownClaims('viakey', ISSUER)));

    const before = await callsOf(weather, () => token(form, 'svc'));
    expect(before).toEqual([]);
    expect(await callsOf(weather, () => token(form, bySecret))).toEqual(['once']);
    expect(await callsOf(weather, () => token(form, byKey))).toEqual(['once']);
  });

  it('and so nothing of the store for whoever did not sign', async () => {
    const [key, foreign] = [await createSigner('k1'), await createSigner('k1')];
    const { token, weather } = createTestIssuer({ clients: [keyClient('viakey', [key])] });
    const forged = withAssertion(await foreign.sign(ownClaims('viakey', ISSUER)));

    expect(await callsOf(weather, () => token(form, forged))).toEqual([]);
  });
});

/** What the store is asked meanwhile. */
async function callsOf({ calls }: TestIssuer['weather'], act: () => Promise<unknown>) {
  const before = calls.length;
  await act();
  return calls.slice(before);
}
