// An API that trusts the headers of its proxy, and proxies as deploy/ sets them up to ask /check.

import http from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { CHECK_FRONTS, startHaproxy } from './check-fronts.ts';
import { sendRaw } from './raw.ts';
import {
  type Answer,
  type Asteroid,
  ask,
  cleanUp,
  onCleanUp,
  startAsteroid,
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
    call: async (
      url: string,
      htm: string,
      htu: string,
      more: http.OutgoingHttpHeaders = {},
    ): Promise<Answer> => {
      const DPoP = await prove(privateKey, { htm, htu, ath });
      const headers = { ...more, Authorization: `DPoP ${token}`, DPoP };
      return remember(await ask(url, { headers }));
    },
  };
}

/** What an upgrade to HTTP/2, and one to WebSocket, has beside its name. */
const UPGRADES = [
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version: 13',
];

const toldOf = ({ body }: Answer): Readonly<Record<string, string>> => JSON.parse(body).headers;

for (const [name, proxy] of Object.entries(CHECK_FRONTS)) {
  describe(`an API behind ${name} with /check (CK-1, CK-3, CK-4, CK-5)`, () => {
    let asteroid: Asteroid;
    let front: string;
    const call = (token: string | undefined, more: http.OutgoingHttpHeaders = {}, target = '/') =>
      ask(front + target, {
        headers: { ...more, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
      });

    beforeAll(async () => {
      asteroid = await startAsteroid({
        clients: CLIENTS,
        more: `check: { enabled: true, original: ${proxy.original} }\nscopes: { orders.read: {}, orders.write: {} }\ndpop: { nonce: required }\n`,
      });
      front = await proxy.start(asteroid.port, await startApi());
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
      expect(second.headers['dpop-nonce'] !== undefined).toBe(proxy.passesNonce);
    });

    it('is never told it in another spelling, nor kept from what it is told', async () => {
      const { access_token } = await signIn(asteroid, 'openid orders.read');
      const port = Number(new URL(front).port);
      const good = { target: '/', host: 'api.example.com' };
      const token = `Authorization: Bearer ${access_token}`;
      const separators = ['__', '-_', '_-', '..', '~~', '.-'];

      for (const [first, second] of separators) {
        const spelling = `X${first}AUTH${second}Subject`;
        const answer = await sendRaw(port, { ...good, lines: [token, `${spelling}: root`] });

        expect([200, 400], spelling).toContain(answer.status);
        expect(answer.text, spelling).not.toContain('root');
      }
      for (const dropped of ['X-Auth-Subject', 'close, x-auth-subject, x-auth-scope']) {
        const answer = await sendRaw(port, { ...good, lines: [token], connection: dropped });

        expect([answer.status, answer.text], dropped).toEqual([
          200,
          expect.stringMatching(/^(?=[\s\S]*"x-auth-subject":"alice")(?=[\s\S]*"x-auth-scope":)/),
        ]);
        expect(answer.text, dropped).not.toMatch(/"connection":"[^"]*x-auth/i);
      }
    });

    it('is not asked to leave HTTP: of what passes then nobody is asked about the token', async () => {
      const { access_token } = await signIn(asteroid, 'openid orders.read');
      const port = Number(new URL(front).port);
      const token = `Authorization: Bearer ${access_token}`;

      for (const upgrade of ['h2c', 'websocket']) {
        const answer = await sendRaw(port, {
          target: '/',
          host: 'api.example.com',
          lines: [token, `Upgrade: ${upgrade}`, ...UPGRADES],
          connection: 'Upgrade, HTTP2-Settings',
        });

        expect(answer, upgrade).toMatchObject({ status: 200 });
        expect(answer.text, upgrade).toContain('"x-auth-subject":"alice"');
        expect(answer.text, upgrade).not.toMatch(/"upgrade":/i);
      }
    });

    it('is not reached by two tokens, of which one is good', async () => {
      const { access_token } = await signIn(asteroid, 'openid orders.read');
      const port = Number(new URL(front).port);
      const lines = ['Authorization: Bearer x', `Authorization: Bearer ${access_token}`];

      for (const both of [lines, lines.toReversed()]) {
        const answer = await sendRaw(port, {
          target: '/',
          host: 'api.example.com',
          lines: both,
        });

        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.text).not.toMatch(/^x-api:/im);
      }
    });

    it('is not reached by a proof for another request, whichever the client says this one is (CK-7)', async () => {
      const prover = await createProver(asteroid);
      const url = `${front}/orders/7`;
      const lies = {
        'X-Original-Method': 'GET',
        'X-Original-URL': `${API}/orders/8`,
        'X-Forwarded-Method': 'GET',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'api.example.com',
        'X-Forwarded-Uri': '/orders/8',
      };

      expect((await prover.call(url, 'GET', `${API}/orders/8`, lies)).status).toBe(401);
      expect((await prover.call(url, 'GET', `${API}/orders/7`, lies)).status).toBe(200);
    });

    it('is not reached where nobody can tell', async () => {
      const { access_token } = await signIn(asteroid, 'openid orders.read');
      const nobody = await proxy.start(await findFreePort(), await startApi());

      const { status, headers } = await ask(nobody, {
        headers: { Authorization: `Bearer ${access_token}` },
      });

      expect(status).toBeGreaterThanOrEqual(500);
      expect(headers['x-api']).toBeUndefined();
    });

    it('is not reached by a request without a path, unless its token is good', async () => {
      const { access_token } = await signIn(asteroid, 'openid orders.read');
      const port = Number(new URL(front).port);
      const host = 'api.example.com';
      const requests = [
        { method: 'OPTIONS', target: '*' },
        { method: 'GET', target: '*' },
        { method: 'GET', target: `http://${host}` },
        { method: 'GET', target: `http://${host}:${port}` },
        { method: 'GET', target: `http://${host}/` },
        { method: 'CONNECT', target: `${host}:443` },
      ];

      for (const request of requests) {
        const { text } = await sendRaw(port, { ...request, host });

        expect(text, `${request.method} ${request.target}`).not.toMatch(/^x-api:/im);
      }
      const lines = [`Authorization: Bearer ${access_token}`];
      const good = await sendRaw(port, { target: `http://${host}/`, host, lines });
      expect(good).toMatchObject({ status: 200, text: expect.stringMatching(/^x-api:/im) });
    });

    it('is not reached by the path of the question', async () => {
      for (const target of ['/_check', '/check']) {
        const { status, headers } = await call(undefined, {}, target);

        expect([401, 404]).toContain(status);
        expect(headers['x-api']).toBeUndefined();
      }
    });
  });
}

describe('an API behind haproxy with /check (CK-1)', () => {
  afterAll(cleanUp);

  it('is not reached where the script that asks breaks off', async () => {
    const broken =
      'core.register_action("check", { "http-req" }, function() error("no more") end, 0)';
    const front = await startHaproxy(await findFreePort(), await startApi(), broken);

    const { status, headers } = await ask(front);

    expect([status, headers['x-api']]).toEqual([503, undefined]);
  });
});
