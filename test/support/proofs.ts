// Proofs of a key, right and wrong, as every endpoint may get them.

import { generateKeyPairSync } from 'node:crypto';
import { createHolder, type Holder, TOKEN_URL, USERINFO_URL } from './dpop.ts';
import { ISSUER } from './issuer.ts';

const HOUR = 3600;
/** When test clocks start. */
const NOW = 1_800_000_000;

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof with a part exchanged, and the signature that was right before. */
function tamper(proof: string, part: 0 | 1, change: object): string {
  const parts = proof.split('.');
  const read = JSON.parse(Buffer.from(parts[part] ?? '', 'base64url').toString());
  parts[part] = b64({ ...read, ...change });
  return parts.join('.');
}

/** A proof out of those of an honest holder. */
type Make = (prove: Holder['prove'], holder: Holder) => Promise<string>;

const other = await createHolder();
const pss = await createHolder('PS256');
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
  format: 'jwk',
});

export const claims =
  (different: Readonly<Record<string, unknown>>): Make =>
  (prove) =>
    prove({ claims: different });
const header =
  (different: Readonly<Record<string, unknown>>): Make =>
  (prove) =>
    prove({ header: different });

/** Wrong wherever a proof is wanted. */
export const BAD: readonly (readonly [what: string, make: Make, reason: string])[] = [
  ['nothing', async () => '', 'dpop_proof_malformed'],
  ['what is no JWT', async () => 'proof', 'dpop_proof_malformed'],
  ['two proofs in one header', async (p) => `${await p()}, ${await p()}`, 'dpop_proof_malformed'],
  ['a proof in quotes', async (p) => `"${await p()}"`, 'dpop_proof_malformed'],
  ['a megabyte of dots', async () => '.'.repeat(1_000_000), 'dpop_proof_malformed'],
  ['9 KiB', claims({ more: 'x'.repeat(9000) }), 'dpop_proof_malformed'],
  ['no typ', header({ typ: undefined }), 'dpop_proof_malformed'],
  ['typ JWT', header({ typ: 'JWT' }), 'dpop_proof_malformed'],
  ['typ at+jwt', header({ typ: 'at+jwt' }), 'dpop_proof_malformed'],
  ['no alg', async (p) => tamper(await p(), 0, { alg: undefined }), 'dpop_proof_malformed'],
  ['alg none', async (p) => tamper(await p(), 0, { alg: 'none' }), 'dpop_proof_signature'],
  [
    'alg none and no signature',
    async (p) => tamper(await p(), 0, { alg: 'none' }).replace(/[^.]+$/, ''),
    'dpop_proof_malformed',
  ],
  ['alg HS256', async (p) => tamper(await p(), 0, { alg: 'HS256' }), 'dpop_proof_signature'],
  ['another alg', async (p) => tamper(await p(), 0, { alg: 'ES384' }), 'dpop_proof_signature'],
  [
    'what has to be understood',
    async (p) => tamper(await p(), 0, { crit: ['more'], more: 1 }),
    'dpop_proof_malformed',
  ],
  ['no jwk', header({ jwk: undefined }), 'dpop_proof_signature'],
  ['a jwk that is text', header({ jwk: 'key' }), 'dpop_proof_signature'],
  ['a jwk that is a list', (p, { jwk }) => p({ header: { jwk: [jwk] } }), 'dpop_proof_signature'],
  [
    'a jwk without its curve',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, crv: undefined } } }),
    'dpop_proof_signature',
  ],
  [
    'the private key',
    (p, { privateJwk }) => p({ header: { jwk: privateJwk } }),
    'dpop_proof_signature',
  ],
  ['a symmetric key', header({ jwk: { kty: 'oct', k: 'c2VjcmV0' } }), 'dpop_proof_signature'],
  [
    'a part of a private key',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, p: 'AQ' } } }),
    'dpop_proof_signature',
  ],
  ['the key of another', header({ jwk: other.jwk }), 'dpop_proof_signature'],
  ['a small RSA key', header({ jwk: small }), 'dpop_proof_signature'],
  [
    'an RSA key with a long exponent',
    (p, { jwk }) => p({ header: { jwk: { ...jwk, ...pss.jwk, e: 'AQABAQAB' } } }),
    'dpop_proof_signature',
  ],
  [
    'a changed signature',
    async (p) => (await p()).replace(/[^.]{4}$/, (end) => (end === 'AAAA' ? 'BBBB' : 'AAAA')),
    'dpop_proof_signature',
  ],
  ['a changed claim', async (p) => tamper(await p(), 1, { more: 1 }), 'dpop_proof_signature'],
  ['no jti', claims({ jti: undefined }), 'dpop_proof_malformed'],
  ['an empty jti', claims({ jti: '' }), 'dpop_proof_malformed'],
  ['a jti that is a number', claims({ jti: 1 }), 'dpop_proof_malformed'],
  ['a jti of 257 characters', claims({ jti: 'x'.repeat(257) }), 'dpop_proof_malformed'],
  ['no htm', claims({ htm: undefined }), 'dpop_proof_malformed'],
  ['htm in small letters', claims({ htm: 'post' }), 'dpop_proof_method'],
  ['another htm', claims({ htm: 'PUT' }), 'dpop_proof_method'],
  ['no htu', claims({ htu: undefined }), 'dpop_proof_malformed'],
  ['a list of htu', claims({ htu: [TOKEN_URL, USERINFO_URL] }), 'dpop_proof_malformed'],
  ['an htu that is a path', claims({ htu: '/a/token' }), 'dpop_proof_uri'],
  ['the issuer as htu', claims({ htu: ISSUER }), 'dpop_proof_uri'],
  ['htu at another host', claims({ htu: 'https://evil.example/a/token' }), 'dpop_proof_uri'],
  ['htu by http', claims({ htu: TOKEN_URL.replace('https', 'http') }), 'dpop_proof_uri'],
  ['no iat', claims({ iat: undefined }), 'dpop_proof_malformed'],
  ['an iat that is text', claims({ iat: String(NOW) }), 'dpop_proof_malformed'],
  ['an iat an hour ago', claims({ iat: NOW - HOUR }), 'dpop_proof_expired'],
  ['an iat in an hour', claims({ iat: NOW + HOUR }), 'dpop_proof_ahead'],
  ['an iat in 11 seconds', claims({ iat: NOW + 11 }), 'dpop_proof_ahead'],
  ['an iat 61 seconds ago', claims({ iat: NOW - 61 }), 'dpop_proof_expired'],
  ['an exp that is over', claims({ exp: NOW - 10 }), 'dpop_proof_expired'],
  ['an exp that is text', claims({ exp: 'never' }), 'dpop_proof_malformed'],
  ['an nbf in a minute', claims({ nbf: NOW + 60 }), 'dpop_proof_ahead'],
  ['an nbf that is a list', claims({ nbf: [NOW] }), 'dpop_proof_malformed'],
];

