// What `asteroid dev` does before anybody has chosen: where it listens, and what it says.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../support/free-port.ts';
import { runProgram, spawnProgram, startProgram, UPSTREAM_SECRET } from '../support/program.ts';
import { ask } from '../support/raw-http.ts';

const listening = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: String(typeof address === 'object' ? address?.port : '') };
};

describe('the ports of asteroid dev', () => {
  it('are named when they are taken, with the option that chooses another', async () => {
    const taken = await listening();
    const free = String(await findFreePort());

    const [own, admin] = await Promise.all([
      runProgram(['dev', '--port', taken.port, '--admin-port', '0']),
      runProgram(['dev', '--port', free, '--admin-port', taken.port]),
    ]);
    taken.server.close();

    for (const [{ code, stderr }, option] of [
      [own, '--port'],
      [admin, '--admin-port'],
    ] as const) {
      expect(code).toBe(1);
      expect(stderr).toContain(`port ${taken.port} is taken by another program`);
      expect(stderr).toContain(`${option} 0`);
    }
  }, 60_000);
});

describe('asteroid dev for containers', () => {
  it('listens beyond loopback only when told so, and stays the issuer of this machine', async () => {
    const port = String(await findFreePort());
    const args = ['dev', '--host', '0.0.0.0', '--port', port, '--admin-port', '0'];
    const child = spawnProgram([...args, '--container-host', 'host.docker.internal'], {
      env: { ASTEROID_DEV_EXPOSE: '1' },
    });
    while (!child.stdout().includes('From containers')) {
      await new Promise((go) => setTimeout(go, 20));
    }
    const get = (path: string, host: string) =>
      ask({ port: Number(port) }, [`GET ${path} HTTP/1.1`, `Host: ${host}`]);
    const { body } = await get('/.well-known/openid-configuration', `host.docker.internal:${port}`);

    expect(JSON.parse(body)).toMatchObject({
      issuer: `http://localhost:${port}`,
      authorization_endpoint: `http://localhost:${port}/authorize`,
      token_endpoint: `http://host.docker.internal:${port}/token`,
    });
    expect((await get('/choose', `localhost:${port}`)).status).toBe(200);
    expect((await get('/choose', `192.168.1.7:${port}`)).status).toBe(421);
    expect(child.stdout()).toContain(`http://host.docker.internal:${port}/.well-known/`);
    child.process.kill('SIGTERM');
    expect(await child.exit).toBe(0);

    const hidden = await runProgram(args);
    expect([hidden.code, /ASTEROID_DEV_EXPOSE=1/.test(hidden.stderr)]).toEqual([78, true]);
  }, 60_000);
});

describe('what a person meets in asteroid dev', () => {
  it('does not exist under serve: no page, and a cookie is any other cookie', async () => {
    const program = await startProgram();
    const proven = [`X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}`, 'Host: sso.example'];
    const query = 'client_id=app&response_type=code&scope=openid&state=s&redirect_uri=';
    const target = `/authorize?${query}${encodeURIComponent('https://rp.example/callback')}`;
    const authorize = (...more: readonly string[]) =>
      ask(program.public, [`GET ${target} HTTP/1.1`, ...proven, ...more]);

    for (const method of ['GET', 'POST']) {
      const { status } = await ask(program.public, [`${method} /choose HTTP/1.1`, ...proven]);
      expect(status).toBe(404);
    }
    expect((await authorize('Cookie: asteroid-choice=alice')).status).toBe(401);
    expect((await authorize('X-Authenticated-User: alice')).status).toBe(303);
  });
});
