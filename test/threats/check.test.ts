import { describe, expect, it } from 'vitest';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
} from '../support/program.ts';
import { ALICE, ask, authorize, codeOf, HOST, redeem, SECRET, user } from './threats.fixture.ts';

const API = 'https://api.example';
const PATH = `/check?audience=${API}&scope=orders.read`;

const CLIENTS: readonly Metadata[] = [
  {
    client_id: 'app',
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    resources: [API],
  },
];
const SCOPES: Metadata = { 'orders.read': { description: 'your orders', claims: ['room'] } };

const start = (config: Metadata = { check: { enabled: true } }): Promise<Program> =>
  startProgram({ clients: CLIENTS, config: { scopes: SCOPES, ...config } });

async function tokenOf(program: Program, identity = ALICE, scope = 'openid orders.read') {
  const request = authorize({ scope, resource: API });
  const code = codeOf(await ask(program.public, [request, HOST, SECRET, identity]));
  const { access_token } = await redeem(program.public, code ?? '');
  return `Authorization: Bearer ${access_token}`;
}

describe('/check over HTTP (CK-1, CK-6)', () => {
  it('tells a proxy who the token is about', async () => {
    const program = await start();
    const token = await tokenOf(program, user('bob@example.test'));

    const answer = await ask(program.public, [`GET ${PATH} HTTP/1.1`, HOST, token]);

    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'x-auth-subject': 'bob@example.test',
      'x-auth-client-id': 'app',
      'x-auth-scope': 'openid orders.read',
      'x-auth-audience': API,
      'cache-control': 'no-store',
    });
  });

  it('believes the token, and no header that says who somebody is', async () => {
    const program = await start();
    const token = await tokenOf(program);
    const lies = ['X-Auth-Subject: root', SECRET, user('root')];

    const lines = [`GET ${PATH} HTTP/1.1`, HOST, ...lies];

    expect((await ask(program.public, lines)).status).toBe(401);
    expect((await ask(program.public, [...lines, token])).headers['x-auth-subject']).toBe('alice');
  });

  it('answers Envoy, which asks by the method of the request', async () => {
    const program = await start();
    const token = await tokenOf(program);

    for (const method of ['POST', 'DELETE', 'PATCH']) {
      const lines = [`${method} ${PATH} HTTP/1.1`, HOST, 'Content-Length: 0', token];
      expect((await ask(program.public, lines)).status).toBe(200);
    }
  });

  it('lets nobody in by two tokens, by a path that is nearly its own, or with a body', async () => {
    const program = await start();
    const token = await tokenOf(program);
    const at = (path: string, ...more: readonly string[]) =>
      ask(program.public, [`GET ${path} HTTP/1.1`, HOST, token, ...more]);

    expect((await at(PATH)).status).toBe(200);
    expect((await at(PATH, 'Authorization: Bearer x')).status).toBe(400);
    expect((await at(PATH.replace('/check', '/check/'))).status).toBe(404);
    expect((await at(PATH.replace('/check', '/%63heck'))).status).toBe(404);
    expect((await at(PATH.replace('orders.read', 'orders%ff'))).status).toBe(400);
    expect((await at(PATH, 'Content-Length: 1')).status).toBe(400);
  });

  it('is there for the proxies that programs go through, not behind the one of browsers', async () => {
    const listen = { public: { port: 0 }, browser: { port: 0 }, admin: { port: 0 } };
    const program = await start({ check: { enabled: true }, listen });

    const lines = [`GET ${PATH} HTTP/1.1`, HOST];

    expect((await ask(program.public, lines)).status).toBe(401);
    expect((await ask(program.at('browser'), lines)).status).toBe(404);
  });

  it('does not exist unless it is switched on', async () => {
    for (const config of [{}, { check: {} }, { check: { original: 'x-original' } }]) {
      const program = await start(config);
      const token = await tokenOf(program);

      const answer = await ask(program.public, [`GET ${PATH} HTTP/1.1`, HOST, token]);

      expect(answer.status).toBe(404);
    }
  });
});

describe('scopes of one’s own, from the file to the wire (AZ-6, TC-5)', () => {
  it('are advertised, granted, and release their claims', async () => {
    const upstream = {
      trust: { secret: { files: ['upstream'] } },
      headers: { extra: { room: { name: 'X-Room' } } },
    };
    const program = await start({ upstream });
    const metadata = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      HOST,
    ]);

    const request = authorize({ scope: 'openid orders.read' });
    const lines = [request, HOST, SECRET, ALICE, 'X-Room: B12'];
    const code = codeOf(await ask(program.public, lines));
    const { access_token } = await redeem(program.public, code ?? '');
    const userinfo = await ask(program.public, [
      'GET /userinfo HTTP/1.1',
      HOST,
      `Authorization: Bearer ${access_token}`,
    ]);

    expect(JSON.parse(metadata.body)).toMatchObject({
      scopes_supported: expect.arrayContaining(['openid', 'orders.read']),
      claims_supported: expect.arrayContaining(['name', 'room']),
    });
    expect(JSON.parse(userinfo.body)).toEqual({ sub: 'alice', room: 'B12' });
  });
});
