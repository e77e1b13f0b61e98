import { describe, expect, it } from 'vitest';
import { AUTHORIZE, createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { type Mutant, mutate, send, toWire, type Wire } from '../support/mutations.ts';
import { PKCE, s256, VERIFIER } from '../support/pkce.ts';
import { type Answer, basic, identify, type Query } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

// `conf` belongs to alice; the attacker is bob with a client of his own, `conf2`, as valid as hers.

const REDIRECT_URI = 'https://rp.example/callback';
const BOBS_VERIFIER = 'attacker-attacker-attacker-attacker-attacker';
const ALICES = { ...AUTHORIZE, ...PKCE };
const BOBS = { ...ALICES, client_id: 'conf2', code_challenge: s256(BOBS_VERIFIER) };

/** A token of conf is about alice, one of conf2 about bob: anything else is a theft. */
function expectOwnTokens({ json }: Answer, what: string): void {
  for (const name of ['access_token', 'id_token']) {
    if (json[name] === undefined) continue;
    const { sub, client_id, aud } = claimsOf(String(json[name]));
    const client = String(name === 'id_token' ? aud : client_id);
    expect(
      new Map([
        ['conf', 'alice'],
        ['conf2', 'bob'],
        ['svc', 'svc'],
      ]).get(client),
      what,
    ).toBe(sub);
  }
}

describe('authorization endpoint: mutations of a valid request', () => {
  const request = toWire({
    ...ALICES,
    nonce: 'n',
    prompt: 'none',
    response_mode: 'query',
    claims: '{"userinfo":{"name":null}}',
  });

  /** The code is of no use to the client that did not ask for it. */
  async function expectUseless(test: TestIssuer, code: string, { what, swapped }: Mutant) {
    const stranger = swapped === 'client_id' ? 'conf' : 'conf2';
    for (const code_verifier of [VERIFIER, BOBS_VERIFIER, undefined]) {
      const stolen = await test.redeem(code, { code_verifier }, stranger);
      expect(stolen.json['error'], what).toBe('invalid_grant');
    }
  }

  it('redirect to no address that is not registered, with codes for the named client alone', async () => {
    const test = createTestIssuer();
    const attackers = { ...BOBS, redirect_uri: 'https://evil.example/', state: 'x', nonce: 'y' };
    let codes = 0;

    for (const mutant of mutate(request, attackers)) {
      test.clock.advance(301);
      const { location = `${REDIRECT_URI}?`, params } = await send(test, 'authorize', mutant.wire);

      expect(location, mutant.what).toMatch(/^https:\/\/rp\.example\/callback[?#][\x21-\x7e]*$/);
      if (mutant.same) expect(params.has('code'), mutant.what).toBe(true);
      const code = params.get('code');
      if (code === null) continue;
      codes += 1;
      await expectUseless(test, code, mutant);
    }

    expect(codes).toBeGreaterThan(20);
  });
});

type Held = { readonly code: string; readonly refresh: string; readonly access: string };

const NOTHING: Held = { code: '', refresh: '', access: '' };

/** A fresh code, and the tokens of another one. */
async function hold(test: TestIssuer, query: Query, subject: string): Promise<Held> {
  const identity = identify(subject);
  const plain = { ...query, code_challenge: undefined, code_challenge_method: undefined };
  const tokens = await test.signIn(plain, identity);
  const code = await test.code(query, identity);
  return { code, refresh: tokens.refresh_token, access: tokens.access_token };
}

const holdings = async (test: TestIssuer): Promise<{ alice: Held; bob: Held }> => ({
  alice: await hold(test, ALICES, 'alice'),
  bob: await hold(test, BOBS, 'bob'),
});

/** Runs each mutation of a request that spends something with things of its own to spend. */
async function eachMutant(
  test: TestIssuer,
  build: (held: Held, verifier: string) => Query,
  run: (mutant: Mutant, honest: Wire, held: { alice: Held; bob: Held }) => Promise<void>,
): Promise<void> {
  const count = [...mutate(toWire(build(NOTHING, ''), ''), {}, '')].length;
  for (let index = 0; index < count; index += 1) {
    const held = await holdings(test);
    const honest = toWire(build(held.alice, VERIFIER), basic('conf'));
    const mutant = [...mutate(honest, build(held.bob, BOBS_VERIFIER), basic('conf2'))][index];
    if (mutant === undefined) throw new Error('the fields changed');
    await run(mutant, honest, held);
  }
}

describe('token endpoint: mutations of a valid request', () => {
  for (const [grant_type, build] of [
    [
      'authorization_code',
      ({ code }: Held, code_verifier: string) => ({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier,
      }),
    ],
    [
      'refresh_token',
      ({ refresh }: Held) => ({
        grant_type: 'refresh_token',
        refresh_token: refresh,
        scope: 'openid email',
      }),
    ],
  ] as const) {
    it(`${grant_type}: give no token to the wrong client, and burn nothing when refused`, async () => {
      const test = createTestIssuer();
      let refused = 0;

      await eachMutant(test, build, async ({ what, same, wire }, honest) => {
        const answer = await send(test, 'token', wire);

        expectOwnTokens(answer, what);
        if (same) expect(answer.status, what).toBe(200);
        if (answer.status === 200) return;
        refused += 1;
        expect([400, 401], what).toContain(answer.status);
        expect((await send(test, 'token', honest)).status, what).toBe(200);
      });

      expect(refused).toBeGreaterThan(40);
    });
  }

  it('client_credentials: give no token of another client, and no scope beyond its own', async () => {
    const test = createTestIssuer();
    const honest = toWire({ grant_type: 'client_credentials', scope: 'api:read' }, basic('svc'));
    const attackers = { grant_type: 'authorization_code', scope: 'api:admin' };

    for (const mutant of mutate(honest, attackers, basic('conf2'))) {
      const answer = await send(test, 'token', mutant.wire);

      expectStatus(answer, mutant);
      expectOwnTokens(answer, mutant.what);
      expect(answer.json['scope'] ?? 'api:read', mutant.what).toMatch(/^api:read( api:write)?$/);
    }
  });
});

/** What may be answered: success where the request still says the same, else refusals too. */
function expectStatus({ status }: Answer, { what, same }: Mutant): void {
  expect(same ? [200] : [200, 400, 401], what).toContain(status);
}

describe('introspection and revocation: mutations of a valid request', () => {
  /** Either the facts about a token of conf, or nothing at all. */
  function expectConfsAlone({ status, json }: Answer, { what, same }: Mutant): void {
    const told = json['active'] === true;
    if (same) expect(told, what).toBe(true);
    if (told) expect(json, what).toMatchObject({ sub: 'alice', client_id: 'conf' });
    else if (status === 200) expect(json, what).toEqual({ active: false });
  }

  for (const name of ['access', 'refresh'] as const) {
    it(`introspection tells conf about the ${name} tokens of conf alone`, async () => {
      const test = createTestIssuer();
      const { alice, bob } = await holdings(test);
      const honest = toWire({ token: alice[name], token_type_hint: 'access_token' }, basic('conf'));

      for (const mutant of mutate(honest, { token: bob[name] }, basic('conf2'))) {
        const answer = await send(test, 'introspect', mutant.wire);

        expectStatus(answer, mutant);
        expectConfsAlone(answer, mutant);
      }
    });
  }

  it('revocation ends nothing of another client, and what is refused ends nothing at all', async () => {
    const test = createTestIssuer();
    const build = ({ refresh }: Held) => ({ token: refresh, token_type_hint: 'refresh_token' });

    await eachMutant(test, build, async ({ what, same, swapped, wire }, _, { alice, bob }) => {
      const { status } = await send(test, 'revoke', wire);

      expect([200, 400, 401], what).toContain(status);
      expect((await test.userinfo(bob.access)).status, what).toBe(200);
      const alive = (await test.userinfo(alice.access)).status === 200;
      if (same) expect(alive, what).toBe(false);
      if (status !== 200 || swapped === 'Authorization') expect(alive, what).toBe(true);
    });
  });
});

describe('UserInfo: mutations of a valid request', () => {
  const requestOf = (token: string) => ({
    form: toWire({ access_token: token }),
    header: toWire({ extra: '1' }, `Bearer ${token}`),
  });

  /** Whoever presents a token of bob hears about bob, and nobody hears anything without a token. */
  function expectOwner({ status, json }: Answer, { what, swapped }: Mutant): void {
    const owner = swapped === undefined || swapped === 'extra' ? 'alice' : 'bob';
    expect(json['sub'], what).toBe(status === 200 ? owner : undefined);
  }

  for (const place of ['form', 'header'] as const) {
    it(`tell nobody about anybody without a token that is about them (${place})`, async () => {
      const test = createTestIssuer();
      const { alice, bob } = await holdings(test);
      const honest = requestOf(alice.access)[place];

      for (const mutant of mutate(honest, { access_token: bob.access }, `Bearer ${bob.access}`)) {
        const answer = await send(test, 'userinfo', mutant.wire);

        expectStatus(answer, mutant);
        expectOwner(answer, mutant);
      }
    });
  }
});
