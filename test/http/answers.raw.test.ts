import { describe, expect, it } from 'vitest';
import { startHttp } from '../support/http-app.ts';

const ask = (port: number, path = '/jwks.json'): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`);

/** Settles when somebody says so. */
function later() {
  let settle = (): void => undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

describe('what an issuer that misbehaves sends', () => {
  it('is any text, with its own status, type and headers, and those of every answer', async () => {
    const { target } = await startHttp({
      endpoints: {
        jwks: async () => ({
          kind: 'text',
          status: 503,
          mediaType: 'text/html; charset=utf-8',
          body: '<h1>5 §</h1>',
          headers: { 'Retry-After': '7' },
        }),
      },
    });
    const response = await ask(target.port);

    expect([response.status, await response.text()]).toEqual([503, '<h1>5 §</h1>']);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is nothing, and the end of the connection', async () => {
    const { target, logged } = await startHttp({
      endpoints: { jwks: async () => ({ kind: 'silence', until: Promise.resolve() }) },
    });

    await expect(ask(target.port)).rejects.toThrow();
    expect(logged()).toContainEqual(expect.objectContaining({ route: 'jwks', msg: 'request' }));
    expect((await ask(target.port, '/.well-known/openid-configuration')).status).toBe(200);
  });

  it('is nothing until it ends, and takes no place from others meanwhile', async () => {
    const { promise, settle } = later();
    const { target } = await startHttp({
      endpoints: { jwks: async () => ({ kind: 'silence', until: promise }) },
      limits: { requests: 1 },
    });
    let over = false;
    const lost = ask(target.port).then(
      () => 'answered',
      () => 'no answer',
    );
    void lost.then(() => {
      over = true;
    });
    const other = await ask(target.port, '/.well-known/openid-configuration');

    expect([other.status, over]).toEqual([200, false]);
    settle();
    expect(await lost).toBe('no answer');
  });
});
