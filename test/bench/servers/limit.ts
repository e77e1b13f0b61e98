// What the same work costs without any product around it: bare node:http, one Redis script for each
// request, two signatures for each pair of tokens, no checks beyond those that cost a round trip.
// Nobody may use this for anything else.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Redis } from 'ioredis';

const port = Number(process.env['PORT']);
const issuer = `http://127.0.0.1:${port}`;
const redis = new Redis(process.env['REDIS_URL'] ?? '', { enableAutoPipelining: true });

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const publicKey = createPublicKey(pair.publicKey.export({ type: 'spki', format: 'pem' }));
const HEADERS = {
  id: Buffer.from('{"alg":"ES256","typ":"JWT","kid":"1"}').toString('base64url'),
  access: Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"1"}').toString('base64url'),
};

const KEEP = `redis.call('HSET', KEYS[1], 'r', ARGV[1], 'c', ARGV[2]) redis.call('EXPIRE', KEYS[1], 300) return 1`;
const SPEND = `
local v = redis.call('HMGET', KEYS[1], 'r', ARGV[3])
if v[2] ~= ARGV[1] then return false end
redis.call('HDEL', KEYS[1], 'c')
redis.call('HSET', KEYS[1], 'f', ARGV[2])
redis.call('EXPIRE', KEYS[1], 86400)
return v[1]`;

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

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

function jwt(header: string, claims: object): string {
  const text = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${text}.${signature.toString('base64url')}`;
}

const [keep, spend] = await Promise.all(
  [KEEP, SPEND].map(async (script) => `${await redis.script('LOAD', script)}`),
);
const run = (script: string | undefined, ...args: string[]) =>
  redis.evalsha(script ?? '', 1, ...args);

const read = (request: IncomingMessage): Promise<URLSearchParams> =>
  new Promise((resolve, reject) => {
    let text = '';
    request.setEncoding('latin1').on('error', reject);
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => resolve(new URLSearchParams(text)));
  });

function answer(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

async function authorize(query: URLSearchParams, response: ServerResponse): Promise<void> {
  const id = random(16);
  const secret = random(32);
  const record = JSON.stringify({
    sub: 'alice',
    client: query.get('client_id'),
    scope: query.get('scope'),
    nonce: query.get('nonce'),
    at: Date.now(),
  });
  await run(keep, `limit:${id}`, record, hash(secret));
  const location = `${query.get('redirect_uri')}?code=${id}.${secret}&state=${query.get('state')}`;
  response.writeHead(303, { Location: location, 'Content-Length': 0 }).end();
}

async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await read(request);
  const now = Math.floor(Date.now() / 1000);
  const base = { iss: issuer, sub: 'alice', iat: now, exp: now + 3600 };
  if (form.get('grant_type') === 'client_credentials') {
    answer(response, { access_token: jwt(HEADERS.access, base), token_type: 'Bearer' });
    return;
  }
  const code = form.get('code');
  const [id = '', secret = ''] = (code ?? form.get('refresh_token') ?? '').split('.');
  const next = random(32);
  const field = code === null ? 'f' : 'c';
  const kept = await run(spend, `limit:${id}`, hash(secret), hash(next), field);
  if (typeof kept !== 'string') {
    response.writeHead(400).end();
    return;
  }
  const { client, scope, nonce } = JSON.parse(kept);
  answer(response, {
    access_token: jwt(HEADERS.access, { ...base, jti: id, aud: issuer, client_id: client, scope }),
    id_token: jwt(HEADERS.id, { ...base, aud: client, nonce, email: 'alice@example.test' }),
    refresh_token: `${id}.${next}`,
    token_type: 'Bearer',
    expires_in: 3600,
    scope,
  });
}

async function look(text: string): Promise<Record<string, unknown>> {
  const [header, body, signature = ''] = text.split('.');
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  const signed = Buffer.from(`${header}.${body}`);
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return {};
  const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString());
  return (await redis.exists(`limit:${claims.jti}`)) === 1 ? claims : {};
}

const DISCOVERY = { issuer, text: 'x'.repeat(1_800) };

async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (path === '/authorize') await authorize(new URLSearchParams(query), response);
  else if (path === '/token') await token(request, response);
  else if (path === '/userinfo') {
    const claims = await look(request.headers.authorization?.slice('Bearer '.length) ?? '');
    answer(response, { sub: claims['sub'], email: 'alice@example.test' });
  } else if (path === '/introspect') {
    const claims = await look((await read(request)).get('token') ?? '');
    answer(response, { active: claims['sub'] !== undefined, ...claims });
  } else answer(response, DISCOVERY);
}

http
  .createServer((request, response) => {
    route(request, response).catch(() => response.writeHead(500).end());
  })
  .listen(port, '127.0.0.1');
