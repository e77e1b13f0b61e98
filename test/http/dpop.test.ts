import { describe, expect, it } from 'vitest';
import { invalidGrant, useDpopNonce } from '../../internal/protocol/errors.ts';
import { FORM, HOST, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const BODY = 'grant_type=client_credentials';
const TOKEN = ['POST /token HTTP/1.1', HOST, FORM, `Content-Length: ${BODY.length}`];

describe('DPoP over HTTP (RFC 9449 §4.1, §8; DP-2)', () => {
  it('hands two headers to nobody as one, and says that there were two', async () => {
    const { target, asked } = await startHttp();

    await ask(target, [...TOKEN, 'DPoP: one', 'dpop: two'], BODY);
    await ask(target, [...TOKEN, 'DPOP: one'], BODY);

    const [two, one] = asked.map(({ request }) => request);
    expect([two?.headers['dpop'], two?.repeatedHeaders]).toEqual([undefined, ['dpop']]);
    expect([one?.headers['dpop'], one?.repeatedHeaders]).toEqual(['one', []]);
  });

  it('sends the nonce of a refusal, where a script of another site can read it', async () => {
    const { target } = await startHttp({
      endpoints: {
        token: async () => {
          throw useDpopNonce({ headers: { 'DPoP-Nonce': 'nonce-1' } });
        },
      },
    });

    const { status, headers, body } = await ask(
      target,
      [...TOKEN, 'Origin: https://spa.example'],
      BODY,
    );

    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ error: 'use_dpop_nonce' });
    expect(headers['dpop-nonce']).toBe('nonce-1');
    expect(headers['access-control-expose-headers']).toContain('DPoP-Nonce');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('sends none with another refusal', async () => {
    const { target } = await startHttp({
      endpoints: {
        token: async () => {
          throw invalidGrant();
        },
      },
    });

    expect((await ask(target, TOKEN, BODY)).headers).not.toHaveProperty('dpop-nonce');
  });

  it('sends the nonce beside claims, be they JSON or signed', async () => {
    const headers = { 'DPoP-Nonce': 'nonce-2' };
    for (const answer of [
      { kind: 'json', status: 200, body: {}, headers },
      { kind: 'text', status: 200, mediaType: 'application/jwt', body: 'a.b.c', headers },
    ] as const) {
      const { target } = await startHttp({ endpoints: { userinfo: async () => answer } });

      const response = await ask(target, ['GET /userinfo HTTP/1.1', HOST]);

      expect(response.headers['dpop-nonce']).toBe('nonce-2');
    }
  });
});
