import { afterEach, describe, expect, it } from 'vitest';
import { createOperations } from '../../internal/admin/operations.ts';
import { createAdminApp } from '../../internal/http/admin.ts';
import { type Listener, listen } from '../../internal/http/listen.ts';
import { buildTable } from '../../internal/http/routes.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { ask } from '../support/raw-http.ts';
import { DECLARED, startAdmin } from '../unit/admin.fixture.ts';

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.drain(0)));
});

const ADMIN = 'X-Asteroid-Admin: 1';
const HOST = 'Host: 127.0.0.1:8881';

async function start({ operator = true } = {}) {
  const admin = startAdmin();
  const issuerUrl = 'https://sso.example/tenant';
  const table = buildTable(issuerUrl, 'all');
  const app = createAdminApp({
    ready: async () => [],
    draining: () => false,
    isOutdated: () => false,
    log: createLog({ level: 'info', format: 'json', destination: { write: () => undefined } }),
    ...(operator
      ? {
          operator: {
            operations: createOperations(admin),
            issuerUrl,
            declared: () => DECLARED,
            table,
          },
        }
      : {}),
  });
  const listener = await listen(app, { address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
  open.push(listener);
  const call = async (line: string, ...lines: readonly string[]) => {
    const answer = await ask({ port: listener.port ?? 0 }, [`${line} HTTP/1.1`, ...lines]);
    return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  };
  return { ...admin, call };
}

describe('/admin/v1/doctor (O2)', () => {
  it('starts a recording and tells what the doctor has to know', async () => {
    const { call } = await start();

    const { status, headers, json } = await call('POST /admin/v1/doctor', HOST, ADMIN);

    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(json).toMatchObject({ issuer: 'https://sso.example/tenant', headers: DECLARED });
    expect(json.canary).toMatch(/^[0-9a-f]{64}$/);
    expect(json.routes).toContainEqual({
      path: '/tenant/authorize',
      endpoint: 'authorize',
      listener: 'browser',
      readsIdentity: true,
      methods: ['GET', 'POST'],
    });
    expect(json.routes).toContainEqual({
      path: '/tenant/token',
      endpoint: 'token',
      listener: 'back',
      readsIdentity: false,
      methods: ['POST'],
    });
  });

  it('tells what was seen, without a canary', async () => {
    const { call, recorder } = await start();
    const { json } = await call('POST /admin/v1/doctor', HOST, ADMIN);
    const seen = { probe: 'p1', route: 'token', refused: undefined, verdict: undefined };
    recorder.note({ ...seen, rawHeaders: ['X-Authenticated-User', `${json.canary}.p1`] });

    const { status, body } = await call('GET /admin/v1/doctor', HOST);

    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ full: false, sightings: [{ probe: 'p1' }] });
    expect(body).not.toContain(json.canary);
  });

  it('is 409 while one is on, and 201 after it was ended', async () => {
    const { call } = await start();
    const begin = async () => (await call('POST /admin/v1/doctor', HOST, ADMIN)).status;

    expect([await begin(), await begin()]).toEqual([201, 409]);
    expect((await call('DELETE /admin/v1/doctor', HOST, ADMIN)).status).toBe(204);
    expect((await call('GET /admin/v1/doctor', HOST)).status).toBe(404);
    expect(await begin()).toBe(201);
  });

  for (const method of ['POST', 'DELETE']) {
    it(`refuses ${method} without the header that no page may send to another site`, async () => {
      const { call, recorder } = await start();
      recorder.start();

      for (const lines of [[], ['X-Asteroid-Admin: 0'], ['X-Asteroid-Admin:'], [ADMIN, ADMIN]]) {
        const { status, json } = await call(`${method} /admin/v1/doctor`, HOST, ...lines);
        expect([status, json]).toEqual([403, { error: 'admin_header' }]);
      }
      expect(recorder.read()).toBeDefined();
    });
  }

  it('allows no other site anything: no CORS, and no Origin', async () => {
    const { call } = await start();
    const origin = 'Origin: https://evil.example';

    const preflight = await call('OPTIONS /admin/v1/doctor', HOST, origin);
    const post = await call('POST /admin/v1/doctor', HOST, ADMIN, origin);

    expect(preflight.status).toBe(403);
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    expect([post.status, post.json]).toEqual([403, { error: 'cross_site' }]);
  });
});

describe('the Host of an operator (T13)', () => {
  const GETS = ['GET /admin/v1/doctor', 'GET /debug/identity'];

  for (const host of [
    'evil.example:8881',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'x',
  ]) {
    it(`is not ${host}, a name that a page could have pointed here`, async () => {
      const { call } = await start();

      for (const line of GETS) expect((await call(line, `Host: ${host}`)).status).toBe(421);
      expect((await call('POST /admin/v1/doctor', `Host: ${host}`, ADMIN)).status).toBe(421);
      expect((await call('GET /livez', `Host: ${host}`)).status).toBe(200);
    });
  }

  for (const host of ['localhost:8881', 'LOCALHOST', '127.0.0.1', '[::1]:8881', '10.1.2.3:80']) {
    it(`may be ${host}`, async () => {
      const { call } = await start();

      expect((await call('GET /debug/identity', `Host: ${host}`)).status).toBe(200);
    });
  }

  it('is sent once', async () => {
    const { call } = await start();

    expect((await call('GET /debug/identity', HOST, HOST)).status).toBe(421);
  });
});

describe('/debug/identity (O17)', () => {
  it('tells what arrived, the latest first', async () => {
    const { call, identityLog } = await start();
    for (const requestId of ['r1', 'r2']) {
      identityLog.remember({
        requestId,
        route: 'authorize',
        peer: undefined,
        rawHeaders: ['X-Authenticated-User', 'alice'],
        outcome: 'refused',
        failed: 'untrusted_peer',
      });
    }

    const { status, headers, json, body } = await call('GET /debug/identity', HOST);

    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-store');
    expect(json.requests.map((request: { request_id: string }) => request.request_id)).toEqual([
      'r2',
      'r1',
    ]);
    expect(json.requests[0].advice.sentence).toContain('upstream.trust');
    expect(body).not.toContain('alice');
  });
});

describe('a listener for probes alone (T32)', () => {
  it('has no operations', async () => {
    const { call } = await start({ operator: false });

    for (const line of ['POST /admin/v1/doctor', 'GET /admin/v1/doctor', 'GET /debug/identity']) {
      expect((await call(line, HOST, ADMIN)).status).toBe(404);
    }
    expect((await call('GET /livez', HOST)).status).toBe(200);
  });
});
