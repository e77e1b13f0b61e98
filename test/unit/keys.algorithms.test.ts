import { constants, sign as cryptoSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../../internal/keys/algorithms.ts';
import { isLowS, negateS, P256, P384, P521 } from '../../internal/keys/ecdsa.ts';
import { type SigningKey, toSigningKey } from '../../internal/keys/material.ts';
import { createSignJwt } from '../../internal/keys/sign.ts';
import { createVerifyJwt } from '../../internal/keys/verify.ts';
import { SIGNING_ALGS, type SigningAlg } from '../../internal/protocol/names.ts';
import { START } from '../support/keys.ts';

const CLAIMS = { iss: 'https://op.example', sub: 'alice', aud: 'conf' };

const sign = createSignJwt();
const keys = new Map<SigningAlg, SigningKey>();
for (const alg of SIGNING_ALGS)
  keys.set(alg, toSigningKey(await ALGORITHMS[alg].generate(), alg, START));

function keyOf(alg: SigningAlg): SigningKey {
  const key = keys.get(alg);
  if (key === undefined) throw new Error(`no key for ${alg}`);
  return key;
}

/** Nothing remembered from one case to the next. */
const verify = (token: string) =>
  createVerifyJwt((kid) => [...keys.values()].find(({ id }) => id === kid))(token);

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What the key of one algorithm signs under the name of another. */
function signedAs(alg: string, key: SigningKey, signer: (input: Buffer) => Buffer): string {
  const input = `${encode({ alg, kid: key.id, typ: 'JWT' })}.${encode(CLAIMS)}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

/** The token with its signature turned into another one. */
function withSignature(token: string, change: (raw: Buffer) => Buffer): string {
  const [header, payload, signature = ''] = token.split('.');
  const changed = change(Buffer.from(signature, 'base64url'));
  return `${header}.${payload}.${changed.toString('base64url')}`;
}

const BYTES = { ES256: 64, RS256: 256, PS256: 256, EdDSA: 64, ES384: 96, ES512: 132 } as const;

for (const alg of SIGNING_ALGS)
  describe(`${alg} (RFC 7518 §3, RFC 8037 §3.1; TC-1)`, () => {
    it('makes what jose verifies with the published key, twenty times in a row', async () => {
      for (let index = 0; index < 20; index += 1) {
        const token = await sign(keyOf(alg), 'JWT', { ...CLAIMS, index });

        const { payload, protectedHeader } = await jwtVerify(token, keyOf(alg).publicJwk, {
          algorithms: [alg],
        });

        expect(payload).toEqual({ ...CLAIMS, index });
        expect(protectedHeader).toEqual({ alg, kid: keyOf(alg).id, typ: 'JWT' });
        expect(Buffer.from(token.split('.')[2] ?? '', 'base64url')).toHaveLength(BYTES[alg]);
        expect(verify(token)).toEqual({ typ: 'JWT', claims: { ...CLAIMS, index } });
      }
    });

    it('has the thumbprint that jose computes as its key id, and publishes no private member', async () => {
      const { id, publicJwk } = keyOf(alg);

      expect(await calculateJwkThumbprint(publicJwk)).toBe(id);
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'])
        expect(publicJwk).not.toHaveProperty(member);
      expect(publicJwk).toMatchObject({ use: 'sig', alg, kid: id });
    });

    it('verifies nothing with one character of the signature changed, cut off or added', async () => {
      const token = await sign(keyOf(alg), 'JWT', CLAIMS);
      const start = token.lastIndexOf('.') + 1;

      for (let index = start; index < token.length; index += 1) {
        const other = token[index] === 'A' ? 'B' : 'A';
        expect(verify(token.slice(0, index) + other + token.slice(index + 1))).toBeUndefined();
        expect(verify(token.slice(0, index))).toBeUndefined();
      }
      expect(verify(`${token}A`)).toBeUndefined();
      expect(verify(`${token}AA`)).toBeUndefined();
      expect(verify(token)).toBeDefined();
    });

    it('verifies nothing that another key of the kind signed under its id', async () => {
      const theirs = toSigningKey(await ALGORITHMS[alg].generate(), alg, START);
      const forged = await sign({ ...theirs, id: keyOf(alg).id }, 'JWT', CLAIMS);

      expect(verify(forged)).toBeUndefined();
    });

    it('needs a key of its own kind', async () => {
      for (const other of SIGNING_ALGS) {
        const key = await ALGORITHMS[other].generate();
        const isSameKind =
          other === alg || ['RS256', 'PS256'].every((n) => [alg, other].includes(n as SigningAlg));
        if (isSameKind) expect(toSigningKey(key, alg, START).alg).toBe(alg);
        else expect(() => toSigningKey(key, alg, START)).toThrow(`${alg} needs`);
      }
    });
  });

describe('one token, one text, whatever the algorithm', () => {
  for (const [alg, curve] of [
    ['ES256', P256],
    ['ES384', P384],
    ['ES512', P521],
  ] as const)
    it(`${alg}: the lower s is made, and the other value is refused, which any library accepts`, async () => {
      for (let index = 0; index < 8; index += 1) {
        const token = await sign(keyOf(alg), 'JWT', { ...CLAIMS, index });
        const other = withSignature(token, (raw) => {
          expect(isLowS(raw, curve)).toBe(true);
          negateS(raw, curve);
          return raw;
        });

        await expect(jwtVerify(other, keyOf(alg).publicJwk)).resolves.toBeDefined();
        expect(verify(other)).toBeUndefined();
      }
    });

  it('EdDSA: s beyond the order is refused (RFC 8032 §5.1.7)', async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const token = await sign(keyOf('EdDSA'), 'JWT', CLAIMS);
    const other = withSignature(token, (raw) => {
      const s = BigInt(`0x${Buffer.from(raw.subarray(32)).reverse().toString('hex')}`) + order;
      const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
      return Buffer.concat([raw.subarray(0, 32), bytes]);
    });

    expect(verify(other)).toBeUndefined();
  });

  for (const alg of ['RS256', 'PS256'] as const)
    it(`${alg}: a signature beyond the modulus is refused`, async () => {
      const { n = '' } = keyOf(alg).publicJwk;
      const token = await sign(keyOf(alg), 'JWT', CLAIMS);
      const modulus = BigInt(`0x${Buffer.from(n, 'base64url').toString('hex')}`);
      const other = withSignature(token, (raw) => {
        const sum = (BigInt(`0x${raw.toString('hex')}`) + modulus).toString(16);
        return Buffer.from(sum.length % 2 === 1 ? `0${sum}` : sum, 'hex');
      });

      expect(verify(other)).toBeUndefined();
    });

  it('PS256: the salt is as long as the hash, and a token with another one is refused', () => {
    const key = keyOf('PS256');
    const pss = (saltLength: number) => (input: Buffer) =>
      cryptoSign('sha256', input, {
        key: key.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength,
      });

    for (const length of [0, 20, 31, 33, 64])
      expect(verify(signedAs('PS256', key, pss(length)))).toBeUndefined();
    expect(verify(signedAs('PS256', key, pss(32)))).toBeDefined();
  });
});

describe('a key signs with its own algorithm only (RFC 8725 §3.1, CA-7)', () => {
  const rsa = (key: KeyObject, padding: number) => (input: Buffer) =>
    cryptoSign('sha256', input, { key, padding, saltLength: 32 });

  it('so that RS256 and PS256 of one RSA key are not taken for each other', () => {
    const { RSA_PKCS1_PADDING: pkcs1, RSA_PKCS1_PSS_PADDING: pss } = constants;
    const [rs, ps] = [keyOf('RS256'), keyOf('PS256')];

    for (const [alg, key, padding] of [
      ['PS256', rs, pss],
      ['RS256', ps, pkcs1],
      ['RS256', rs, pss],
      ['PS256', ps, pkcs1],
    ] as const)
      expect(verify(signedAs(alg, key, rsa(key.privateKey, padding)))).toBeUndefined();
    expect(verify(signedAs('RS256', rs, rsa(rs.privateKey, pkcs1)))).toBeDefined();
  });

  it('so that no curve is taken for another, nor a hash', () => {
    const key = keyOf('ES384');
    const ecdsa = (hash: string) => (input: Buffer) => {
      const raw = cryptoSign(hash, input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
      if (!isLowS(raw, P384)) negateS(raw, P384);
      return raw;
    };

    for (const [alg, hash] of [
      ['ES256', 'sha256'],
      ['ES512', 'sha512'],
      ['ES384', 'sha256'],
      ['ES384', 'sha512'],
    ] as const)
      expect(verify(signedAs(alg, key, ecdsa(hash)))).toBeUndefined();
    expect(verify(signedAs('ES384', key, ecdsa('sha384')))).toBeDefined();
  });

  it('and one of a curve that no algorithm has is refused', () => {
    for (const key of [
      generateKeyPairSync('ed448').privateKey,
      generateKeyPairSync('x25519').privateKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey,
    ])
      for (const alg of SIGNING_ALGS)
        expect(() => toSigningKey(key, alg, START)).toThrow(' needs ');
  });
});
