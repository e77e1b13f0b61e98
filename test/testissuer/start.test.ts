import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import { ask } from '../support/raw-http.ts';
import { authorizeUrl, CALLBACK, complaint, get, start, visit } from './testissuer.fixture.ts';

const portOf = ({ url }: { readonly url: string }): number => Number(new URL(url).port);

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });

describe('startTestIssuer', () => {
  it('listens on a port of its own, however many there are at once', async () => {
    const issuers = await Promise.all(Array.from({ length: 8 }, () => start()));

    expect(new Set(issuers.map(portOf)).size).toBe(8);
    for (const { url } of issuers) {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      const { json } = await get(`${url}/.well-known/openid-configuration`);
      expect(json.issuer).toBe(url);
    }
  });

  it('needs no options: nobody may ask for anything, and nobody exists', async () => {
    const { url, ...issuer } = await startTestIssuer();
    const refused = await fetch(authorizeUrl({ url }));
    await issuer.stop();

    expect(refused.status).toBe(400);
  });

  it('takes the port that it is given, and says so when that is taken', async () => {
    const first = await startTestIssuer();
    const port = portOf(first);
    const taken = await complaint(() => startTestIssuer({ port }));
    await first.stop();
    const second = await startTestIssuer({ port });
    await second.stop();

    expect(taken).toContain(`cannot listen on http://127.0.0.1:${port}: another program listens`);
    expect(taken).toContain('leave out `port`');
    expect(second.url).toBe(first.url);
  });

  it('says all that is wrong with the options at once, and listens for nothing then', async () => {
    const { url: _, ...free } = await startTestIssuer();
    await free.stop();
    const wrong = await complaint(() =>
      startTestIssuer({
        clients: [{ client_id: 'web', redirect_uri: ['http://localhost:3000/cb'] }],
        users: [{ sub: 'alice' }, { sub: 'bob', email: 'nowhere' }],
        config: { lifetimes: { access_token: '5 minutes' }, polcy: {} },
      }),
    );

    expect(wrong.split('\n')).toEqual([
      'Misuse: the options are not sound:',
      expect.stringMatching(/^ {2}config\.lifetimes\.access_token: has to be a length of time/),
      expect.stringMatching(/^ {2}config\.polcy: is not a known key; did you mean policy\?/),
      expect.stringMatching(/^ {2}clients\[0\]\.redirect_uri: .*did you mean redirect_uris\?/),
      '  users[1].email: has to be an e-mail address',
    ]);
  });

  it('takes no option that there is not, of itself or of an isolated issuer', async () => {
    const root = await start();
    const misspelt: object = { client: [] };
    const placed: object = { port: 8880 };

    expect(await complaint(() => startTestIssuer(misspelt))).toContain('did you mean clients?');
    expect(await complaint(() => root.test(misspelt))).toContain('did you mean clients?');
    expect(await complaint(() => root.test(placed))).toContain('there is no port');
  });

  it('is of no use once it was stopped, and says so', async () => {
    const root = await start();
    const { stop, ...issuer } = await root.test();
    await stop();
    const stopped = 'Misuse: this issuer was stopped; stop it later, or start another';

    expect(await complaint(() => issuer.issue({ as: 'alice', client: 'web' }))).toBe(stopped);
    expect(await complaint(() => issuer.clients.remove('web'))).toBe(stopped);
    expect(await root.issue({ as: 'alice', client: 'web' })).toHaveProperty('access_token');
  });

  it.each([
    ['clients', { clients: [{ client_id: 'web' }] }, 'clients[0].redirect_uris'],
    ['users', { users: [{ sub: 'a b' }] }, 'users[0].sub'],
    ['config', { config: { policy: 1 } }, 'config.policy'],
  ])('refuses %s that are all that is wrong', async (_, options, key) => {
    expect(await complaint(() => startTestIssuer(options))).toContain(`\n  ${key}: `);
  });

  for (const [section, config] of Object.entries({
    issuer: { issuer: 'https://sso.example' },
    listen: { listen: { public: { host: '0.0.0.0' } } },
    clients: { clients: { file: '/etc/clients.yaml' } },
    workers: { workers: 2 },
  })) {
    it(`leaves no test to decide ${section}`, async () => {
      expect(await complaint(() => startTestIssuer({ config }))).toMatch(
        `Misuse: config.${section}: `,
      );
      const issuer = await start();
      expect(await complaint(() => issuer.test({ config }))).toMatch(`Misuse: config.${section}: `);
    });
  }

  it('is never started where it would be production', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    const refused = await complaint(() => startTestIssuer());
    vi.unstubAllEnvs();

    expect(refused).toMatch('Misuse: a test issuer lets anybody be anybody');
  });

  it('does as the environment says in nothing', async () => {
    vi.stubEnv('ASTEROID_ISSUER', 'https://sso.example');
    vi.stubEnv('ASTEROID_LIFETIMES_ACCESS_TOKEN', '1m');
    const issuer = await start();
    const { expires_in } = await issuer.issue({ client: 'machine' });
    vi.unstubAllEnvs();

    expect(issuer.url).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(expires_in).toBe(3600);
  });

  it('does as the configuration says', async () => {
    const issuer = await start({ config: { lifetimes: { access_token: '5m' } } });

    expect(await issuer.issue({ client: 'machine' })).toMatchObject({ expires_in: 300 });
  });

  it('keeps nothing of what is changed in the options afterwards', async () => {
    const alice = { sub: 'alice', name: 'Alice Example' };
    const web = { client_id: 'web', token_endpoint_auth_method: 'none', redirect_uris: [CALLBACK] };
    const issuer = await start({ clients: [web], users: [alice] });
    alice.name = 'Mallory';
    web.redirect_uris = ['https://evil.example/cb'];
    const isolated = await issuer.test();

    const { access_token } = await isolated.issue({ as: 'alice', client: 'web' });
    expect((await get(`${isolated.url}/userinfo`, access_token)).json.name).toBe('Alice Example');
    const query = { redirect_uri: 'https://evil.example/cb' };
    expect((await fetch(authorizeUrl(isolated, query))).status).toBe(400);
  });
});

