// Registration in the whole program: off unless it is wanted, and what broke others that offer it.

import { describe, expect, it } from 'vitest';
import { type Metadata, type Program, REDIRECT_URI, startProgram } from '../support/program.ts';
import { ask, authorize, HOST, SECRET, user } from './threats.fixture.ts';

const INITIAL = 'Zk3u9QxW1rB7tYp0Lm5cVd8sHf2gJn6aKe4oTi';
const JSON_TYPE = 'Content-Type: application/json';
const TOKEN = `Authorization: Bearer ${INITIAL}`;

const start = (registration: Metadata = {}) =>
  startProgram({
    config: { registration: { initial_access_tokens: [{ file: 'initial' }], ...registration } },
    files: { initial: `${INITIAL}\n` },
  });

async function post(program: Program, body: unknown, ...lines: readonly string[]) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const length = `Content-Length: ${Buffer.byteLength(text)}`;
  const answer = await ask(
    program.public,
    ['POST /register HTTP/1.1', HOST, JSON_TYPE, length, ...lines],
    text,
  );
  const json: Record<string, unknown> = answer.body === '' ? {} : JSON.parse(answer.body);
  return { ...answer, json };
}

const manage = (program: Program, method: string, id: unknown, token: unknown) =>
  ask(program.public, [
    `${method} /register/${id} HTTP/1.1`,
    HOST,
    `Authorization: Bearer ${token}`,
  ]);

const portOf = ({ public: target }: Program): number => ('port' in target ? target.port : 0);

const HONEST = { redirect_uris: [REDIRECT_URI] };

describe('registration', () => {
  it('is not there unless the operator wants it', async () => {
    const program = await startProgram();

    expect((await post(program, HONEST, TOKEN)).status).toBe(404);
    const { body } = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      HOST,
    ]);
    expect(JSON.parse(body)).not.toHaveProperty('registration_endpoint');
  });

  it('registers, is looked after, and leaves no secret in the log (RG-1, RG-4)', async () => {
    const program = await start();
    const { status, headers, json } = await post(program, HONEST, TOKEN);
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    const { client_id: id, registration_access_token: token, client_secret: secret } = json;

    const page = await ask(program.public, [
      authorize({ client_id: String(id) }),
      HOST,
      SECRET,
      user('alice'),
    ]);
    expect(page.status, 'asks alice').toBe(200);
    expect(page.body).toContain('decision');
    expect((await manage(program, 'GET', id, token)).status).toBe(200);
    expect((await manage(program, 'DELETE', id, token)).status).toBe(204);
    expect((await manage(program, 'GET', id, token)).status).toBe(401);
    for (const told of [token, secret, INITIAL]) expect(program.logText()).not.toContain(told);
    expect(program.logged().map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['client.registered', 'client.deleted']),
    );
  });

  it('takes another initial access token once its file is another', async () => {
    const program = await start();
    const next = 'p9Rw2LkX7vQz4TnB1yHc6JdM3sFg8UaE5oViKt';
    await program.folder.write('initial', next);
    await program.reload();

    expect((await post(program, HONEST, TOKEN)).status).toBe(401);
    expect((await post(program, HONEST, `Authorization: Bearer ${next}`)).status).toBe(201);
  });

  it('is warned about where it is open', async () => {
    const program = await startProgram({ config: { registration: { open: true } } });

    expect((await post(program, HONEST)).status).toBe(201);
    expect(program.warnings.join('\n')).toContain('registration.open: lets anybody register');
  });
});

describe('what broke others', () => {
  it('redirects that run as script, internal key URLs and any scope (Spring AS CVE-2026-22752; RG-2)', async () => {
    const program = await start();
    for (const more of [
      { redirect_uris: ['javascript:alert(1)'] },
      { redirect_uris: ['data:text/html,<script>alert(1)</script>'] },
      { post_logout_redirect_uris: ['javascript:alert(1)'] },
      { scope: 'openid admin' },
      { jwks_uri: 'http://169.254.169.254/latest/meta-data' },
    ]) {
      const { status } = await post(program, { ...HONEST, ...more }, TOKEN);
      expect(status, JSON.stringify(more)).toBe(400);
    }
    expect((await post(program, { ...HONEST, scope: 'openid' }, TOKEN)).status).toBe(201);
  });

  it('a logo that the server fetched (MITREid CVE-2021-26715; RG-3)', async () => {
    const program = await start();
    // Where our own listener would hear of it.
    const own = `https://localhost:${portOf(program)}/logo.png`;
    expect((await post(program, { ...HONEST, logo_uri: own }, TOKEN)).status).toBe(201);

    const requests = program.logged().filter(({ msg }) => msg === 'request');
    expect(requests).toHaveLength(1);
  });

  it('a sector document inside the network (RG-3)', async () => {
    const program = await start();
    const uri = `https://127.0.0.1:${portOf(program)}/sector`;
    const { status, json } = await post(program, { ...HONEST, sector_identifier_uri: uri }, TOKEN);

    expect(status).toBe(400);
    expect(json['error_description']).toBe('sector_identifier_uri: could not be fetched');
    expect(program.logged()).toContainEqual(
      expect.objectContaining({ reason: 'sector_address_forbidden' }),
    );
  });

  it('sparse arrays and bodies that are no objects (oidc-provider 507c71f0, 84cef90c; RG-1)', async () => {
    const program = await start();
    for (const body of [
      '{"redirect_uris":[,"https://rp.example/callback"]}',
      '{"redirect_uris":[null,"https://rp.example/callback"]}',
      '[]',
      'null',
      '"x"',
      '1',
      'true',
      '',
    ]) {
      const { status, json } = await post(program, body, TOKEN);
      expect(status, body).toBe(400);
      expect(json['error'], body).toMatch(/^invalid_(?:client_metadata|redirect_uri)$/);
    }
  });

  it('names of prototypes (oidc-provider bf25eb5d; CF-4)', async () => {
    const program = await start();
    const { status } = await post(
      program,
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"redirect_uris":["https://rp.example/callback"]}',
      TOKEN,
    );

    expect(status).toBe(201);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
      expect((await manage(program, 'GET', name, 'x')).status).toBe(401);
      const page = await ask(program.public, [authorize({ client_id: name }), HOST, SECRET]);
      expect(page.headers['location']).toBeUndefined();
    }
  });
});
