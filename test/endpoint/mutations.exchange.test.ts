import { describe, expect, it } from 'vitest';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../internal/protocol/names.ts';
import {
  ACCESS_TOKEN,
  createExchange,
  exchanger,
  JWT,
  ORDERS,
  PARTNER,
} from '../support/exchange.ts';
import { mutate, send, toWire } from '../support/mutations.ts';
import { type Answer, basic, identify } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

// The gateway may exchange tokens of shop, which are alice's here; its twin those of shop2, which are
// bob's. The attacker has everything of the twin.

const accessClaims = ({ json }: Answer) => claimsOf(String(json['access_token']));

describe('token exchange: mutations of a valid request (TX-1, TX-2)', () => {
  it('give no token about another, for another, or that does more', async () => {
    const test = await createExchange({
      clients: [exchanger('acting', { clients: ['shop'], actorIssuers: ['self'] })],
    });
    const alices = await test.accessToken();
    const bob = { client_id: 'shop2', scope: 'openid orders:read orders:list' };
    const bobs = (await test.signIn(bob, identify('bob'))).access_token;
    const tokenOf = async (caller: string) =>
      String((await test.token({ grant_type: 'client_credentials' }, caller)).json['access_token']);
    const honest = toWire(
      {
        grant_type: TOKEN_EXCHANGE,
        subject_token: alices,
        subject_token_type: ACCESS_TOKEN,
        actor_token: await tokenOf('acting'),
        actor_token_type: ACCESS_TOKEN,
        requested_token_type: ACCESS_TOKEN,
        audience: ORDERS,
        resource: ORDERS,
        scope: 'orders:read',
      },
      basic('acting'),
    );
    const attackers = {
      grant_type: 'client_credentials',
      subject_token: bobs,
      subject_token_type: JWT,
      actor_token: await tokenOf('gateway2'),
      actor_token_type: JWT,
      requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token',
      audience: 'shop',
      resource: 'https://shop.example',
      scope: 'orders:list',
    };
    let refused = 0;

    for (const { what, same, swapped, wire } of mutate(honest, attackers, basic('gateway2'))) {
      const answer = await send(test, 'token', wire);

      if (same) expect(answer.status, what).toBe(200);
      expect([200, 400, 401], what).toContain(answer.status);
      if (answer.status !== 200) {
        refused += 1;
        continue;
      }
      if (swapped === 'grant_type') continue;
      expect(accessClaims(answer), what).toMatchObject({
        sub: 'alice',
        client_id: 'acting',
        aud: ORDERS,
        act: { sub: 'acting' },
      });
      expect(['orders:read', 'orders:read email'], what).toContain(answer.json['scope']);
    }

    expect(refused).toBeGreaterThan(100);
  });
});

describe('jwt-bearer: mutations of a valid request (JB-1)', () => {
  it('give no token about another, nor a second one, and spend nothing when refused', async () => {
    const test = await createExchange();
    const build = (assertion: string) => ({
      grant_type: JWT_BEARER,
      assertion,
      scope: 'api:read',
      resource: ORDERS,
    });
    const count = [...mutate(toWire(build('x'), basic('batch')), {}, 'x')].length;
    let refused = 0;

    for (let index = 0; index < count; index += 1) {
      const jti = `assertion-${index}`;
      const honest = toWire(build(await test.partner.sign({ jti })), basic('batch'));
      const theirs = await test.partner.sign({ sub: 'bob', client_id: 'batch2' });
      const attackers = { ...build(theirs), scope: 'admin', resource: PARTNER };
      const mutant = [...mutate(honest, attackers, basic('batch3'))][index];
      if (mutant === undefined) throw new Error('the fields changed');
      const answer = await send(test, 'token', mutant.wire);

      if (mutant.same) expect(answer.status, mutant.what).toBe(200);
      expect([200, 400, 401], mutant.what).toContain(answer.status);
      if (answer.status === 200) {
        expect(accessClaims(answer)['sub'], mutant.what).toBe('alice');
        expect(['api:read', 'api:read api:write'], mutant.what).toContain(answer.json['scope']);
      } else {
        refused += 1;
      }
      const again = (await send(test, 'token', honest)).status;
      expect(again, mutant.what).toBe(answer.status === 200 ? 400 : 200);
    }

    expect(refused).toBeGreaterThan(40);
  });
});