describe('what is asked of it', () => {
  it('has to name it as it is called: another name is somebody else’s page', async () => {
    const issuer = await start();
    const isolated = await issuer.test();
    const port = portOf(issuer);
    const status = async (host: string, path: string) =>
      (await ask({ port }, [`GET ${path} HTTP/1.1`, `Host: ${host}`])).status;

    for (const { url } of [issuer, isolated]) {
      const path = `${new URL(url).pathname.replace(/\/$/, '')}/jwks.json`;
      expect(await status(`127.0.0.1:${port}`, path)).toBe(200);
      expect(await status(`localhost:${port}`, path)).toBe(200);
      expect(await status('rebound.example', path)).toBe(421);
      expect(await status(`rebound.example:${port}`, path)).toBe(421);
    }
  });

  it('is strict: no unregistered redirect URI, no PKCE left out, no wrong secret', async () => {
    const issuer = await start();
    issuer.signIn('alice');
    const spa = await visit(authorizeUrl(issuer, { client_id: 'spa' }));
    const evil = await fetch(authorizeUrl(issuer, { redirect_uri: 'https://evil.example/' }));
    const form = new URLSearchParams({ grant_type: 'client_credentials' });
    const headers = { Authorization: `Basic ${btoa('machine:wrong')}` };
    const wrong = await fetch(`${issuer.url}/token`, { method: 'POST', headers, body: form });

    expect(spa.searchParams.get('error')).toBe('invalid_request');
    expect(evil.status).toBe(400);
    expect(wrong.status).toBe(401);
    expect((await visit(authorizeUrl(issuer))).searchParams.has('code')).toBe(true);
  });
});

describe('stop', () => {
  it('ends the listener, every time it is asked', async () => {
    const issuer = await startTestIssuer();
    const port = portOf(issuer);
    const before = await isListening(port);
    await Promise.all([issuer.stop(), issuer.stop()]);
    await issuer.stop();

    expect(before).toBe(true);
    expect(await isListening(port)).toBe(false);
  });

  it('waits for nobody who keeps a connection', async () => {
    const issuer = await startTestIssuer();
    const port = portOf(issuer);
    const socket = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const head = ['POST /token HTTP/1.1', `Host: 127.0.0.1:${port}`, type, 'Content-Length: 9'];
    socket.write(`${head.join('\r\n')}\r\n\r\ngrant`);

    await issuer.stop();
    await ended;
  });
});
