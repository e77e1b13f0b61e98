// A store that has only begun to remember: what was made before could have been used before.

import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../internal/store/memory/memory.ts';
import type { Store } from '../../internal/store/store.ts';
import { createSigner, keyClient, ownClaims, withAssertion } from '../support/assertions.ts';
import { createTestClock } from '../support/clock.ts';
import { createHolder } from '../support/dpop.ts';
import { createExchange } from '../support/exchange.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { START } from '../support/keys.ts';
import { basic } from '../support/requests.ts';

/** Empty since the moment that test clocks start at. */
const begun = (): Store =>
  createMemoryStore({ maxEntries: 1000, maxPending: 10, now: createTestClock(START) });

const grant_type = 'client_credentials';

describe('what may be used once, after the store was emptied (F-2, N2)', () => {
  it('a client assertion counts when it was made since, or does not say when', async () => {
    const key = await createSigner('k1');
    const test = createTestIssuer({
      clients: [keyClient('viakey', [key])],
      deps: { store: begun() },
    });
    const present = async (different: object) => {
      const assertion = key.sign(ownClaims('viakey', ISSUER, different));
      const { status, json } = await test.token({ grant_type }, withAssertion(await assertion));
      return [status, json['reason']];
    };

    expect(await present({ iat: START - 1 })).toEqual([401, 'client_assertion_replayed']);
    expect(await present({ iat: START })).toEqual([200, undefined]);
    expect(await present({ iat: undefined })).toEqual([200, undefined]);
  });

  it('a DPoP proof counts when it was made since', async () => {
    const test = createTestIssuer({ deps: { store: begun() } });
    const holder = await createHolder();
    const present = async (iat: number) => {
      const dpop = await holder.prove({ claims: { iat } });
      const headers = { authorization: basic('svc'), dpop };
      const { status, json } = await test.token({ grant_type }, { form: {}, headers });
      return [status, json['reason']];
    };

    expect(await present(START - 1)).toEqual([400, 'dpop_proof_replayed']);
    expect(await present(START)).toEqual([200, undefined]);
  });

  it('an assertion of another issuer counts when it was made since', async () => {
    const test = await createExchange({ deps: { store: begun() } });
    const present = async (iat: number) => {
      const { status, json } = await test.bear(await test.partner.sign({ iat }));
      return [status, json['reason']];
    };

    expect(await present(START - 1)).toEqual([400, 'assertion_replayed']);
    expect(await present(START)).toEqual([200, undefined]);
  });
});

describe('a token of which nothing is recorded, after the store was emptied (F-2, N3)', () => {
  it('is inactive when it could have been revoked before, and active when not', async () => {
    const clock = createTestClock(START + 10);
    const emptied = createMemoryStore({ maxEntries: 1000, maxPending: 10, now: clock });
    const test = createTestIssuer({ deps: { store: emptied } });
    const ask = async () => {
      const { json } = await test.token(
        { grant_type },
        { form: {}, headers: { authorization: basic('svc') } },
      );
      return String(json['access_token']);
    };
    const before = await ask();
    test.clock.advance(10);
    const since = await ask();

    expect((await test.introspect(before, 'svc')).json).toEqual({ active: false });
    expect((await test.introspect(since, 'svc')).json).toMatchObject({ active: true });
  });
});
