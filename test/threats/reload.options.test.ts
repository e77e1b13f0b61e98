// Everything that a reload takes, each as its user sees it; what it cannot take as a whole, it does not
// take at all.

import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import {
  CLIENT_SECRET,
  type Metadata,
  type Program,
  REDIRECT_URI,
  startProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { until } from '../support/until.ts';
import {
  ALICE,
  ask,
  attempt,
  authorize,
  codeOf,
  HOST,
  honest,
  redeem,
  refused,
  SECRET,
  SIGNED_IN,
  signIn,
  unproven,
} from './threats.fixture.ts';

/** With other sections of asteroid.yaml, which is reloaded. */
async function reloadWith(program: Program, sections: Metadata): Promise<void> {
  const { folder } = program;
  const before = JSON.parse(await readFile(folder.configFile, 'utf8'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...before, ...sections }));
  await program.reload();
}

const get = async (program: Program, path: string, ...lines: readonly string[]) =>
  ask(program.public, [`GET ${path} HTTP/1.1`, HOST, ...lines]);
const discovery = async (program: Program) =>
  JSON.parse((await get(program, '/.well-known/openid-configuration')).body);
const lastOf = (program: Program, message: string) =>
  program.logged().findLast(({ msg }) => msg === message);

/** A service that knows everybody, and says which one it is. @param held answers wait until it is released. */
async function startPeople(department: string) {
  let release = (): void => undefined;
  let waiting: Promise<void> = Promise.resolve();
  let asked = 0;
  const server: Server = createServer(async (request, response) => {
    asked += 1;
    await waiting;
    const sub = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ sub, email: `${sub}@${department}.example` }));
  });
  onTestFinished(() => {
    release();
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));
  return {
    userinfo: {
      backends: [{ type: 'http', url: `http://127.0.0.1:${port}/{sub}`, cache_ttl: '0s' }],
    },
    asked: () => asked,
    connections,
    hold() {
      waiting = new Promise((resolve) => {
        release = resolve;
      });
    },
    release: () => release(),
  };
}

describe('a reload takes at once (CF-6)', () => {
  it('another header of the secret of the proxy: the one of before proves nothing', async () => {
    const program = await startProgram();
    const secret = { files: ['upstream'], header: 'X-Next-Secret' };

    await reloadWith(program, { upstream: { trust: { secret } } });

    expect(await attempt(program, honest())).toEqual(refused(403, 'upstream_secret'));
    const next = unproven(`X-Next-Secret: ${UPSTREAM_SECRET}`, ALICE);
    expect(await attempt(program, next)).toEqual(SIGNED_IN);
  });

  it('other headers of the End-User, and where who is nobody signs in', async () => {
    const program = await startProgram();
    const { trust } = JSON.parse(await readFile(program.folder.configFile, 'utf8')).upstream;
    const login_url = ['https://proxy.example/start?rd=$', '{url}'].join('');
    const headers = { subject: { name: 'X-Next-User' } };

    await reloadWith(program, { upstream: { trust, headers, login_url } });

    const { lines } = await ask(program.public, [authorize(), HOST, SECRET, ALICE]);
    expect(lines.join('\n')).toContain('https://proxy.example/start?rd=');
    expect(await attempt(program, unproven(SECRET, 'X-Next-User: alice'))).toEqual(SIGNED_IN);
  });

  it('lifetimes, scopes, policy, bases, registration and checks', async () => {
    const program = await startProgram();
    const before = await discovery(program);
    expect(before.registration_endpoint).toBeUndefined();
    expect((await get(program, '/check')).status).toBe(404);

    await reloadWith(program, {
      lifetimes: { access_token: '7m' },
      scopes: { 'reports:read': { description: 'reports' } },
      policy: { acr_values_supported: ['mfa'] },
      endpoints: { backchannel_base: 'https://back.example' },
      registration: { open: true, redirect_uris: { hosts: ['rp.example'] } },
      check: { enabled: true },
      dpop: { nonce: 'required' },
    });

    expect(await signIn(program)).toMatchObject({ expires_in: 420 });
    const after = await discovery(program);
    expect(after.scopes_supported).toContain('reports:read');
    expect(after.acr_values_supported).toEqual(['mfa']);
    expect(after.token_endpoint).toBe('https://back.example/token');
    expect(after.registration_endpoint).toBe('https://back.example/register');
    expect((await get(program, '/check')).status).toBe(400);
    // Whoever watches the file may have been first.
    const told = program.logged().filter(({ msg }) => msg === 'reloaded');
    expect(told.flatMap(({ restart_needed }) => restart_needed)).toEqual([]);
    expect(told.flatMap(({ options_changed }) => options_changed)).toEqual(
      expect.arrayContaining([
        ...['lifetimes.access_token: 3600 → 420', 'scopes', 'policy.acr_values_supported'],
        ...['endpoints.backchannel_base', 'check.enabled: false → true', 'dpop.nonce'],
      ]),
    );
  });

  it('and a section that is gone is gone', async () => {
    const program = await startProgram({ config: { check: { enabled: true } } });

    await reloadWith(program, { check: { enabled: false } });

    expect((await get(program, '/check')).status).toBe(404);
  });

  it('other userinfo backends: a request that began asks those of before, which end with it', async () => {
    const [first, second] = [await startPeople('first'), await startPeople('second')];
    const program = await startProgram({ config: { userinfo: first.userinfo } });
    const code = codeOf(await ask(program.public, honest())) ?? '';
    first.hold();
    const asked = first.asked();
    const under = redeem(program.public, code);
    await until(() => first.asked() > asked);

    await reloadWith(program, { userinfo: second.userinfo });
    expect(await signIn(program)).toHaveProperty('id_token');
    expect(second.asked()).toBeGreaterThan(0);
    expect(await first.connections()).toBeGreaterThan(0);
    first.release();

    expect(await under).toHaveProperty('id_token');
    await until(async () => (await first.connections()) === 0);
    expect(first.asked()).toBe(asked + 1);
  });

  it('and keeps a backend that nothing was said about, with its connections', async () => {
    const people = await startPeople('first');
    const program = await startProgram({ config: { userinfo: people.userinfo } });
    await signIn(program);

    await reloadWith(program, { lifetimes: { access_token: '7m' } });

    expect(await people.connections()).toBe(1);
  });
});

