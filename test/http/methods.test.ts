import { describe, expect, it } from 'vitest';
import { FORM, HOST, PATHS, startHttp } from '../support/http-app.ts';
import { ask, sendRaw } from '../support/raw-http.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'] as const;

describe('methods (G-1, RFC 9110 §15.5.6)', () => {
  for (const { path, methods, endpoint, cors } of PATHS) {
    const allowed = cors ? [...methods, 'OPTIONS'] : methods;

    for (const method of METHODS.filter((name) => !allowed.includes(name))) {
      it(`${method} ${path} is 405 with Allow, and the endpoint is not asked`, async () => {
        const { target, asked } = await startHttp();

        const answer = await ask(
          target,
          [`${method} ${path} HTTP/1.1`, HOST, FORM, 'Content-Length: 3', 'X-Secret: hush'],
          'a=b',
        );

        expect(answer.status).toBe(405);
        expect(answer.headers['allow']).toBe(allowed.join(', '));
        expect(answer.body).not.toContain('hush');
        expect(asked).toEqual([]);
      });
    }

    for (const method of methods) {
      it(`${method} ${path} reaches the endpoint ${endpoint}`, async () => {
        const { target, asked } = await startHttp();

        const answer = await ask(target, [`${method} ${path} HTTP/1.1`, HOST]);

        expect([200, 303]).toContain(answer.status);
        expect(asked.map((one) => one.endpoint)).toEqual([endpoint]);
        expect(asked[0]?.request.method).toBe(method);
      });
    }
  }

  it('a method that nobody registered is 400, and the connection ends', async () => {
    const { target, asked } = await startHttp();

    const { answers, closed } = await sendRaw(target, `FOO /token HTTP/1.1\r\n${HOST}\r\n\r\n`);

    expect(answers.map(({ status }) => status)).toEqual([400]);
    expect(closed).toBe(true);
    expect(asked).toEqual([]);
  });

  it('an unknown path is 404 in JSON that repeats nothing of it', async () => {
    const { target } = await startHttp();

    const answer = await ask(target, ['GET /no-such-<script>?secret=hush HTTP/1.1', HOST]);

    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({
      error: 'not_found',
      error_description: 'there is nothing at this address',
    });
  });
});

describe('HEAD (G-2, RFC 9110 §9.3.2)', () => {
  for (const { path } of PATHS.filter(({ methods }) => methods.includes('HEAD'))) {
    it(`of ${path} has the headers of GET and no body`, async () => {
      const { target } = await startHttp();
      const varying = ['date', 'x-request-id'];
      const headersOf = async (method: string) => {
        const { headers, body } = await ask(target, [`${method} ${path} HTTP/1.1`, HOST]);
        const kept = Object.entries(headers).filter(([name]) => !varying.includes(name));
        return { headers: Object.fromEntries(kept), body };
      };

      const get = await headersOf('GET');
      const head = await headersOf('HEAD');

      expect(head.headers).toEqual(get.headers);
      expect(Number(head.headers['content-length'])).toBe(get.body.length);
      expect(head.body).toBe('');
    });
  }

  it('of /authorize is 405: a link preview makes no code', async () => {
    const { target, asked, identified } = await startHttp();

    const { status, body } = await ask(target, ['HEAD /authorize?client_id=a HTTP/1.1', HOST]);

    expect(status).toBe(405);
    expect(body).toBe('');
    expect(asked).toEqual([]);
    expect(identified).toEqual([]);
  });
});
