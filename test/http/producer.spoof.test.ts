// Whatever a client says in the proxy's own names never reaches the app; what is the client's own does.

import { describe, expect, it } from 'vitest';
import { PRODUCTS } from '../../internal/producer/products/table.ts';
import { PRESET_NAMES } from '../../internal/protocol/presets.ts';
import { fold } from '../../internal/upstream/scan.ts';
import { type Arrived, linesNamed, type Stand, stand } from '../support/producer.ts';
import { ask, sendRaw } from '../support/raw-http.ts';

const names = PRESET_NAMES.filter((name) => name !== 'custom');

const last = ({ app }: Stand): Arrived => {
  const arrived = app.arrived.at(-1);
  if (arrived === undefined) throw new Error('nothing reached the app');
  return arrived;
};

/** Of each header everything that could pass for it. */
const spellings = (name: string): readonly string[] => [
  name,
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll('-', '_'),
  name.replaceAll('-', '.'),
  name.replace('-', '_'),
];

const foldedNames = ({ rawHeaders }: Arrived): readonly string[] =>
  rawHeaders.filter((_, at) => at % 2 === 0).map(fold);

const get = ({ port }: Stand, ...lines: readonly string[]) =>
  ask({ port }, ['GET /page HTTP/1.1', `Host: localhost:${port}`, ...lines]);

describe('a client that says who it is in the words of the proxy', () => {
  for (const name of names) {
    it(`is nobody behind ${name}, however it spells them`, async () => {
      const standing = await stand(name, { open: true });
      const forged = standing.producer.names;

      const { status } = await get(
        standing,
        ...forged.flatMap((one) => spellings(one).map((spelling) => `${spelling}: mallory`)),
        'X-Mine: kept',
      );

      expect(status).toBe(200);
      expect(linesNamed(last(standing), 'X-Mine')).toEqual(['kept']);
      for (const one of forged) expect(foldedNames(last(standing))).not.toContain(fold(one));
      expect(last(standing).rawHeaders.join(' ')).not.toContain('mallory');
    });

    it(`is alice alone behind ${name} when alice is signed in`, async () => {
      const standing = await stand(name, { as: 'alice' });
      await get(standing);
      const honest = last(standing);

      await get(
        standing,
        ...standing.producer.names.flatMap((one) => [`${one}: mallory`, `${one}: mallory`]),
        // An honest proxy removes what is named here from what the client sent, never what it adds.
        `Connection: close, ${standing.producer.names.join(', ')}`,
      );

      expect(last(standing).rawHeaders.join(' ')).not.toContain('mallory');
      for (const one of standing.producer.names) {
        expect(linesNamed(last(standing), one)).toHaveLength(linesNamed(honest, one).length);
      }
      expect(linesNamed(last(standing), standing.producer.names[0] ?? '')).not.toEqual([]);
    });
  }

  it('cannot say where it comes from, except before what the proxy knows', async () => {
    const replacing = await stand('traefik-forwardauth', { as: 'alice' });
    const appending = await stand('pomerium', { as: 'alice' });
    const lie = ['X-Forwarded-For: 10.0.0.1', 'X-Real-Ip: 10.0.0.1', 'X_Forwarded_Host: evil'];

    await get(replacing, ...lie);
    await get(appending, ...lie);

    expect(linesNamed(last(replacing), 'X-Forwarded-For')).toEqual(['127.0.0.1']);
    expect(linesNamed(last(replacing), 'X-Real-Ip')).toEqual(['127.0.0.1']);
    expect(foldedNames(last(replacing)).filter((one) => one === 'x-forwarded-host')).toHaveLength(
      1,
    );
    expect(linesNamed(last(appending), 'X-Forwarded-For')).toEqual(['10.0.0.1, 127.0.0.1']);
  });

  it('owns no name of a family, also one that no preset reads', async () => {
    const authentik = await stand('authentik-headers', { open: true });

    await get(
      authentik,
      'X-Authentik-Meta-Jwks: https://evil.example/jwks',
      'X-Authenticator: mine',
    );

    expect(foldedNames(last(authentik))).not.toContain('x-authentik-meta-jwks');
    expect(linesNamed(last(authentik), 'X-Authenticator')).toEqual(['mine']);
  });
});

