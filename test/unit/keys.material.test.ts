import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  parsePrivateKey,
  toRequiredMembers,
  toSigningKey,
  toThumbprint,
} from '../../internal/keys/material.ts';
import { newP256, newRsa, RSA_PEM, START, toPem } from '../support/keys.ts';

describe('key id (RFC 7638, JW-2)', () => {
  it('is the thumbprint of RFC 7638 §3.1 for its RSA key', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP' +
      'ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY' +
      '368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0f' +
      'M4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';

    const members = toRequiredMembers({
      kty: 'RSA',
      n,
      e: 'AQAB',
      alg: 'RS256',
      kid: '2011-04-29',
    });

    expect(toThumbprint(members)).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it('is the thumbprint that jose computes, for EC and RSA', async () => {
    for (const [pem, alg] of [
      [toPem(newP256()), 'ES256'],
      [RSA_PEM, 'RS256'],
    ] as const) {
      const key = toSigningKey(parsePrivateKey(pem), alg, START);

      expect(key.id).toBe(await calculateJwkThumbprint(key.publicKey.export({ format: 'jwk' })));
      expect(key.publicJwk.kid).toBe(key.id);
    }
  });

  it('is the same for the same key at another time, and another for another key', () => {
    const privateKey = newP256();

    const ids = [
      toSigningKey(privateKey, 'ES256', START).id,
      toSigningKey(privateKey, 'ES256', START + 1).id,
      toSigningKey(newP256(), 'ES256', START).id,
    ];

    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});

describe('published key (RFC 7517, JW-1)', () => {
  it('has the public members of an EC key, kid, use and alg, and nothing else', () => {
    const { publicJwk } = toSigningKey(newP256(), 'ES256', START);

    expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(publicJwk).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' });
  });

  it('has the public members of an RSA key, kid, use and alg, and nothing else', () => {
    const { publicJwk } = toSigningKey(parsePrivateKey(RSA_PEM), 'RS256', START);

    expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  for (const [coordinate, offset] of [
    ['x', 27],
    ['y', 59],
  ] as const)
    it(`has 32 bytes of ${coordinate} where its first byte is zero`, () => {
      const privateKey = findKey((spki) => spki[offset] === 0);

      const { publicJwk } = toSigningKey(privateKey, 'ES256', START);

      const bytes = Buffer.from(publicJwk[coordinate] ?? '', 'base64url');
      expect(bytes).toHaveLength(32);
      expect(bytes[0]).toBe(0);
      expect(publicJwk[coordinate]).toHaveLength(43);
    });
});

/** `@param isWanted` judges SubjectPublicKeyInfo: 27 bytes of header, then x and y. */
function findKey(isWanted: (spki: Buffer) => boolean): KeyObject {
  for (;;) {
    const key = newP256();
    if (isWanted(createPublicKey(key).export({ type: 'spki', format: 'der' }))) return key;
  }
}

describe('private key file (JW-6, F-27)', () => {
  const good = toPem(newP256());
  const ec = (namedCurve: string) => toPem(generateKeyPairSync('ec', { namedCurve }).privateKey);
  const load = (pem: string, alg: 'ES256' | 'RS256' = 'ES256') =>
    toSigningKey(parsePrivateKey(pem), alg, START);

  it('holds a P-256 key for ES256, or an RSA key of 2048 bits for RS256', () => {
    expect(load(good).alg).toBe('ES256');
    expect(load(RSA_PEM, 'RS256').alg).toBe('RS256');
  });

  it('may have text around its one block, and lines that end as on Windows', () => {
    expect(load(`issued for tests\n${good.replaceAll('\n', '\r\n')}\n`).alg).toBe('ES256');
  });

  const SEC1 = newP256().export({ type: 'sec1', format: 'pem' }).toString();
  const encrypted = newP256()
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  const spki = createPublicKey(newP256()).export({ type: 'spki', format: 'pem' }).toString();
  const CASES = [
    { given: 'nothing', pem: '', problem: 'is empty' },
    { given: 'white space', pem: '\n \n', problem: 'is empty' },
    { given: 'no PEM', pem: '{"kty":"EC"}', problem: 'holds no PEM block' },
    { given: 'zero bytes', pem: '\0'.repeat(300), problem: 'holds no PEM block' },
    { given: 'two keys', pem: good + good, problem: 'holds 2 PEM blocks' },
    { given: 'a public key', pem: spki, problem: 'holds "PUBLIC KEY"' },
    { given: 'a SEC1 key', pem: SEC1, problem: 'openssl pkcs8 -topk8' },
    { given: 'an encrypted key', pem: encrypted, problem: 'is encrypted' },
    { given: 'a P-384 key', pem: ec('P-384'), problem: 'is an EC key on secp384r1' },
    { given: 'a secp256k1 key', pem: ec('secp256k1'), problem: 'is an EC key on secp256k1' },
    { given: 'an RSA key', pem: RSA_PEM, problem: 'is an RSA key of 2048 bits' },
    {
      given: 'an Ed25519 key',
      pem: toPem(generateKeyPairSync('ed25519').privateKey),
      problem: 'is a key of type ed25519',
    },
  ];
  for (const { given, pem, problem } of CASES)
    it(`is refused for ES256 with ${given}, and none of it is repeated`, () => {
      const error = refusal(() => load(pem));

      expect(error).toContain(problem);
      for (const line of pem.split('\n').filter((one) => /^[\w+/]{20}/.test(one)))
        expect(error).not.toContain(line.slice(0, 12));
    });

  it('is refused for RS256 with an EC key, with a short RSA key, with an RSA-PSS key', () => {
    const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey;

    expect(refusal(() => load(good, 'RS256'))).toContain('is an EC key on prime256v1');
    expect(refusal(() => load(toPem(newRsa(1024)), 'RS256'))).toContain('RSA key of 1024 bits');
    expect(refusal(() => load(toPem(pss), 'RS256'))).toContain('is a key of type rsa-pss');
  });

  it('is refused wherever it is cut off', () => {
    for (let length = 1; length < good.trimEnd().length; length += 7)
      expect(refusal(() => load(good.slice(0, length)))).toMatch(/damaged|no PEM block/);
  });

  it('is refused when its public half is of another key', () => {
    const der = newP256().export({ type: 'pkcs8', format: 'der' });
    const other = newP256().export({ type: 'pkcs8', format: 'der' });
    const mixed = Buffer.concat([der.subarray(0, -64), other.subarray(-64)]).toString('base64');
    const pem = `-----BEGIN PRIVATE KEY-----\n${mixed}\n-----END PRIVATE KEY-----\n`;

    expect(refusal(() => load(pem))).toMatch(/does not belong|damaged/);
  });
});

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Error && error.name === 'KeyConfigError') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