describe('a reload that fails while parts of it are open already', () => {
  const leaf = createAuthority('clients').issue({ dns: ['app.example'] });

  it('leaves everything in force, names the option, and the next good one counts', async () => {
    const people = await startPeople('next');
    const program = await startProgram({ files: { 'leaf.pem': leaf.cert } });
    const proxy = {
      ...{ header: 'X-Client-Cert', format: 'rfc9440', client_ca_file: 'leaf.pem' },
      trust: { secret: { files: ['upstream'], header: 'X-Certificate-Secret' } },
    };

    await reloadWith(program, {
      ...{ mtls: { proxy }, userinfo: people.userinfo, lifetimes: { access_token: '7m' } },
    });

    const told = lastOf(program, 'reload failed: everything stays as it was');
    expect(String(told?.['problems'])).toContain('mtls.proxy.client_ca_file');
    expect(await signIn(program)).toMatchObject({ expires_in: 3600 });
    expect(people.asked()).toBe(0);
    const { body } = await ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST]);
    expect(JSON.parse(body).configuration).toBe('outdated');
    expect(lastOf(program, 'configuration.refused')).toMatchObject({ reason: 'not_opened' });

    const before = JSON.parse(await readFile(program.folder.configFile, 'utf8'));
    const { mtls: _mtls, ...good } = before;
    await program.folder.write('asteroid.yaml', JSON.stringify(good));
    await program.reload();
    expect(await signIn(program)).toMatchObject({ expires_in: 420 });
    expect(people.asked()).toBeGreaterThan(0);
  });
});

describe('what is on record of a reload', () => {
  it('names what changed, and never says what a secret or a text is', async () => {
    const program = await startProgram();
    const next = 'the-secret-after-the-rotation-9876543210';
    await program.folder.write('upstream', `${next}\n`);
    await program.folder.writeClients([
      { client_id: 'app', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
      { client_id: 'wiki', client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI] },
    ]);
    await reloadWith(program, {
      policy: { service_documentation: 'https://who:knows@wiki.example/' },
      listen: { public: { port: 0 }, admin: { port: 0 }, health: { port: 0 } },
    });

    await until(() => lastOf(program, 'configuration.reloaded') !== undefined);
    const events = program.logged().filter(({ msg }) => msg === 'configuration.reloaded');
    const all = JSON.stringify(events);
    expect(all).toContain('upstream.trust.secret.files');
    expect(all).toContain('wiki');
    expect(all).toContain('policy.service_documentation');
    expect(all).toContain('listen.health.port');
    for (const secret of [next, CLIENT_SECRET, 'who:knows']) {
      expect(program.logText()).not.toContain(secret);
    }
  });

  it('has the line of what is wrong', async () => {
    const program = await startProgram();
    await program.folder.write('asteroid.yaml', 'issuer: https://sso.example\nlifetime: {}\n');
    await program.reload();

    const refusal = lastOf(program, 'configuration.refused');
    expect(refusal).toMatchObject({ audit: true, reason: 'configuration_invalid' });
    expect(String(refusal?.['problems'])).toMatch(/asteroid\.yaml:2: /);
  });
});
