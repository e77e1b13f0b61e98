// The work of an issuer without any product around it: one Redis script for each request, two
// signatures for each pair of tokens, no checks beyond those that cost a round trip. How it is signed
// and who speaks HTTP is for the programs that use it. Nobody may use this for anything else.

import { generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';

export const port = Number(process.env['PORT']);
const issuer = `http://127.0.0.1:${port}`;

const redis = new Redis(process.env['REDIS_URL'] ?? '', { enableAutoPipelining: true });

export const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

export type Claims = { readonly [name: string]: unknown };

export type Signing = {
  readonly sign: (type: 'JWT' | 'at+jwt', claims: Claims) => string | Promise<string>;
  /** Nothing where the signature is not ours. */
  readonly verify: (token: string) => Claims | undefined | Promise<Claims | undefined>;
};

/** What a form or a query says. */
export type Given = (name: string) => string | null | undefined;

const KEEP = `redis.call('HSET', KEYS[1], 'r', ARGV[1], 'c', ARGV[2]) redis.call('EXPIRE', KEYS[1], 300) return 1`;
const SPEND = `
local v = redis.call('HMGET', KEYS[1], 'r', ARGV[3])
if v[2] ~= ARGV[1] then return false end
redis.call('HDEL', KEYS[1], 'c')
redis.call('HSET', KEYS[1], 'f', ARGV[2])
redis.call('EXPIRE', KEYS[1], 86400)
return v[1]`;

const [keep, spend] = await Promise.all(
  [KEEP, SPEND].map(async (script) => `${await redis.script('LOAD', script)}`),
);
const run = (script: string | undefined, ...args: string[]) =>
  redis.evalsha(script ?? '', 1, ...args);

const digest = (text: string): string => hash('sha256', text, 'base64url');

const POOL_BYTES = 8_192;
let pool = randomBytes(POOL_BYTES);
let used = 0;

function random(bytes: number): string {
  if (used + bytes > POOL_BYTES) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += bytes;
  return pool.toString('base64url', used - bytes, used);
}

export const DISCOVERY = { issuer, text: 'x'.repeat(1_800) };
export const JWKS = {
  keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: '1', use: 'sig' }],
};

/** Where the browser is sent, with a code. */
export async function authorize(given: Given): Promise<string> {
  const id = random(16);
  const secret = random(32);
  const record = JSON.stringify({
    sub: 'alice',
    client: given('client_id'),
    scope: given('scope'),
    nonce: given('nonce'),
    at: Date.now(),
  });
  await run(keep, `limit:${id}`, record, digest(secret));
  return `${given('redirect_uri')}?code=${id}.${secret}&state=${given('state')}`;
}

/** The answer of the token endpoint; nothing for a refusal. */
export async function exchange({ sign }: Signing, given: Given): Promise<object | undefined> {
  const now = Math.floor(Date.now() / 1000);
  const base = { iss: issuer, sub: 'alice', iat: now, exp: now + 3600 };
  if (given('grant_type') === 'client_credentials') {
    return { access_token: await sign('at+jwt', base), token_type: 'Bearer' };
  }
  const code = given('code') ?? undefined;
  const [id = '', secret = ''] = (code ?? given('refresh_token') ?? '').split('.');
  const next = random(32);
  const field = code === undefined ? 'f' : 'c';
  const kept = await run(spend, `limit:${id}`, digest(secret), digest(next), field);
  if (typeof kept !== 'string') return undefined;
  const { client, scope, nonce } = JSON.parse(kept);
  return {
    access_token: await sign('at+jwt', { ...base, jti: id, aud: issuer, client_id: client, scope }),
    id_token: await sign('JWT', { ...base, aud: client, nonce, email: 'alice@example.test' }),
    refresh_token: `${id}.${next}`,
    token_type: 'Bearer',
    expires_in: 3600,
    scope,
  };
}

async function look({ verify }: Signing, token: string): Promise<Claims> {
  const claims = await verify(token);
  if (claims === undefined) return {};
  return (await redis.exists(`limit:${claims['jti']}`)) === 1 ? claims : {};
}

export async function userinfo(signing: Signing, bearer: string | undefined): Promise<object> {
  const claims = await look(signing, bearer?.slice('Bearer '.length) ?? '');
  return { sub: claims['sub'], email: 'alice@example.test' };
}

export async function introspect(signing: Signing, given: Given): Promise<object> {
  const claims = await look(signing, given('token') ?? '');
  return { active: claims['sub'] !== undefined, ...claims };
}
