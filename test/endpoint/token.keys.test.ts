import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer } from '../support/issuer.ts';

describe('token endpoint: a key that cannot be made', () => {
  it('is noticed before the code is spent, so that the code works once there is a key', async () => {
    const { keys } = createTestIssuer().deps;
    let isDown = true;
    const check = (alg: string) => {
      if (isDown && alg === 'RS256') throw new Unavailable('keys', 'no RS256 key');
    };
    const { code, redeem } = createTestIssuer({
      clients: [makeClient('rsa', { idTokenSignedResponseAlg: 'RS256' })],
      deps: {
        keys: {
          ...keys,
          prepare: async (alg) => {
            check(alg);
            await keys.prepare(alg);
          },
          sign: async (alg, typ, claims) => {
            check(alg);
            return keys.sign(alg, typ, claims);
          },
        },
      },
    });
    const text = await code({ client_id: 'rsa' });

    await expect(redeem(text, {}, 'rsa')).rejects.toThrow(Unavailable);
    isDown = false;

    expect((await redeem(text, {}, 'rsa')).status).toBe(200);
  });
});
