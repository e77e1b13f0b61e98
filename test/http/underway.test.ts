import { describe, expect, it } from 'vitest';
import { createUnderway, type Origin } from '../../internal/telemetry/underway.ts';
import { HOST, startHttp } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

describe('a request that is under way', () => {
  it('is known by its id with the address of its peer, until it is answered', async () => {
    const underway = createUnderway();
    const found: (Origin | undefined)[] = [];
    let id = '';
    const { target } = await startHttp({
      deps: { underway },
      endpoints: {
        jwks: async ({ requestId }) => {
          id = requestId;
          found.push(underway.find(requestId));
          return { kind: 'json', status: 200, body: {} };
        },
      },
    });

    await ask(target, ['GET /jwks.json HTTP/1.1', HOST]);

    expect(found).toEqual([{ peer: '127.0.0.1', traceId: undefined }]);
    expect(underway.find(id)).toBeUndefined();
  });

  for (const [what, path] of [
    ['refused', '/nowhere'],
    ['answered by an endpoint that fails', '/jwks.json'],
  ] as const) {
    it(`is forgotten when it is ${what}`, async () => {
      const begun: string[] = [];
      const whole = createUnderway();
      const underway = {
        ...whole,
        begin: (id: string, origin: Origin) => {
          begun.push(id);
          whole.begin(id, origin);
        },
      };
      const { target } = await startHttp({
        deps: { underway },
        endpoints: {
          jwks: async () => {
            throw new Error('broken');
          },
        },
      });

      await ask(target, [`GET ${path} HTTP/1.1`, HOST]);

      expect(begun).toHaveLength(1);
      expect(begun.map((id) => underway.find(id))).toEqual([undefined]);
    });
  }
});
