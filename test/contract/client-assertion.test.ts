import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import { createSigner, keyClient, ownClaims, withAssertion } from '../support/assertions.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, ISSUER, type TestIssuer } from '../support/issuer.ts';
import { STORES, type Stores } from '../support/stores.ts';

const key = await createSigner('k1');
const twin = await createSigner('k1');
const clients = [keyClient('viakey', [key]), keyClient('other', [twin])];
const form = { grant_type: 'client_credentials' };

/** n − s is as good a signature as s (RFC 6979 does not change that). */
function malleated(assertion: string): string {
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const [head, body, tail = ''] = assertion.split('.');
  const bytes = Buffer.from(tail, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
  return `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url')}`;
}

/** The last character of 64 bytes has four bits that mean nothing. */
function relabelled(assertion: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(assertion.at(-1) ?? '');
  return `${assertion.slice(0, -1)}${alphabet[last ^ 1]}`;
}

for (const [name, open] of STORES) {
  describe(`an assertion is for one request, with the store in ${name} (OIDC Core §9, RFC 7523 §3; CA-8)`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    const create = (index: 0 | 1): TestIssuer => {
      const keys = createEphemeralKeys({ now: createTestClock() });
      return createTestIssuer({ clients, deps: { store: stores.all[index], keys } });
    };
    const assertion = (different: object = {}) =>
      key.sign(ownClaims('viakey', ISSUER, { jti: crypto.randomUUID(), ...different }));
    const statusOf = async ({ token }: TestIssuer, text: string): Promise<number> =>
      (await token(form, withAssertion(text))).status;

    it('in a row', async () => {
      const test = create(0);
      const text = await assertion();

      expect(await statusOf(test, text)).toBe(200);
      const { json } = await test.token(form, withAssertion(text));
      expect(json).toMatchObject({ error: 'invalid_client', reason: 'client_assertion_replayed' });
    });

    it('fifty at once, at two instances', async () => {
      const tests = [create(0), create(1)] as const;
      const text = await assertion();

      const statuses = await Promise.all(
        Array.from({ length: 50 }, (_, index) => statusOf(tests[index % 2 === 0 ? 0 : 1], text)),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 401)).toHaveLength(49);
    });

    it('at whatever endpoint', async () => {
      const { introspect, revoke, token } = create(0);
      const text = await assertion();
      const credentials = withAssertion(text);

      expect((await introspect('x', credentials)).status).toBe(200);
      expect((await revoke('x', credentials)).status).toBe(401);
      expect((await token(form, credentials)).status).toBe(401);
    });

    it('in whatever spelling, or signed anew', async () => {
      const test = create(0);
      const jti = crypto.randomUUID();
      const text = await assertion({ jti });
      expect(await statusOf(test, text)).toBe(200);

      for (const again of [
        malleated(text),
        relabelled(text),
        `${text}=`,
        `${text} `,
        await assertion({ jti, iat: undefined }),
      ]) {
        expect(await statusOf(test, again)).toBe(401);
      }
      expect(await statusOf(test, await assertion())).toBe(200);
    });

    it('and its id is that of its client alone', async () => {
      const test = create(0);
      const jti = crypto.randomUUID();
      const of = (clientId: string, signer: typeof key) =>
        signer.sign(ownClaims(clientId, ISSUER, { jti }));

      expect(await statusOf(test, await of('other', twin))).toBe(200);
      expect(await statusOf(test, await of('viakey', key))).toBe(200);
    });

    it('and nobody else can use its id up', async () => {
      const test = create(0);
      const jti = crypto.randomUUID();
      const forged = await twin.sign(ownClaims('viakey', ISSUER, { jti }));
      const elsewhere = await assertion({ jti, aud: 'https://other.example' });
      const tooLong = await assertion({ jti, exp: 2_000_000_000 });

      for (const text of [forged, elsewhere, tooLong]) {
        expect(await statusOf(test, text)).toBe(401);
      }
      expect(await statusOf(test, await assertion({ jti }))).toBe(200);
    });
  });
}

describe('the mark of an assertion (CA-8)', () => {
  it('stands to its very end, with the leeway for a late clock', async () => {
    const test = createTestIssuer({ clients });
    const credentials = withAssertion(await key.sign(ownClaims('viakey', ISSUER)));
    expect((await test.token(form, credentials)).status).toBe(200);

    test.clock.advance(69);
    const { json } = await test.token(form, credentials);
    expect(json['reason']).toBe('client_assertion_replayed');
    test.clock.advance(1);
    expect((await test.token(form, credentials)).json['reason']).toBe('client_assertion_expired');
  });
});

describe('an assertion while the store is away (CA-8)', () => {
  it('is neither taken nor refused', async () => {
    const test = createTestIssuer({ clients });
    const credentials = withAssertion(await key.sign(ownClaims('viakey', ISSUER)));
    test.weather.down.add('once');

    await expect(test.token(form, credentials)).rejects.toMatchObject({ name: 'Unavailable' });
  });
});
