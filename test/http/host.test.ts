import { describe, expect, it } from 'vitest';
import { HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const FOREIGN = 'Host: evil.example';

describe('Host (G-16, T13)', () => {
  for (const { path, methods, person } of PATHS) {
    const [method] = methods;

    it(`${path} under a foreign Host is ${person ? '421' : 'answered: programs call by service name'}`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await ask(target, [`${method} ${path} HTTP/1.1`, FOREIGN]);

      expect(status).toBe(person ? 421 : 200);
      expect(asked.length).toBe(person ? 0 : 1);
    });

    it(`${path} under a foreign Host is 421 where every Host has to be ours`, async () => {
      const { target, asked } = await startHttp({ deps: { strictHost: true } });

      const foreign = await ask(target, [`${method} ${path} HTTP/1.1`, FOREIGN]);
      const own = await ask(target, [`${method} ${path} HTTP/1.1`, HOST]);

      expect(foreign.status).toBe(421);
      expect([200, 303]).toContain(own.status);
      expect(asked.length).toBe(1);
    });

    it(`${path} with two Host lines is 400`, async () => {
      const { target, asked } = await startHttp();

      const { status } = await ask(target, [`${method} ${path} HTTP/1.1`, HOST, FOREIGN]);

      expect(status).toBe(400);
      expect(asked).toEqual([]);
    });
  }

  for (const lines of [
    ['GET /authorize HTTP/1.1'],
    ['GET /authorize HTTP/1.0'],
    ['GET /jwks.json HTTP/1.0'],
    ['GET /jwks.json HTTP/1.1', 'Host:'],
  ]) {
    it(`${lines.join(' with ')} and no name in Host is 400`, async () => {
      const { target, asked } = await startHttp();

      expect((await ask(target, lines)).status).toBe(400);
      expect(asked).toEqual([]);
    });
  }

  for (const { name, expected } of [
    { name: 'op.example', expected: 303 },
    { name: 'OP.Example', expected: 303 },
    { name: 'op.example:443', expected: 303 },
    { name: 'other.example', expected: 303 },
    { name: 'op.example:80', expected: 421 },
    { name: 'op.example:8443', expected: 421 },
    { name: 'op.example.', expected: 421 },
    { name: 'op.example.evil.example', expected: 421 },
    { name: 'evil.example@op.example', expected: 421 },
    { name: 'op.example, evil.example', expected: 421 },
    { name: '127.0.0.1', expected: 421 },
  ]) {
    it(`the name ${name} at /authorize is answered with ${expected}`, async () => {
      const { target } = await startHttp({ deps: { allowedHosts: ['Other.example'] } });

      expect((await ask(target, ['GET /authorize HTTP/1.1', `Host: ${name}`])).status).toBe(
        expected,
      );
    });
  }

  it('a foreign Host at an unknown path is 404, or 421 where every Host has to be ours', async () => {
    const lax = await startHttp();
    const strict = await startHttp({ deps: { strictHost: true } });
    const lines = ['GET /nothing HTTP/1.1', FOREIGN];

    expect((await ask(lax.target, lines)).status).toBe(404);
    expect((await ask(strict.target, lines)).status).toBe(421);
  });

  it('headers that name another host, path or scheme change nothing', async () => {
    const { target, asked } = await startHttp();
    const forwarded = [
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Prefix: /evil',
      'X-Forwarded-Port: 1',
      'X-Forwarded-For: 127.0.0.1',
      'Forwarded: host=evil.example;proto=http',
      'X-Original-URL: /authorize',
      'X-Rewrite-URL: /authorize',
      'X-Forwarded-Uri: /authorize',
      'X-HTTP-Method-Override: POST',
    ];

    const plain = await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);
    const answer = await ask(target, ['GET /jwks.json HTTP/1.1', HOST, ...forwarded]);

    expect(answer.body).toBe(plain.body);
    expect(asked.map(({ endpoint }) => endpoint)).toEqual(['jwks', 'jwks']);
    expect(answer.lines.join('\n')).not.toContain('evil');
  });
});
