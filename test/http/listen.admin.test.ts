import { afterEach, describe, expect, it } from 'vitest';
import { type AdminDeps, createAdminApp } from '../../internal/http/admin.ts';
import { type Listener, listen } from '../../internal/http/listen.ts';
import { createLog } from '../../internal/telemetry/log.ts';
import { ask } from '../support/raw-http.ts';

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.drain(0)));
});

async function get(path: string, deps: Partial<AdminDeps> = {}, ...lines: readonly string[]) {
  let log = '';
  const destination = {
    write: (line: string) => {
      log += line;
    },
  };
  const app = createAdminApp({
    ready: async () => [{ name: 'store', ready: true }],
    draining: () => false,
    isOutdated: () => false,
    log: createLog({ level: 'info', format: 'json', destination }),
    ...deps,
  });
  const listener = await listen(app, { address: { kind: 'tcp', host: '127.0.0.1', port: 0 } });
  open.push(listener);
  const head = [`GET ${path} HTTP/1.1`, 'Host: 10.0.0.7:8881', ...lines];
  return { ...(await ask({ port: listener.port ?? 0 }, head)), log: () => log };
}

describe('the listener of the operator (T32)', () => {
  it('is alive whatever its dependencies do', async () => {
    const ready = async () => {
      throw new Error('down');
    };

    const { status, body } = await get('/livez', { ready, draining: () => true });

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({ status: 'live' });
  });

  it('is ready when all its dependencies are', async () => {
    const { status, body } = await get('/readyz');

    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      status: 'ready',
      draining: false,
      configuration: 'current',
      dependencies: { store: 'ready' },
    });
  });

  it('is not ready without one of them, and says which', async () => {
    const ready = async () => [
      { name: 'store', ready: false },
      { name: 'keys', ready: true },
    ];

    const { status, body } = await get('/readyz', { ready });

    expect(status).toBe(503);
    expect(JSON.parse(body).dependencies).toEqual({ store: 'not ready', keys: 'ready' });
  });

  it('is not ready from the moment a stop was asked for', async () => {
    const { status, body } = await get('/readyz', { draining: () => true });

    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ status: 'not ready', draining: true });
  });

  it('is ready with a configuration that is older than its files, and says that it is', async () => {
    const { status, body } = await get('/readyz', { isOutdated: () => true });

    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: 'ready', configuration: 'outdated' });
  });

  it('is 500 without a word about it when readiness cannot be told', async () => {
    const ready = async () => {
      throw new Error('redis://user:hush@redis');
    };

    const { status, body, log } = await get('/readyz', { ready });

    expect(status).toBe(500);
    expect(JSON.parse(body)).toEqual({ error: 'server_error' });
    expect(log()).toContain('admin request failed');
  });

  // A proxy may ask like that, and has to be understood (RFC 9112 §3.2.2).
  for (const [target, word] of [
    ['http://10.0.0.7:8881/livez', 'live'],
    ['HTTP://probe.example/livez?from=far', 'live'],
    ['https://10.0.0.7/readyz', 'ready'],
  ] as const) {
    it(`answers a probe of ${target}`, async () => {
      const { status, body } = await get(target);

      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({ status: word });
    });
  }

  for (const path of ['http://10.0.0.7', 'http:///livez', 'ftp://10.0.0.7/livez']) {
    it(`has no probe at ${path}`, async () => {
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
    });
  }

  for (const path of ['/', '/authorize', '/LIVEZ', '/livez/', '/%6civez', '/%', '//livez']) {
    it(`has nothing at ${path}`, async () => {
      const { status, headers, body } = await get(path);

      expect(status).toBe(404);
      expect(JSON.parse(body)).toEqual({ error: 'not_found' });
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['etag']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    });
  }
});