/** Right, though unusual. */
export const GOOD: readonly (readonly [what: string, make: Make])[] = [
  ['a plain proof', (p) => p()],
  ['typ in other letters', header({ typ: 'DPoP+JWT' })],
  ['typ with its media type', header({ typ: 'application/dpop+jwt' })],
  ['a kid beside the jwk', header({ kid: 'key-1' })],
  ['more in the jwk', (p, { jwk }) => p({ header: { jwk: { ...jwk, use: 'sig', kid: 'x' } } })],
  ['unknown claims', claims({ sub: 'x', more: [1], ath: 'of no account here' })],
  ['a nonce that nobody asked for', claims({ nonce: 'made up' })],
  ['an iat ten seconds ago', claims({ iat: NOW - 10 })],
  ['an iat sixty seconds ago', claims({ iat: NOW - 60 })],
  ['an iat in ten seconds', claims({ iat: NOW + 10 })],
  ['an iat with a fraction', claims({ iat: NOW - 0.5 })],
  ['nbf and exp', claims({ nbf: NOW - 10, exp: NOW + 60 })],
  ['an nbf in eight seconds', claims({ nbf: NOW + 8 })],
  ['a jti of 256 characters', claims({ jti: 'x'.repeat(256) })],
];

/** The same URL, written by another hand. */
export const SPELLINGS: readonly (readonly [what: string, spell: (url: string) => string])[] = [
  ['with a query', (url) => `${url}?a=b`],
  ['with a fragment', (url) => `${url}#a`],
  ['with its default port', (url) => url.replace('.example', '.example:443')],
  [
    'with scheme and host in capitals',
    (url) => url.replace('https://op.example', 'HTTPS://OP.Example'),
  ],
];
