import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { createTestClock } from '../support/clock.ts';
import { createHolder, type Holder } from '../support/dpop.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic } from '../support/requests.ts';

const HOUR = 3600;
const REQUIRED = { policy: { dpop: { requiresNonce: true, proofLifetime: 60 } } };

const ask = (test: TestIssuer, dpop: string | undefined): Promise<Answer> =>
  test.token(
    { grant_type: 'client_credentials', scope: 'api:read' },
    {
      form: {},
      headers: { authorization: basic('svc'), ...(dpop === undefined ? {} : { dpop }) },
    },
  );

const nonceOf = ({ headers }: Answer): string => {
  const nonce = headers['DPoP-Nonce'];
  if (nonce === undefined) throw new Error('no nonce');
  return nonce;
};

/** A nonce, as whoever came without one is told it. */
const learn = async (test: TestIssuer, holder: Holder): Promise<string> =>
  nonceOf(await ask(test, await holder.prove()));

describe('nonces at the token endpoint (RFC 9449 §8; DP-2)', () => {
  it('are asked for with 400, and the same request with it gets tokens and the next one', async () => {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder();

    const without = await ask(test, await holder.prove());
    const nonce = nonceOf(without);
    const answer = await ask(test, await holder.prove({ claims: { nonce } }));

    expect(without).toMatchObject({ status: 400, json: { error: 'use_dpop_nonce' } });
    expect(nonce).toMatch(/^[\w-]+$/);
    expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
    const next = await ask(test, await holder.prove({ claims: { nonce: nonceOf(answer) } }));
    expect(next.status).toBe(200);
  });

  it('are not asked for, nor handed out, where they are not required', async () => {
    const { status, headers } = await ask(createTestIssuer(), await (await createHolder()).prove());

    expect({ status, headers }).toEqual({ status: 200, headers: {} });
  });

  it('are no matter of requests without a proof', async () => {
    const { status, headers, json } = await ask(createTestIssuer(REQUIRED), undefined);

    expect({ status, headers, type: json['token_type'] }).toEqual({
      status: 200,
      headers: {},
      type: 'Bearer',
    });
  });

  it('are handed out to nobody whose proof lacks more than that', async () => {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder();

    for (const dpop of ['bad', await holder.prove({ claims: { htm: 'GET' } })]) {
      const { headers, json } = await ask(test, dpop);
      expect({ headers, error: json['error'] }).toEqual({
        headers: {},
        error: 'invalid_dpop_proof',
      });
    }
  });

  it('count for five minutes', async () => {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder('ES256', test.clock);
    const nonce = await learn(test, holder);

    test.clock.advance(299);
    expect((await ask(test, await holder.prove({ claims: { nonce } }))).status).toBe(200);
    test.clock.advance(1);
    expect((await ask(test, await holder.prove({ claims: { nonce } }))).json['error']).toBe(
      'use_dpop_nonce',
    );
  });

  it('tell the time of a proof better than the clock of a client that is hours off', async () => {
    const test = createTestIssuer(REQUIRED);
    for (const off of [-HOUR, HOUR]) {
      const holder = await createHolder('ES256', () => test.clock() + off);
      const nonce = await learn(test, holder);

      expect((await ask(test, await holder.prove({ claims: { nonce } }))).status).toBe(200);
    }
  });

  it('let a proof be used once all the same, for as long as it would count', async () => {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder();
    const dpop = await holder.prove({ claims: { nonce: await learn(test, holder) } });

    expect((await ask(test, dpop)).status).toBe(200);
    for (const seconds of [0, 100, 199]) {
      test.clock.advance(seconds);
      expect((await ask(test, dpop)).json['reason']).toBe('dpop_proof_replayed');
    }
    test.clock.advance(1);
    expect((await ask(test, dpop)).json['error']).toBe('use_dpop_nonce');
  });

  it('cannot be made by anybody else, nor of anything else that was sealed here', async () => {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder();
    const nonce = await learn(test, holder);
    const ours = test.deps.keys.seal('session', String(test.clock()));
    const theirs = createTestIssuer(REQUIRED);

    for (const made of [
      String(test.clock()),
      '',
      ours,
      `${nonce}A`,
      [nonce],
      await learn(theirs, holder),
    ]) {
      const { json } = await ask(test, await holder.prove({ claims: { nonce: made } }));
      expect(json['error']).toBe('use_dpop_nonce');
    }
    expect((await ask(test, await holder.prove({ claims: { nonce } }))).status).toBe(200);
  });

  it('of one replica count at every other, whose clock may differ a little', async () => {
    const keys = createEphemeralKeys({ now: createTestClock() });
    const [one, two] = [0, 0].map(() => createTestIssuer({ ...REQUIRED, deps: { keys } }));
    if (one === undefined || two === undefined) throw new Error('no issuers');
    const holder = await createHolder();
    one.clock.advance(10);

    const nonce = await learn(one, holder);
    expect((await ask(two, await holder.prove({ claims: { nonce } }))).status).toBe(200);
    one.clock.advance(1);
    const ahead = await learn(one, holder);
    expect((await ask(two, await holder.prove({ claims: { nonce: ahead } }))).status).toBe(400);
  });
});

describe('nonces at UserInfo (RFC 9449 §9; DP-2)', () => {
  async function bound() {
    const test = createTestIssuer(REQUIRED);
    const holder = await createHolder();
    const first = await learn(test, holder);
    const dpop = await holder.prove({ claims: { nonce: first } });
    const headers = { authorization: basic('conf'), dpop };
    const { json } = await test.redeem(await test.code(), {}, { form: {}, headers });
    const token = String(json['access_token']);
    const present = async (claims: Readonly<Record<string, unknown>>) =>
      test.userinfo(undefined, {
        headers: {
          authorization: `DPoP ${token}`,
          dpop: await holder.proveAt(token, { claims }),
        },
      });
    return { test, present };
  }

  it('are asked for with 401 and a challenge, and the next one comes with the claims', async () => {
    const { present } = await bound();

    const without = await present({});
    const answer = await present({ nonce: nonceOf(without) });

    expect(without).toMatchObject({ status: 401, json: { error: 'use_dpop_nonce' } });
    expect(without.headers['WWW-Authenticate']).toMatch(
      /^DPoP realm="[^"]+", error="use_dpop_nonce", error_description="[^"]+", algs="[^"]+"$/,
    );
    expect(answer).toMatchObject({ status: 200, json: { sub: 'alice' } });
    expect((await present({ nonce: nonceOf(answer) })).status).toBe(200);
  });

  it('are no matter of bearer tokens', async () => {
    const { test } = await bound();
    const { access_token } = await test.signIn();

    const { status, headers } = await test.userinfo(access_token);

    expect({ status, headers }).toEqual({ status: 200, headers: {} });
  });

  it('name the issuer as realm, in both challenges of a request without a token', async () => {
    const { test } = await bound();

    const { headers } = await test.userinfo(undefined);

    expect(headers).toEqual({
      'WWW-Authenticate': expect.stringMatching(
        `^Bearer realm="${ISSUER}", DPoP realm="${ISSUER}", algs="`,
      ),
    });
  });
});
