// An API that trusts the headers of nginx, and nginx as deploy/nginx/check.conf sets it up.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import {
  type Answer,
  type Asteroid,
  ask,
  cleanUp,
  onCleanUp,
  ROOT,
  start,
  startAsteroid,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

const API = 'https://api.example.com';
const SECRET = 'what only the client knows 0123456789';

const CLIENTS = `clients:
  - client_id: app
    client_secret: ${SECRET}
    redirect_uris: [https://app.example/cb]
    scope: openid orders.read orders.write
    resources: [${API}, https://other.example.com]
  - client_id: bound
    client_secret: ${SECRET}
    grant_types: [client_credentials]
    scope: orders.read
    resources: [${API}]
    dpop_bound_access_tokens: true
`;

/** Answers with what it was told. */
async function startApi(): Promise<number> {
  const port = await findFreePort();
  const server = http.createServer((request, response) => {
    const { method, url, headers } = request;
    response.writeHead(url?.startsWith('/forbidden') ? 403 : 200, { 'X-Api': 'yes' });
    response.end(JSON.stringify({ method, url, headers }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return port;
}

/** The file of deploy/ with the ports of this run, and without TLS. */
async function startFront(asteroid: number, api: number): Promise<string> {
  const listen = await findFreePort();
  const home = temporaryFolder();
  const lines = readFileSync(path.join(ROOT, 'deploy/nginx/check.conf'), 'utf8')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${listen};`)
    .replaceAll(/ssl_certificate\w* .*;\n/g, '')
    .replace('127.0.0.1:9000', `127.0.0.1:${api}`)
    .replace('127.0.0.1:8880', `127.0.0.1:${asteroid}`);
  writeFileSync(path.join(home, 'check.conf'), lines);
  const names = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const name of names) mkdirSync(path.join(home, name));
  writeFileSync(
    path.join(home, 'nginx.conf'),
    `daemon off;
master_process off;
pid ${home}/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  ${names.map((name) => `${name}_temp_path ${path.join(home, name)};`).join('\n  ')}
  include check.conf;
}
`,
  );
  const args = ['-p', home, '-c', path.join(home, 'nginx.conf'), '-e', 'stderr'];
  await start('nginx', args, { port: listen, cwd: home });
  return `http://127.0.0.1:${listen}`;
}

async function signIn(asteroid: Asteroid, scope: string, resource = API) {
  const redirect_uri = 'https://app.example/cb';
  const request = { client_id: 'app', redirect_uri, response_type: 'code', state: 's' };
  const query = new URLSearchParams({ ...request, scope, resource }).toString();
  const { headers } = await ask(`${asteroid.issuer}/authorize?${query}`, {
    headers: {
      'X-Asteroid-Upstream-Secret': UPSTREAM_SECRET,
      'X-Authenticated-User': 'alice',
    },
  });
  const code = new URL(headers.location ?? '').searchParams.get('code') ?? '';
  const { body } = await ask(`${asteroid.issuer}/token`, {
    headers: { Authorization: `Basic ${btoa(`app:${SECRET.replaceAll(' ', '+')}`)}` },
    form: { grant_type: 'authorization_code', code, redirect_uri },
  });
  return JSON.parse(body);
}

/** Somebody whose requests prove a key, by the nonce that they were told last. */
async function createProver(asteroid: Asteroid) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  let nonce: string | undefined;
  const prove = (key: CryptoKey, claims: object) =>
    new SignJWT({ ...claims, jti: crypto.randomUUID(), ...(nonce && { nonce }) })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
      .setIssuedAt()
      .sign(key);
  const remember = (answer: Answer): Answer => {
    nonce = String(answer.headers['dpop-nonce'] ?? nonce);
    return answer;
  };
  const fetchToken = async (): Promise<Answer> => {
    const htu = `${asteroid.issuer}/token`;
    const DPoP = await prove(privateKey, { htm: 'POST', htu });
    const Authorization = `Basic ${btoa(`bound:${SECRET.replaceAll(' ', '+')}`)}`;
    const form = { grant_type: 'client_credentials', resource: API };
    return remember(await ask(htu, { headers: { Authorization, DPoP }, form }));
  };
  await fetchToken();
  const token: string = JSON.parse((await fetchToken()).body).access_token;
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  const ath = Buffer.from(hash).toString('base64url');
  return {
    token,
    forget: () => {
      nonce = undefined;
    },
    call: async (url: string, htm: string, htu: string): Promise<Answer> => {
      const DPoP = await prove(privateKey, { htm, htu, ath });
      const headers = { Authorization: `DPoP ${token}`, DPoP };
      return remember(await ask(url, { headers }));
    },
  };
}

const toldOf = ({ body }: Answer): Readonly<Record<string, string>> => JSON.parse(body).headers;

describe('an API behind nginx with auth_request and /check (CK-1, CK-3, CK-4, CK-5)', () => {
  let asteroid: Asteroid;
  let front: string;
  const call = (token: string | undefined, more: http.OutgoingHttpHeaders = {}, target = '/') =>
    ask(front + target, {
      headers: { ...more, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
    });

  beforeAll(async () => {
    asteroid = await startAsteroid({
      clients: CLIENTS,
      more: 'check: { enabled: true, original: x-original }\nscopes: { orders.read: {}, orders.write: {} }\ndpop: { nonce: required }\n',
    });
    front = await startFront(asteroid.port, await startApi());
  });
  afterAll(cleanUp);

  it('is told who the token is about, and not the token', async () => {
    const { access_token } = await signIn(asteroid, 'openid orders.read');

    const answer = await call(access_token, {}, '/orders/7?audience=x&scope=y');

    expect([answer.status, JSON.parse(answer.body).url]).toEqual([
      200,
      '/orders/7?audience=x&scope=y',
    ]);
    expect(toldOf(answer)).toMatchObject({
      'x-auth-subject': 'alice',
      'x-auth-client-id': 'app',
      'x-auth-scope': 'openid orders.read',
      'x-auth-audience': API,
    });
    expect(toldOf(answer)).not.toHaveProperty('authorization');
  });

  it('is never told what the client says about itself', async () => {
    const { access_token } = await signIn(asteroid, 'openid orders.read');

    const answer = await call(access_token, {
      'X-Auth-Subject': 'root',
      'X-Auth-Client-Id': 'root',
      'X-Auth-Scope': 'root',
      'X-Auth-Audience': 'root',
    });

    expect(answer.status).toBe(200);
    expect(answer.body).not.toContain('root');
  });

  it('is asked about every method, with its body', async () => {
    const { access_token } = await signIn(asteroid, 'openid orders.read');

    const { status, body } = await ask(`${front}/orders`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${access_token}` },
      form: { item: '1' },
    });

    expect([status, JSON.parse(body).method]).toEqual([200, 'POST']);
  });

  it('is not reached without a token, and the client is challenged', async () => {
    for (const token of [undefined, 'x', 'a b']) {
      const { status, headers } = await call(token);

      expect(status).toBe(401);
      expect(headers['x-api']).toBeUndefined();
      expect(headers['www-authenticate']).toMatch(/^Bearer realm="/);
    }
  });

  it('is not reached by a token with too little scope, which is named', async () => {
    const { access_token } = await signIn(asteroid, 'openid orders.write');

    const { status, headers } = await call(access_token);

    expect([status, headers['x-api']]).toEqual([403, undefined]);
    expect(headers['www-authenticate']).toContain('scope="orders.read"');
  });

  it('is not reached by a token for another API, nor by one that was revoked', async () => {
    const other = await signIn(asteroid, 'openid orders.read', 'https://other.example.com');
    const ended = await signIn(asteroid, 'openid orders.read');
    expect((await call(ended.access_token)).status).toBe(200);

    await ask(`${asteroid.issuer}/revoke`, {
      headers: { Authorization: `Basic ${btoa(`app:${SECRET.replaceAll(' ', '+')}`)}` },
      form: { token: ended.refresh_token },
    });

    expect((await call(other.access_token)).status).toBe(401);
    expect((await call(ended.access_token)).status).toBe(401);
  });

  it('may say 403 for reasons of its own', async () => {
    const { access_token } = await signIn(asteroid, 'openid orders.read');

    const { status, headers } = await call(access_token, {}, '/forbidden');

    expect([status, headers['x-api']]).toEqual([403, 'yes']);
  });

  it('is reached by whoever proves the key of a bound token, for this very request (CK-7)', async () => {
    const prover = await createProver(asteroid);
    const url = `${front}/orders/7?x=1`;

    const good = await prover.call(url, 'GET', `${API}/orders/7`);
    const again = await prover.call(url, 'GET', `${API}/orders/7`);

    expect([good.status, again.status]).toEqual([200, 200]);
    expect(toldOf(good)).toMatchObject({ 'x-auth-client-id': 'bound' });
    expect(toldOf(good)).not.toHaveProperty('dpop');
    expect((await prover.call(url, 'POST', `${API}/orders/7`)).status).toBe(401);
    expect((await prover.call(url, 'GET', `${API}/orders/8`)).status).toBe(401);
    expect((await call(prover.token)).status).toBe(401);
  });

  it('tells clients the nonce that their proofs need (CK-7)', async () => {
    const prover = await createProver(asteroid);
    prover.forget();

    const first = await prover.call(`${front}/`, 'GET', `${API}/`);
    const second = await prover.call(`${front}/`, 'GET', `${API}/`);

    expect([first.status, second.status]).toEqual([401, 200]);
    expect(first.headers['www-authenticate']).toMatch(/^DPoP .*error="use_dpop_nonce"/);
    expect(first.headers['dpop-nonce']).toEqual(expect.any(String));
    expect(second.headers['dpop-nonce']).toEqual(expect.any(String));
  });

  it('cannot be asked for what only nginx asks', async () => {
    expect((await call(undefined, {}, '/_check')).status).toBe(404);
  });
});
