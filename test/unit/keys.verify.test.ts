import { createHmac, createPublicKey, sign as cryptoSign, type KeyObject } from 'node:crypto';
import { CompactSign, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JwtClaims } from '../../internal/keys/keys.ts';
import { parsePrivateKey, toSigningKey } from '../../internal/keys/material.ts';
import { createSignJwt } from '../../internal/keys/sign.ts';
import { createVerifyJwt } from '../../internal/keys/verify.ts';
import { newP256, RSA_PEM, START } from '../support/keys.ts';

const EC = toSigningKey(newP256(), 'ES256', START);
const RSA = toSigningKey(parsePrivateKey(RSA_PEM), 'RS256', START);
const KEYS = new Map([EC, RSA].map((key) => [key.id, key]));
const CLAIMS = { iss: 'https://op.example', sub: 'alice', aud: 'conf', groups: ['a', 'b'] };
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const sign = createSignJwt();
/** Nothing remembered from one case to the next. */
const verify = (token: string) => createVerifyJwt((kid) => KEYS.get(kid))(token);

let good: string;
let parts: readonly [string, string, string];

beforeAll(async () => {
  good = await sign(EC, 'JWT', CLAIMS);
  const [header = '', payload = '', signature = ''] = good.split('.');
  parts = [header, payload, signature];
});

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token that the right key signed under a header of the attacker's choosing. */
function signedUnder(header: unknown, key: KeyObject = EC.privateKey): string {
  const input = `${encode(header)}.${encode(CLAIMS)}`;
  const signature = cryptoSign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

/** The same signature with the lower s, as only that one is made. */
function withLowS(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  const raw = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${raw.toString('hex', 32)}`);
  return s <= ORDER / 2n ? token : `${header}.${payload}.${negated(signature)}`;
}

function negated(signature: string): string {
  const raw = Buffer.from(signature, 'base64url');
  const s = ORDER - BigInt(`0x${raw.toString('hex', 32)}`);
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
  return Buffer.concat([raw.subarray(0, 32), bytes]).toString('base64url');
}

describe('signing (TC-1, RFC 7515 §3.1)', () => {
  it('makes a header of alg, kid and typ, and 64 bytes of signature', () => {
    const [header, , signature] = parts;

    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'ES256',
      kid: EC.id,
      typ: 'JWT',
    });
    expect(Buffer.from(signature, 'base64url')).toHaveLength(64);
  });

  it('makes what jose verifies, for both algorithms and any typ', async () => {
    for (const key of [EC, RSA])
      for (const typ of ['JWT', 'at+jwt', 'logout+jwt']) {
        const token = await sign(key, typ, CLAIMS);

        const { payload } = await jwtVerify(token, key.publicKey, { typ, algorithms: [key.alg] });

        expect(payload).toEqual(CLAIMS);
      }
  });

  it('leaves out members that are undefined', async () => {
    const token = await sign(EC, 'JWT', { sub: 'alice', nonce: undefined });

    expect(verify(token)?.claims).toEqual({ sub: 'alice' });
  });

  it('keeps text outside ASCII as it is', async () => {
    const claims = { name: 'Ålice 🦊 李', 'claim ü': '\u2028"\\' };

    expect(verify(await sign(EC, 'JWT', claims))?.claims).toEqual(claims);
  });
});

describe('verifying our own tokens', () => {
  it('answers typ and claims of a token that one of our keys signed', async () => {
    expect(verify(good)).toEqual({ typ: 'JWT', claims: CLAIMS });
    expect(verify(await sign(RSA, 'at+jwt', CLAIMS))).toEqual({ typ: 'at+jwt', claims: CLAIMS });
  });

  it('answers undefined for the same token with any one character changed', () => {
    for (let index = 0; index < good.length; index += 1) {
      const other = good[index] === 'A' ? 'B' : 'A';
      expect(verify(good.slice(0, index) + other + good.slice(index + 1))).toBeUndefined();
    }
  });

  it('answers undefined for the same token cut off anywhere', () => {
    for (let length = 0; length < good.length; length += 1)
      expect(verify(good.slice(0, length))).toBeUndefined();
  });

  it('answers undefined for a key that is not ours, and for one that is ours no more', () => {
    const verifyJwt = createVerifyJwt(() => undefined);

    expect(verifyJwt(good)).toBeUndefined();
  });

  it('answers undefined for the claims of one token under the signature of another', async () => {
    const [header, payload, signature] = (await sign(EC, 'JWT', { sub: 'mallory' })).split('.');

    expect(verify(`${header}.${payload}.${parts[2]}`)).toBeUndefined();
    expect(verify(`${parts[0]}.${parts[1]}.${signature}`)).toBeUndefined();
    expect(verify(`${header}.${payload}.${signature}`)?.claims).toEqual({ sub: 'mallory' });
  });
});

describe('one token, one text', () => {
  it('refuses s replaced by n − s, which any ECDSA library accepts', async () => {
    const other = `${parts[0]}.${parts[1]}.${negated(parts[2])}`;

    await expect(jwtVerify(other, EC.publicKey)).resolves.toBeDefined();
    expect(verify(other)).toBeUndefined();
    expect(verify(good)).toBeDefined();
  });

  it('refuses other spare bits in the last character, which decode to the same signature', () => {
    const variants = [...ALPHABET].map((last) => good.slice(0, -1) + last);

    expect(variants.filter((token) => verify(token) !== undefined)).toEqual([good]);
  });

  it('refuses padding, white space, line ends and the other base64 alphabet anywhere', () => {
    for (let segment = 0; segment < 3; segment += 1)
      for (const added of ['=', '==', ' ', '\n', '\t', '\r\n', '+', '/', '\0', '%20', '.']) {
        const changed = parts.map((part, index) => (index === segment ? part + added : part));
        expect(verify(changed.join('.'))).toBeUndefined();
        const inside = parts.map((part, index) =>
          index === segment ? part.slice(0, 4) + added + part.slice(4) : part,
        );
        expect(verify(inside.join('.'))).toBeUndefined();
      }
    expect(verify(` ${good}`)).toBeUndefined();
    expect(verify(`${good}\n`)).toBeUndefined();
  });

  it('refuses two segments, four segments, empty segments and the JSON form', () => {
    const [header, payload, signature] = parts;
    const json = JSON.stringify({ protected: header, payload, signature });

    for (const text of [`${header}.${payload}`, `${good}.${signature}`, `${header}..${signature}`])
      expect(verify(text)).toBeUndefined();
    for (const text of ['', '.', '..', `.${payload}.${signature}`, `${header}.${payload}.`, json])
      expect(verify(text)).toBeUndefined();
  });

  it('refuses a signature in DER, one of zeros, a short and a long one', () => {
    const [header, payload, signature] = parts;
    const input = `${header}.${payload}`;
    const der = cryptoSign('sha256', Buffer.from(input), EC.privateKey);
    const raw = Buffer.from(signature, 'base64url');
    const bad = [der, Buffer.alloc(64), raw.subarray(0, 63), Buffer.concat([raw, Buffer.alloc(1)])];

    for (const bytes of bad)
      expect(verify(`${input}.${bytes.toString('base64url')}`)).toBeUndefined();
  });

  it('takes a token of 16 KiB at most', async () => {
    const sized = (pad: number) => sign(EC, 'JWT', { pad: 'x'.repeat(pad) });

    expect(verify(await sized(11_900))).toBeDefined();
    expect(verify(await sized(12_300))).toBeUndefined();
  });
});

describe('algorithm and header confusion (RFC 8725 §3.1, CA-7)', () => {
  const ours = { alg: 'ES256', kid: EC.id, typ: 'JWT' };

  it('accepts exactly alg, kid and typ in their order', () => {
    expect(verify(withLowS(signedUnder(ours)))).toBeDefined();
  });

  const HEADERS: readonly (readonly [string, unknown])[] = [
    ['alg none', { ...ours, alg: 'none' }],
    ['alg None', { ...ours, alg: 'None' }],
    ['no alg', { kid: EC.id, typ: 'JWT' }],
    ['alg HS256', { ...ours, alg: 'HS256' }],
    ['alg RS256 with the kid of an EC key', { ...ours, alg: 'RS256' }],
    ['alg ES256 with the kid of an RSA key', { ...ours, kid: RSA.id }],
    ['alg ES384', { ...ours, alg: 'ES384' }],
    ['alg es256', { ...ours, alg: 'es256' }],
    ['alg in an array', { ...ours, alg: ['ES256'] }],
    ['no kid', { alg: 'ES256', typ: 'JWT' }],
    ['an unknown kid', { ...ours, kid: 'A'.repeat(43) }],
    ['a kid from the prototype', { ...ours, kid: 'constructor' }],
    ['a kid that is a number', { ...ours, kid: 1 }],
    ['no typ', { alg: 'ES256', kid: EC.id }],
    ['typ null', { ...ours, typ: null }],
    ['an embedded jwk', { ...ours, jwk: EC.publicJwk }],
    ['jku', { ...ours, jku: 'https://evil.example/jwks' }],
    ['x5u', { ...ours, x5u: 'https://evil.example/x5u' }],
    ['x5c', { ...ours, x5c: [] }],
    ['crit', { ...ours, crit: ['exp'] }],
    ['b64 false', { ...ours, b64: false, crit: ['b64'] }],
    ['zip', { ...ours, zip: 'DEF' }],
    ['another order of members', { kid: EC.id, alg: 'ES256', typ: 'JWT' }],
    ['a repeated member', `{"alg":"none","alg":"ES256","kid":"${EC.id}","typ":"JWT"}`],
    ['white space', JSON.stringify(ours, null, 1)],
    ['an escape', JSON.stringify(ours).replace('ES256', 'ES25\\u0036')],
    ['an array', [ours]],
    ['null', 'null'],
    ['a number', '1'],
    ['no JSON', '{'],
  ];
  for (const [given, header] of HEADERS)
    it(`refuses ${given}, signed by the right key`, () => {
      expect(verify(withLowS(signedUnder(header)))).toBeUndefined();
    });

  it('refuses alg none without a signature', () => {
    const header = encode({ ...ours, alg: 'none' });

    expect(verify(`${header}.${parts[1]}.`)).toBeUndefined();
    expect(verify(`${header}.${parts[1]}`)).toBeUndefined();
  });

  it('refuses HS256 made with the public key as secret: PEM, DER and JWK', () => {
    for (const key of [EC, RSA]) {
      const secrets = [
        key.publicKey.export({ type: 'spki', format: 'pem' }),
        key.publicKey.export({ type: 'spki', format: 'der' }),
        JSON.stringify(key.publicJwk),
      ];
      for (const secret of secrets)
        for (const alg of ['HS256', key.alg]) {
          const input = `${encode({ alg, kid: key.id, typ: 'JWT' })}.${encode(CLAIMS)}`;
          const mac = createHmac('sha256', secret).update(input).digest('base64url');
          expect(verify(`${input}.${mac}`)).toBeUndefined();
        }
    }
  });

  it('refuses a key of the attacker under our kid', () => {
    const theirs = newP256();
    expect(verify(withLowS(signedUnder(ours, theirs)))).toBeUndefined();
    expect(createPublicKey(theirs).equals(EC.publicKey)).toBe(false);
  });

  it('refuses a payload that is not an object, although we signed it', async () => {
    const verifies = async (payload: string) => {
      const token = await new CompactSign(Buffer.from(payload))
        .setProtectedHeader(ours)
        .sign(EC.privateKey);
      return verify(withLowS(token)) !== undefined;
    };

    for (const payload of ['null', '[]', '"sub"', '1', '', '{'])
      expect(await verifies(payload)).toBe(false);
    expect(await verifies('{}')).toBe(true);
  });
});

describe('tokens verified before', () => {
  it('answers the same without looking at the signature again', () => {
    let asked = 0;
    const withoutMaterial = { ...EC, publicKey: newP256() };
    const verifyJwt = createVerifyJwt(() => {
      asked += 1;
      return asked === 1 ? EC : withoutMaterial;
    });

    expect(verifyJwt(good)).toEqual({ typ: 'JWT', claims: CLAIMS });
    expect(verifyJwt(good)).toEqual({ typ: 'JWT', claims: CLAIMS });
  });

  it('forgets them with the key that signed them', () => {
    const keys = new Map(KEYS);
    const verifyJwt = createVerifyJwt((kid) => keys.get(kid));
    expect(verifyJwt(good)).toBeDefined();

    keys.delete(EC.id);

    expect(verifyJwt(good)).toBeUndefined();
  });

  it('cannot be changed by whoever got the claims', () => {
    const verifyJwt = createVerifyJwt((kid) => KEYS.get(kid));
    const claims = verifyJwt(good)?.claims as { sub: string } & JwtClaims;

    expect(() => Object.assign(claims, { sub: 'mallory' })).toThrow(TypeError);
    expect(verifyJwt(good)?.claims['sub']).toBe('alice');
  });

  it('remembers no refusal as an acceptance, in whichever order they come', () => {
    const verifyJwt = createVerifyJwt((kid) => KEYS.get(kid));
    const bad = `${parts[0]}.${parts[1]}.${negated(parts[2])}`;

    expect([bad, good, bad, good].map((token) => verifyJwt(token) !== undefined)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});