describe('a header about the connection', () => {
  it('is not passed on, nor is any that Connection names', async () => {
    const standing = await stand('oauth2-proxy', { as: 'alice' });

    await get(
      standing,
      'Connection: keep-alive, x-HOP , TE',
      ...['X-Hop: gone', 'X-Hops: kept', 'TE: trailers', 'Keep-Alive: timeout=5'],
      ...['Proxy-Authorization: Basic YTpi', 'Proxy-Connection: keep-alive'],
    );

    expect(linesNamed(last(standing), 'X-Hops')).toEqual(['kept']);
    for (const name of ['X-Hop', 'TE', 'Keep-Alive', 'Proxy-Authorization', 'Proxy-Connection']) {
      expect(linesNamed(last(standing), name)).toEqual([]);
    }
    expect(linesNamed(last(standing), 'Connection')).toEqual(['close']);
  });
});

describe('the header for tools', () => {
  it('never reaches the app, whoever it names and however it is spelled', async () => {
    const standing = await stand('authelia', { open: true });

    await get(standing, 'X-Asteroid-As: bob', 'X_Asteroid_As: alice');

    expect(linesNamed(last(standing), 'Remote-User')).toEqual(['bob']);
    expect(foldedNames(last(standing))).not.toContain('x-asteroid-as');
  });

  it('is refused twice, for a stranger, and from a page of another site', async () => {
    const standing = await stand('authelia', { open: true });
    const as = 'X-Asteroid-As: bob';

    const twice = await get(standing, as, as);
    const stranger = await get(standing, 'X-Asteroid-As: mallory');
    const foreign = await get(standing, as, 'Origin: https://evil.example');
    const crossSite = await get(standing, as, 'Sec-Fetch-Site: cross-site');
    const own = await get(standing, as, `Origin: http://localhost:${standing.port}`);

    expect([twice, stranger, foreign, crossSite, own].map(({ status }) => status)).toEqual([
      400, 400, 403, 403, 200,
    ]);
    expect(stranger.body).toBe('X-Asteroid-As: there is no such End-User; there are alice, bob\n');
    expect(standing.app.arrived).toHaveLength(1);
  });
});

describe('a request that wants to be two', () => {
  const SECOND = 'GET /admin HTTP/1.1\r\nHost: localhost\r\nRemote-User: admin\r\n\r\n';

  it('reaches the app as one whose body is what the parser says', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    const { port } = standing;
    for (const connection of ['Content-Length', 'Transfer-Encoding', 'close']) {
      await ask(
        { port },
        [
          'POST /form HTTP/1.1',
          `Host: localhost:${port}`,
          `Connection: ${connection}`,
          `Content-Length: ${SECOND.length}`,
        ],
        SECOND,
      );

      expect(last(standing)).toMatchObject({ method: 'POST', url: '/form', body: SECOND });
    }
    expect(standing.app.arrived.map(({ url }) => url)).toEqual(['/form', '/form', '/form']);
  });

  it('has one length, also for an app to which an underscore is a hyphen', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    const { port } = standing;
    await ask(
      { port },
      [
        ...['POST /form HTTP/1.1', `Host: localhost:${port}`, `Content-Length: ${SECOND.length}`],
        ...['Content_Length: 0', 'content.length: 0', 'Transfer_Encoding: chunked'],
        ...['Proxy_Connection: keep-alive', 'X-Content_Length: 7'],
      ],
      SECOND,
    );

    const names = foldedNames(last(standing));
    expect(names.filter((name) => name === 'content-length')).toHaveLength(1);
    expect(names).not.toContain('transfer-encoding');
    expect(names).not.toContain('proxy-connection');
    expect(linesNamed(last(standing), 'X-Content_Length')).toEqual(['7']);
    expect(last(standing)).toMatchObject({ method: 'POST', url: '/form', body: SECOND });
  });

  it('is refused where it says in two ways how long it is', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    const { port } = standing;
    const start = ['POST /form HTTP/1.1', `Host: localhost:${port}`];
    const requests = [
      [...start, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      [...start, 'Content-Length: 5', 'Content-Length: 6'],
      [...start, 'Transfer-Encoding: chunked, identity'],
      [...start, 'Content-Length : 5'],
      [...start, 'X-A: b\n  Remote-User: admin'],
    ];
    for (const lines of requests) {
      const { answers } = await sendRaw(
        { port },
        `${lines.join('\r\n')}\r\n\r\n0\r\n\r\n${SECOND}`,
      );

      expect(answers.map(({ status }) => status)).toEqual([400]);
    }
    expect(standing.app.arrived).toEqual([]);
  });

  it('has one Host, which is ours, and a path', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    const { port } = standing;
    const statusOf = async (...lines: readonly string[]) => (await ask({ port }, lines)).status;
    const own = `Host: localhost:${port}`;

    expect(await statusOf('GET / HTTP/1.1', 'Host: evil.example')).toBe(421);
    expect(await statusOf('GET / HTTP/1.1', `Host: evil.example:${port}`)).toBe(421);
    expect(await statusOf('GET / HTTP/1.1', `Host: localhost.evil.example:${port}`)).toBe(421);
    expect(await statusOf('GET / HTTP/1.1', own, 'Host: evil.example')).toBe(400);
    expect(await statusOf('GET http://evil.example/ HTTP/1.1', own)).toBe(400);
    expect(await statusOf('GET / HTTP/1.0')).toBe(400);
    expect(standing.app.arrived).toEqual([]);
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
      expect(await statusOf('GET / HTTP/1.1', `Host: ${host}:${port}`)).toBe(200);
    }
  });

  it('never gets a connection that nobody looks at', async () => {
    const standing = await stand('authelia', { as: 'alice' });
    const { port } = standing;

    const tunnel = await sendRaw(
      { port },
      `CONNECT localhost:${port} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n${SECOND}`,
    );
    const h2c = await ask({ port }, [
      ...['GET /page HTTP/1.1', `Host: localhost:${port}`, 'Connection: Upgrade, HTTP2-Settings'],
      ...['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
    ]);

    expect(tunnel.answers).toEqual([]);
    expect(h2c.status).toBe(200);
    expect(standing.app.arrived.map(({ url }) => url)).toEqual(['/page']);
    for (const name of ['Upgrade', 'HTTP2-Settings']) {
      expect(linesNamed(last(standing), name)).toEqual([]);
    }
  });

  it('is refused in plain words where an upgrade that nobody makes has a body', async () => {
    const { app, port } = await stand('authelia', { as: 'alice' });
    const lines = ['POST /page HTTP/1.1', `Host: localhost:${port}`, 'Content-Length: 2'];
    const upgrade = ['Connection: Upgrade', 'Upgrade: h2c'];

    const { status } = await ask({ port }, [...lines, ...upgrade], 'ab');

    // Newer lines of Node leave the request as it is, and the body arrives.
    expect([200, 501]).toContain(status);
    expect(app.arrived).toHaveLength(status === 200 ? 1 : 0);
  });
});

