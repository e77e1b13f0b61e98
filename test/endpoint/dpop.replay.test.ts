import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createHolder } from '../support/dpop.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { type Answer, basic } from '../support/requests.ts';
import { STORES, type Stores } from '../support/stores.ts';
import { exposeStore, fairWeather, unevenPause } from '../support/weather.ts';

const FIFTY = Array.from({ length: 50 });
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const ask = (test: TestIssuer, dpop: string): Promise<Answer> =>
  test.token(
    { grant_type: 'client_credentials', scope: 'api:read' },
    { form: {}, headers: { authorization: basic('svc'), dpop } },
  );

const winners = (answers: readonly Answer[]): number =>
  answers.filter(({ status }) => status === 200).length;

/** The same signature in other letters: the last one has bits that say nothing. */
function respell(proof: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return proof.slice(0, -1) + alphabet.charAt(alphabet.indexOf(proof.slice(-1)) + 1);
}

/** Another signature that is right for the same text: s and its negative both are. */
function negate(proof: string): string {
  const [header, claims, signature = ''] = proof.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
  const negated = Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url');
  return `${header}.${claims}.${negated}`;
}

for (const [name, open] of STORES) {
  describe(`one proof, used again, with ${name} (RFC 9449 §11.1; DP-1)`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    /** Two replicas, whose store takes its time. */
    function createReplicas(): readonly [TestIssuer, TestIssuer] {
      const weather = fairWeather();
      weather.pause = unevenPause(7);
      const [one, two] = stores.all.map((store) =>
        createTestIssuer({ deps: { store: exposeStore(store, weather) } }),
      );
      if (one === undefined || two === undefined) throw new Error('no replicas');
      return [one, two];
    }

    it('is accepted once of fifty times at the same moment, at two replicas', async () => {
      const replicas = createReplicas();
      const dpop = await (await createHolder()).prove();

      const answers = await Promise.all(
        FIFTY.map((_, index) => ask(replicas[index % 2 === 0 ? 0 : 1], dpop)),
      );

      expect(winners(answers)).toBe(1);
      for (const { status, json } of answers.filter((answer) => answer.status !== 200)) {
        expect({ status, ...json }).toMatchObject({
          status: 400,
          error: 'invalid_dpop_proof',
          reason: 'dpop_proof_replayed',
        });
      }
    });

    it('is fifty times accepted when it is fifty proofs', async () => {
      const replicas = createReplicas();
      const holder = await createHolder();

      const answers = await Promise.all(
        FIFTY.map(async (_, index) => ask(replicas[index % 2 === 0 ? 0 : 1], await holder.prove())),
      );

      expect(winners(answers)).toBe(50);
    });

    for (const [what, change] of [
      ['in another spelling', respell],
      ['with the other of two right signatures', negate],
    ] as const) {
      it(`is the same proof ${what}`, async () => {
        const [test] = createReplicas();
        const holder = await createHolder();
        const [first, second] = [await holder.prove(), await holder.prove()];

        expect(change(first)).not.toBe(first);
        expect((await ask(test, first)).status).toBe(200);
        expect((await ask(test, change(first))).json['reason']).toBe('dpop_proof_replayed');
        expect((await ask(test, change(second))).status).toBe(200);
      });
    }

    it('is another one by another key, though it has the same jti', async () => {
      const [test] = createReplicas();
      const claims = { jti: `shared-${name}` };
      const [one, two] = [await createHolder(), await createHolder('EdDSA')];

      expect((await ask(test, await one.prove({ claims }))).status).toBe(200);
      expect((await ask(test, await two.prove({ claims }))).status).toBe(200);
      expect((await ask(test, await one.prove({ claims }))).status).toBe(400);
    });
  });
}

