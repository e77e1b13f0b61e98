import { beforeAll, describe, expect, it } from 'vitest';
import { DEVICE_CODE } from '../../internal/protocol/names.ts';
import { CLIENT_SECRET, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import {
  ALICE,
  APP,
  ask,
  attempt,
  authorize,
  codeOf,
  FORM,
  HOST,
  honest,
  redeem,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
} from './threats.fixture.ts';

const BROWSER = ['/authorize', '/consent', '/account', '/device', '/end_session', '/sign_out'];
const BACK = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/jwks.json',
  '/token',
  '/userinfo',
  '/introspect',
  '/revoke',
  '/device_authorization',
  '/signed_out',
];

describe('listen.browser: a listener of its own for what reads an identity (T14, T33)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startProgram({
      clients: [
        {
          client_id: 'app',
          client_secret: CLIENT_SECRET,
          redirect_uris: [REDIRECT_URI],
          grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
        },
      ],
      config: {
        listen: {
          public: { port: 0 },
          browser: { socket: 'browser.sock' },
          admin: { port: 0 },
        },
        upstream: { trust: { unix_socket: true } },
      },
    });
  });

  const statusOf = async (listener: 'public' | 'browser', method: string, path: string) => {
    const lines = [`${method} ${path} HTTP/1.1`, HOST, FORM, 'Content-Length: 0', SECRET, ALICE];
    return (await ask(program.at(listener), lines)).status;
  };

  for (const path of BROWSER) {
    it(`${path} exists there alone`, async () => {
      for (const method of ['GET', 'POST', 'PUT']) {
        expect(await statusOf('public', method, path)).toBe(404);
        expect(await statusOf('browser', method, path)).not.toBe(404);
      }
    });
  }

  for (const path of BACK) {
    it(`${path} does not exist there`, async () => {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        expect(await statusOf('browser', method, path)).toBe(404);
        expect(await statusOf('public', method, path)).not.toBe(404);
      }
    });
  }

  for (const path of ['/livez', '/readyz', '/choose', '/']) {
    it(`${path} exists on neither`, async () => {
      expect(await statusOf('browser', 'GET', path)).toBe(404);
      expect(await statusOf('public', 'GET', path)).toBe(404);
    });
  }

  it('signs in over the socket, and the code is redeemed at the other', async () => {
    const target = program.at('browser');

    expect(await attempt(program, unproven(ALICE), { target })).toEqual(SIGNED_IN);
    expect(await attempt(program, unproven(), { target })).toEqual(refused(401));
  });

  it('makes no code for anybody who reaches the other', async () => {
    for (const lines of [unproven(ALICE), honest(), unproven()]) {
      expect(await attempt(program, lines)).toEqual(refused(404, 'path_unknown'));
    }
  });

  it('redeems no code where codes are made', async () => {
    const target = program.at('browser');
    const code = codeOf(await ask(target, unproven(ALICE))) ?? '';
    const answer = ask(target, ['POST /token HTTP/1.1', HOST, FORM, `Authorization: ${APP}`]);

    expect((await answer).status).toBe(404);
    expect(await redeem(program.public, code, ALICE)).toHaveProperty('id_token');
  });

  it('asks for the Host of the issuer, whatever the socket is called', async () => {
    const lines = [authorize(), 'Host: localhost', ALICE];

    expect(await attempt(program, lines, { target: program.at('browser') })).toEqual(
      refused(421, 'host_foreign'),
    );
  });

  it('names one issuer in discovery, on one listener', async () => {
    const { body } = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      'Host: asteroid.auth.svc:8880',
    ]);

    expect(JSON.parse(body)).toMatchObject({
      issuer: 'https://sso.example',
      authorization_endpoint: 'https://sso.example/authorize',
      token_endpoint: 'https://sso.example/token',
    });
  });
});

describe('listen.browser over TCP', () => {
  it('needs the proof there, and gives nothing for it at the other', async () => {
    const program = await startProgram({
      config: {
        listen: { public: { port: 0 }, browser: { port: 0 }, admin: { port: 0 } },
      },
    });
    const target = program.at('browser');

    expect(await attempt(program, unproven(ALICE), { target })).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(await attempt(program, honest(), { target })).toEqual(SIGNED_IN);
    expect(await attempt(program, honest())).toEqual(refused(404, 'path_unknown'));
    await expect(signIn(program)).rejects.toThrow('no code');
  });
});

describe('listen.health: probes on a listener of their own', () => {
  it('answers probes and nothing else', async () => {
    const program = await startProgram({
      config: { listen: { public: { port: 0 }, admin: { port: 0 }, health: { port: 0 } } },
    });
    const target = program.at('health');

    for (const path of ['/livez', '/readyz']) {
      expect((await ask(target, [`GET ${path} HTTP/1.1`, 'Host: 10.0.0.7:8882'])).status).toBe(200);
    }
    expect(await attempt(program, honest(), { target })).toMatchObject({ status: 404 });
  });
});