describe('a path that is nearly one of the producer', () => {
  it('belongs to the app, and is never made into it', async () => {
    const standing = await stand('oauth2-proxy', { as: 'alice' });
    const { port } = standing;
    for (const path of [
      ...['/x/../.asteroid/who', '/%2easteroid/who', '/\\.asteroid/who', '//.asteroid/who'],
      ...[
        '/OAUTH2/sign_out',
        '/oauth2/sign_out/',
        '/oauth2%2Fsign_out',
        '/x/%2e%2e/oauth2/sign_out',
      ],
    ]) {
      await ask({ port }, [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`]);

      expect(last(standing).url).toBe(path);
    }
    const own = await ask({ port }, ['GET /.asteroid/who?a HTTP/1.1', `Host: localhost:${port}`]);
    expect(JSON.parse(own.body)).toMatchObject({ sub: 'alice' });
    expect(standing.app.arrived).toHaveLength(8);
  });
});

describe('the cookies of the producer', () => {
  it('are not passed on, and all others are, as they were', async () => {
    const standing = await stand('cloudflare-access', { open: true });
    const left = await fetch(`${standing.producer.url}/.asteroid/sign-out`);
    const [own = ''] = (left.headers.get('set-cookie') ?? '').split('=');

    await get(
      standing,
      `Cookie: a=1; ${own}=x;  b="2; ${own} = y; c=3; ${own}`,
      'Cookie: CF_Authorization=forged',
    );

    expect(own).toMatch(/^asteroid-emit-/);
    expect(linesNamed(last(standing), 'Cookie')).toEqual(['a=1; b="2; c=3']);
  });

  it('hold the assertion where the product sends it so', async () => {
    const standing = await stand('cloudflare-access', { as: 'alice' });
    const [header] = standing.producer.names;

    await get(standing, 'Cookie: CF_Authorization=forged; a=1');
    const [token] = linesNamed(last(standing), header ?? '');
    expect(linesNamed(last(standing), 'Cookie')).toEqual([`a=1; CF_Authorization=${token}`]);

    await get(standing);
    expect(linesNamed(last(standing), 'Cookie')).toHaveLength(1);
  });
});

it('every product has a preset, so that its names are those of the preset', () => {
  expect(names).toEqual(names.filter((name) => Object.hasOwn(PRODUCTS, name)));
});