describe('a proof that was used (DP-1)', () => {
  it('is known for as long as it would count', async () => {
    const test = createTestIssuer();
    const holder = await createHolder();
    const dpop = await holder.prove({ claims: { iat: test.clock() + 10 } });

    expect((await ask(test, dpop)).status).toBe(200);
    for (const seconds of [0, 1, 35, 34]) {
      test.clock.advance(seconds);
      expect((await ask(test, dpop)).json['reason']).toBe('dpop_proof_replayed');
    }
    test.clock.advance(1);
    expect((await ask(test, dpop)).json['reason']).toBe('dpop_proof_expired');
  });

  it('is refused before anything is spent: the code is good with another one', async () => {
    const { code, redeem } = createTestIssuer();
    const holder = await createHolder();
    const [used, other] = [await holder.prove(), await holder.prove()];
    const present = (dpop: string) => ({
      form: {},
      headers: { authorization: basic('conf'), dpop },
    });
    await redeem(await code(), {}, present(used));
    const text = await code();

    expect((await redeem(text, {}, present(used))).json['reason']).toBe('dpop_proof_replayed');
    expect((await redeem(text, {}, present(other))).status).toBe(200);
  });

  it('is not known of a request that was refused for its proof', async () => {
    const test = createTestIssuer();
    const holder = await createHolder();
    const claims = { jti: 'one' };

    await ask(test, await holder.prove({ claims: { ...claims, htm: 'GET' } }));
    await ask(test, `${(await holder.prove({ claims })).slice(0, -8)}AAAAAAAA`);

    expect(test.weather.calls).toEqual([]);
    expect((await ask(test, await holder.prove({ claims }))).status).toBe(200);
  });

  it('cannot be told from a new one while the store is down: nothing is answered', async () => {
    const test = createTestIssuer();
    const dpop = await (await createHolder()).prove();

    test.weather.down.add('once');
    await expect(ask(test, dpop)).rejects.toThrow(Unavailable);
    test.weather.down.clear();

    expect((await ask(test, dpop)).status).toBe(200);
  });
});

describe('what a proof costs (DO-1)', () => {
  it('is one round trip, and none for who brings none', async () => {
    const { signIn, code, redeem, weather } = createTestIssuer();
    await signIn();
    const text = await code();
    weather.calls.length = 0;

    const dpop = await (await createHolder()).prove();
    await redeem(text, {}, { form: {}, headers: { authorization: basic('conf'), dpop } });
    expect(weather.calls).toEqual(['once', 'redeem']);

    const plain = await code();
    weather.calls.length = 0;
    await redeem(plain);
    expect(weather.calls).toEqual(['redeem']);
  });

  it('is nothing kept for strangers, who can name a public client and make keys as they like', async () => {
    const { token, weather } = createTestIssuer();

    for (const form of [
      { grant_type: 'authorization_code', code: 'made up' },
      { grant_type: 'authorization_code', code: `ac_${'A'.repeat(22)}.${'A'.repeat(43)}` },
      { grant_type: 'authorization_code' },
      { grant_type: 'refresh_token', refresh_token: `rt_${'A'.repeat(22)}.${'A'.repeat(22)}.x` },
    ]) {
      const dpop = await (await createHolder()).prove();
      const { status } = await token(form, { form: { client_id: 'spa' }, headers: { dpop } });
      expect(status).toBe(400);
    }

    expect(weather.calls).not.toContain('once');
  });

  it('is kept of a public client with something to spend, whatever else its form holds', async () => {
    const { code, token, weather } = createTestIssuer();
    const spa = { client_id: 'spa', redirect_uri: 'https://spa.example/callback' };
    const pkce = {
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    };
    const dpop = await (await createHolder()).prove();
    const spend = async (form: Readonly<Record<string, string>>) =>
      token(
        {
          grant_type: 'authorization_code',
          code: await code({ ...spa, ...pkce }),
          redirect_uri: spa.redirect_uri,
          code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
          ...form,
        },
        { form: { client_id: 'spa' }, headers: { dpop } },
      );

    weather.calls.length = 0;
    const first = await spend({ refresh_token: 'made up' });
    expect(first.status).toBe(200);
    expect(weather.calls.slice(-3)).toEqual(['find', 'once', 'redeem']);
    expect((await spend({ device_code: 'made up' })).json['reason']).toBe('dpop_proof_replayed');
    expect((await spend({})).json['reason']).toBe('dpop_proof_replayed');
  });
});
