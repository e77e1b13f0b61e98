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

describe('what is not configured is not paid for', () => {
  it('a token request without a hook is one question to the store', async () => {
    const { deps } = createTestIssuer();
    const asked: string[] = [];
    const store = new Proxy(deps.store, {
      get(target, name: keyof typeof deps.store) {
        asked.push(name);
        return target[name];
      },
    });
    const { code, redeem, refresh } = createTestIssuer({ deps: { store } });
    const text = await code();

    asked.length = 0;
    const { json } = await redeem(text);
    expect(asked).toEqual(['redeem']);
    await refresh(String(json['refresh_token']));
    expect(asked).toEqual(['redeem', 'rotate']);
  });

  it('and two with one, which is asked before anything is spent', async () => {
    const { deps } = createTestIssuer();
    const asked: string[] = [];
    const store = new Proxy(deps.store, {
      get(target, name: keyof typeof deps.store) {
        asked.push(name);
        return target[name];
      },
    });
    const { code, redeem } = createTestIssuer({
      deps: {
        store,
        tokenHook: async () => {
          asked.push('hook');
          return { kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} };
        },
      },
    });
    const text = await code();

    asked.length = 0;
    await redeem(text);
    expect(asked).toEqual(['find', 'hook', 'redeem']);
  });
});

describe('an authorization request asks for what it needs once', () => {
  /** What is asked of the store, of the clients and of the backends while one request is answered. */
  async function askedFor(act: (test: TestIssuer) => Promise<unknown>) {
    const base = createTestIssuer();
    const asked: string[] = [];
    const { findClient, userinfo } = base.deps;
    const test = createTestIssuer({
      deps: {
        findClient: (id) => {
          asked.push(`client ${id}`);
          return findClient(id);
        },
        userinfo: {
          ...userinfo,
          find: (subject, snapshot) => {
            asked.push(`claims of ${subject}`);
            return userinfo.find(subject, snapshot);
          },
        },
      },
    });
    const calls = await callsOf(test, async () => {
      asked.length = 0;
      await act(test);
    });
    return { asked, calls };
  }

  it('its client, whoever is of that name, their claims, and the store for the code', async () => {
    const { asked, calls } = await askedFor(({ code }) => code());

    expect(asked).toEqual(['client conf', 'client alice', 'claims of alice']);
    expect(calls).toEqual(['create']);
  });

  it('and one that was pushed the store for what was pushed as well', async () => {
    const { asked, calls } = await askedFor(async (test) => {
      const { json } = await test.push();
      await test.code({ request_uri: String(json['request_uri']) });
    });

    // The first time for the push itself.
    expect(asked).toEqual(['client conf', 'client conf', 'client alice', 'claims of alice']);
    expect(calls).toEqual(['park', 'findPending', 'approve']);
  });

  it('and one whose redirect URI is not proven nothing but its client', async () => {
    const { asked, calls } = await askedFor(({ authorize }) =>
      authorize({ redirect_uri: 'https://elsewhere.example/' }),
    );

    expect(asked).toEqual(['client conf']);
    expect(calls).toEqual([]);
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

    const before = await callsOf({ weather }, () => token(form, 'svc'));
    expect(before).toEqual([]);
    expect(await callsOf({ weather }, () => token(form, bySecret))).toEqual(['once']);
    expect(await callsOf({ weather }, () => token(form, byKey))).toEqual(['once']);
  });

  it('and so nothing of the store for whoever did not sign', async () => {
    const [key, foreign] = [await createSigner('k1'), await createSigner('k1')];
    const { token, weather } = createTestIssuer({ clients: [keyClient('viakey', [key])] });
    const forged = withAssertion(await foreign.sign(ownClaims('viakey', ISSUER)));

    expect(await callsOf({ weather }, () => token(form, forged))).toEqual([]);
  });
});

/** What the store is asked meanwhile. */
async function callsOf(
  { weather: { calls } }: Pick<TestIssuer, 'weather'>,
  act: () => Promise<unknown>,
) {
  const before = calls.length;
  await act();
  return calls.slice(before);
}
