import { generateKeyPairSync } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint, importJWK, type JWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { openForeignKeys } from '../../internal/jwks/open.ts';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { parseJwt } from '../../internal/protocol/jwt.ts';
import { createHolder } from '../support/dpop.ts';

const keys = openForeignKeys({
  now: () => 1_800_000_000,
  outbound: { operator: createOutbound(anyAddress), client: createOutbound(anyAddress) },
  onProblem: () => undefined,
});

async function verify(compact: string, algorithms: readonly string[] = ['ES256', 'PS256']) {
  const jwt = parseJwt(compact);
  if (jwt === undefined) throw new Error('no JWT');
  return keys.verifyByHeaderKey(jwt, algorithms);
}

async function signWith(jwk: JWK, shown: object, alg: string): Promise<string> {
  return new CompactSign(new TextEncoder().encode('{"a":1}'))
    .setProtectedHeader({ alg, jwk: shown })
    .sign(await importJWK(jwk, alg));
}

const rsaOf = (modulusLength: number, publicExponent = 0x10001) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return {
    secret: privateKey.export({ format: 'jwk' }) as JWK,
    shown: publicKey.export({ format: 'jwk' }),
  };
};

const toNumber = (text: string | undefined): bigint =>
  BigInt(`0x${Buffer.from(String(text), 'base64url').toString('hex')}`);

function fromNumber(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}

function invert(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  if (a !== 1n) throw new Error('these two have a common factor');
  return ((x % modulus) + modulus) % modulus;
}

/** The same modulus with an exponent that no library would choose. */
function withExponent({ secret, shown }: ReturnType<typeof rsaOf>, exponent: bigint) {
  const [p, q] = [toNumber(secret.p) - 1n, toNumber(secret.q) - 1n];
  const d = invert(exponent, p * q);
  const e = fromNumber(exponent);
  const parts = { e, d: fromNumber(d), dp: fromNumber(d % p), dq: fromNumber(d % q) };
  return { secret: { ...secret, ...parts }, shown: { ...shown, e } };
}

describe('a JWT that brings its own key (RFC 7515 §4.1.3, RFC 7638; DP-1)', () => {
  it('says what was signed, and the thumbprint of the key', async () => {
    const holder = await createHolder();

    expect(await verify(await holder.prove({ claims: { more: 1 } }))).toEqual({
      thumbprint: holder.jkt,
      claims: expect.objectContaining({ more: 1 }),
    });
  });

  it('has the thumbprint of RFC 7638 §3.1 for the key of that example', async () => {
    const { secret, shown } = rsaOf(2048);

    const found = await verify(await signWith(secret, shown, 'PS256'));

    expect(found?.thumbprint).toBe(await calculateJwkThumbprint(shown as JWK));
  });

  it('is by an algorithm that the caller names, or by none', async () => {
    const proof = await (await createHolder()).prove();

    expect(await verify(proof, ['ES384', 'PS256'])).toBeUndefined();
    expect(await verify(proof, ['ES256'])).toBeDefined();
  });

  it('has one thumbprint, however its key is spelled', async () => {
    const { jwk, jkt, privateJwk } = await createHolder();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const x = String(jwk.x);
    const spare = x.slice(0, -1) + alphabet.charAt(alphabet.indexOf(x.slice(-1)) + 1);

    const found = await verify(await signWith(privateJwk, { ...jwk, x: spare }, 'ES256'));

    expect(spare).not.toBe(x);
    expect(found?.thumbprint).toBe(jkt);
  });

  it('has an RSA key of 4096 bits at most, for a larger one takes longer', async () => {
    const honest = rsaOf(2048);
    const costly = rsaOf(4104);

    expect(await verify(await signWith(honest.secret, honest.shown, 'PS256'))).toBeDefined();
    expect(await verify(await signWith(costly.secret, costly.shown, 'PS256'))).toBeUndefined();
  });

  it('has an exponent that costs no more than others', async () => {
    const honest = rsaOf(2048, 3);
    // A prime, so that it shares no factor with anything.
    const costly = withExponent(rsaOf(2048), 2n ** 61n - 1n);

    expect(await verify(await signWith(honest.secret, honest.shown, 'PS256'))).toBeDefined();
    expect(await verify(await signWith(costly.secret, costly.shown, 'PS256'))).toBeUndefined();
  });

  for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
    it(`shows no private member: ${name}`, async () => {
      const { jwk, privateJwk } = await createHolder();

      const shown = { ...jwk, [name]: name === 'd' ? privateJwk.d : 'AQ' };
      expect(await verify(await signWith(privateJwk, shown, 'ES256'))).toBeUndefined();
      expect(await verify(await signWith(privateJwk, jwk, 'ES256'))).toBeDefined();
    });
  }

  it('is no JWT when what was signed is not JSON', async () => {
    const { jwk, privateJwk } = await createHolder();
    const proof = await new CompactSign(new TextEncoder().encode('[]'))
      .setProtectedHeader({ alg: 'ES256', jwk })
      .sign(await importJWK(privateJwk, 'ES256'));

    expect(parseJwt(proof)).toBeUndefined();
  });
});
