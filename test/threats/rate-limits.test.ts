import { describe, expect, it } from 'vitest';
import { CHALLENGE, VERIFIER } from '../support/pkce.ts';
import { CLIENT_SECRET, type Metadata, type Program, REDIRECT_URI } from '../support/program.ts';
import { basic } from '../support/requests.ts';
import {
  CLIENTS,
  EVE,
  exceeded,
  from,
  grant,
  HONEST,
  repeat,
  startLimited,
} from './rate-limits.fixture.ts';
import {
  ALICE,
  APP,
  ask,
  authorize,
  codeOf,
  HOST,
  honest,
  redeem,
  SECRET,
  submit,
  user,
} from './threats.fixture.ts';

const TOKEN: Metadata = { name: 'token', on: ['token'], by: 'client', limit: '3/1h' };
const FAILED = 'client_authentication_failed';
const GUESSES: Metadata = { name: 'guesses', on: [FAILED], by: 'client+peer', limit: '3/1h' };
const PEER: Metadata = { name: 'network', on: ['token', 'authorize'], by: 'peer', limit: '3/1h' };

describe('a limit of a client (DO-1)', () => {
  it('is told on every answer, and ends in 429 with Retry-After', async () => {
    const program = await startLimited([TOKEN]);

    const first = await grant(program, 'app');
    expect(first.status).toBe(200);
    expect(first.headers['ratelimit-policy']).toBe('"token";q=3;w=3600');
    expect(first.headers['ratelimit']).toBe('"token";r=2;t=1200');
    expect(await repeat(3, () => grant(program, 'app'))).toEqual([200, 200, 429]);
    const { headers, body } = await grant(program, 'app');

    expect(Number(headers['retry-after'])).toBeGreaterThan(1100);
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(1200);
    expect(headers['ratelimit']).toBe(`"token";r=0;t=${headers['retry-after']}`);
    expect(headers['ratelimit-policy']).toBe('"token";q=3;w=3600');
    expect(headers['www-authenticate']).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
    expect(JSON.parse(body)).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'too many requests; please wait as long as Retry-After says',
    });
  });

  it('is readable by a client that is a script in a browser, on a page by nobody', async () => {
    const program = await startLimited([TOKEN, PEER]);
    const origin = 'Origin: https://spa.example';
    const form = { grant_type: 'client_credentials' };
    const app = `Authorization: ${basic('app', CLIENT_SECRET)}`;
    const request = () => submit(program.public, '/token', form, app, origin, HONEST);

    const [first, , , last] = [await request(), await request(), await request(), await request()];
    expect([first.status, last.status]).toEqual([200, 429]);
    for (const { headers } of [first, last]) {
      expect(headers['access-control-allow-origin']).toBe('*');
      const exposed = headers['access-control-expose-headers']?.toLowerCase().split(', ');
      expect(exposed).toEqual(expect.arrayContaining(['ratelimit', 'ratelimit-policy']));
      expect(exposed).toContain('retry-after');
    }
    expect(Object.keys(first.headers)).toContain('ratelimit');
    expect(Object.keys(last.headers)).toContain('retry-after');

    const page = await ask(program.public, [authorize(), HOST, SECRET, ALICE, origin, HONEST]);
    expect(page.status).toBe(429);
    expect(Object.keys(page.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    );
  });

  it('is nobody else’s, and only what a client has proven counts', async () => {
    const program = await startLimited([TOKEN]);

    // Whoever does not know its secret spends nothing of its budget.
    const forged = await repeat(10, () => grant(program, 'app', EVE, 'wrong-secret'));
    expect(new Set(forged)).toEqual(new Set([401]));
    expect(await repeat(4, () => grant(program, 'app'))).toEqual([200, 200, 200, 429]);
    expect(await repeat(4, () => grant(program, 'other'))).toEqual([200, 200, 200, 429]);
  });

  it('is another one where clients.yaml says so', async () => {
    const program = await startLimited([TOKEN]);

    expect(await repeat(6, () => grant(program, 'big'))).toEqual([200, 200, 200, 200, 200, 429]);
    expect(new Set(await repeat(8, () => grant(program, 'free')))).toEqual(new Set([200]));
  });

  it('does not count who is exempt', async () => {
    const networks = ['198.51.100.0/24'];
    const program = await startLimited([{ ...TOKEN, exempt: { clients: ['app'], networks } }]);

    expect(new Set(await repeat(5, () => grant(program, 'app', EVE)))).toEqual(new Set([200]));
    expect(new Set(await repeat(5, () => grant(program, 'other')))).toEqual(new Set([200]));
    expect(await repeat(4, () => grant(program, 'other', EVE))).toEqual([200, 200, 200, 429]);
  });

  it('that is public is one for each peer, since anybody can say its name', async () => {
    const rule = { ...TOKEN, name: 'devices', on: ['device_authorization'] };
    const program = await startLimited([rule]);
    const start = (peer: string) =>
      submit(program.public, '/device_authorization', { client_id: 'tv', scope: 'openid' }, peer);

    expect(await repeat(4, () => start(EVE))).toEqual([200, 200, 200, 429]);
    expect((await start(HONEST)).status).toBe(200);
  });

  it('tells a device that polls to slow down, which does not make it give up (RFC 8628 §3.5)', async () => {
    const program = await startLimited([{ ...TOKEN, by: 'peer' }]);
    const poll = () =>
      submit(
        program.public,
        '/token',
        {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          client_id: 'tv',
          device_code: 'dc_x.y',
        },
        HONEST,
      );
    await repeat(3, poll);

    const { status, body } = await poll();
    expect(status).toBe(429);
    expect(JSON.parse(body)).toMatchObject({ error: 'slow_down' });
    expect(JSON.parse((await grant(program, 'app')).body)).toMatchObject({
      error: 'temporarily_unavailable',
    });
  });
});

describe('guesses at the secret of a client (CA-12)', () => {
  it('end in 429 for who guesses, also the right one, and the client goes on', async () => {
    const program = await startLimited([GUESSES]);

    const guesses = await repeat(5, () => grant(program, 'app', EVE, 'wrong-secret'));
    expect(guesses).toEqual([401, 401, 401, 429, 429]);
    // Else the answer would tell that it was right.
    expect((await grant(program, 'app', EVE)).status).toBe(429);
    expect((await grant(program, 'app', HONEST)).status).toBe(200);
    expect((await grant(program, 'other', EVE)).status).toBe(200);
  });

  it('are not what an honest client makes, however often it asks', async () => {
    const program = await startLimited([GUESSES]);

    expect(new Set(await repeat(12, () => grant(program, 'app')))).toEqual(new Set([200]));
    expect((await grant(program, 'app', HONEST, 'wrong-secret')).status).toBe(401);
    expect((await grant(program, 'app')).status).toBe(200);
  });

  it('cost nothing to verify any more, and look the same for clients that are none', async () => {
    const program = await startLimited([GUESSES]);
    const unknown = await repeat(5, () => grant(program, 'nobody', EVE, 'wrong-secret'));

    expect(unknown).toEqual([401, 401, 401, 429, 429]);
  });

  it('with one name after the other count for the peer, where a rule says so', async () => {
    const program = await startLimited([{ ...GUESSES, by: 'peer' }]);

    const guesses = await repeat(5, (n) => grant(program, `client-${n}`, EVE, 'wrong-secret'));
    expect(guesses).toEqual([401, 401, 401, 429, 429]);
    expect((await grant(program, 'app', HONEST)).status).toBe(200);
  });

  it('of many at once are all counted', async () => {
    const program = await startLimited([GUESSES]);

    const answers = await Promise.all(
      Array.from({ length: 30 }, () => grant(program, 'app', EVE, 'wrong-secret')),
    );

    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(27);
  });

  it('count at every endpoint at which clients authenticate', async () => {
    const program = await startLimited([GUESSES]);
    const wrong = `Authorization: ${basic('app', 'wrong-secret')}`;
    const guess = (path: string) => submit(program.public, path, { token: 'x' }, wrong, EVE);
    const paths = ['/introspect', '/revoke', '/par', '/introspect'];

    expect(await repeat(4, (n) => guess(paths[n] ?? ''))).toEqual([401, 401, 401, 429]);
  });

  it('leave no text in the trail that somebody typed instead of a name', async () => {
    const program = await startLimited([GUESSES]);
    await repeat(4, () => grant(program, 'hunter2-was-typed-here', EVE, 'wrong-secret'));
    await repeat(4, () => grant(program, 'app', EVE, 'wrong-secret'));

    expect(program.logText()).not.toContain('hunter2-was-typed-here');
    expect(exceeded(program)).toMatchObject([{ peer: '203.0.113.66' }, { client_id: 'app' }]);
  });
});

describe('a limit of a peer', () => {
  it('is one for all that it counts, and nobody else’s', async () => {
    const program = await startLimited([PEER]);
    const page = (peer: string) => ask(program.public, honest(peer));

    expect(await repeat(2, () => grant(program, 'app', EVE))).toEqual([200, 200]);
    expect(await repeat(2, () => page(EVE))).toEqual([303, 429]);
    expect((await page(HONEST)).status).toBe(303);
  });

  it('shows a page where a person is looking', async () => {
    const program = await startLimited([{ ...PEER, limit: '1/1h' }]);
    const page = () => ask(program.public, honest(EVE));
    await page();

    const { status, headers, body } = await page();
    expect(status).toBe(429);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['retry-after']).toBe('3600');
    expect(headers['www-authenticate']).toBeUndefined();
    expect(body).toContain('temporarily_unavailable');
  });

  it('is that of a /64, and of IPv4 in whatever clothes (DO-2)', async () => {
    const program = await startLimited([PEER]);
    const addresses = [
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff::9',
      '2001:DB8:1:2::3',
      '2001:db8:1:2::4',
    ];
    const mapped = ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '64:ff9b::192.0.2.1'];
    const asked = (list: readonly string[]) =>
      repeat(4, (n) => grant(program, 'app', from(list[n] ?? '')));

    expect(await asked(addresses)).toEqual([200, 200, 200, 429]);
    expect((await grant(program, 'app', from('2001:db8:1:3::1'))).status).toBe(200);
    expect(await asked(mapped)).toEqual([200, 200, 200, 429]);
    expect((await grant(program, 'app', from('192.0.2.2'))).status).toBe(200);
  });

  it('goes by what the proxy added, not by what its sender made up', async () => {
    const program = await startLimited([PEER]);
    const made = (n: number) => `X-Forwarded-For: 10.9.8.${n}, 203.0.113.66`;

    expect(await repeat(4, (n) => grant(program, 'app', made(n)))).toEqual([200, 200, 200, 429]);
    // Two lines are one list, and its end is what counts.
    const { status } = await grant(
      program,
      'app',
      'X-Forwarded-For: 10.9.8.7\r\nX-Forwarded-For: 203.0.113.66',
    );
    expect(status).toBe(429);
  });

  it('goes by the connection where that is no proxy’s, whatever a header says', async () => {
    const proxies = { peers: ['10.0.0.0/24'], header: 'x-forwarded-for' };
    const program = await startLimited([PEER], {}, { proxies });

    const statuses = await repeat(4, (n) => grant(program, 'app', from(`10.9.8.${n}`)));
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('counts nobody whom a proxy says nothing about: it would be one limit for everybody', async () => {
    const program = await startLimited([PEER], {}, { proxies: { peers: ['127.0.0.1/32'] } });

    expect(new Set(await repeat(6, () => grant(program, 'app')))).toEqual(new Set([200]));
  });
});

describe('a limit of an End-User', () => {
  it('is theirs wherever they are, and no other’s', async () => {
    const rule = { name: 'people', on: ['authorize'], by: 'subject', limit: '2/1h' };
    const program = await startLimited([{ ...rule, exempt: { subjects: ['carol'] } }]);
    const page = (name: string, peer: string) =>
      ask(program.public, [authorize(), HOST, SECRET, user(name), peer]);

    expect(await repeat(2, () => page('alice', EVE))).toEqual([303, 303]);
    expect((await page('alice', HONEST)).status).toBe(429);
    expect((await page('bob', EVE)).status).toBe(303);
    expect(await repeat(3, () => page('carol', EVE))).toEqual([303, 303, 303]);
  });

  it('at a proxy that is not proven is nobody’s', async () => {
    const rule = { name: 'people', on: ['authorize'], by: 'subject', limit: '2/1h' };
    const program = await startLimited([rule]);
    const spoof = () => ask(program.public, [authorize(), HOST, ALICE, EVE]);

    expect(await repeat(4, spoof)).toEqual([403, 403, 403, 403]);
    expect((await ask(program.public, honest(HONEST))).status).toBe(303);
  });
});

const SPA: Metadata = {
  client_id: 'spa',
  token_endpoint_auth_method: 'none',
  redirect_uris: [REDIRECT_URI],
};

async function spaTokenOf({ public: target }: Program, name: string): Promise<string> {
  const asked = authorize({
    client_id: 'spa',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  const code = codeOf(await ask(target, [asked, HOST, SECRET, user(name)]));
  const { body } = await submit(target, '/token', {
    ...{ grant_type: 'authorization_code', client_id: 'spa', redirect_uri: REDIRECT_URI },
    ...{ code: code ?? '', code_verifier: VERIFIER },
  });
  return JSON.parse(body).access_token;
}

describe('limits where a token or a code says who it is', () => {
  const GET = 'GET /userinfo HTTP/1.1';

  it('are those of the End-User and of the client at userinfo, and of nobody who has no token', async () => {
    const rule = { name: 'claims', on: ['userinfo'], by: 'subject', limit: '2/1h' };
    const program = await startLimited([rule]);
    const tokenOf = async (name: string) => {
      const code = codeOf(await ask(program.public, [authorize(), HOST, SECRET, user(name)]));
      return (await redeem(program.public, code ?? '')).access_token;
    };
    const [alice, bob] = [await tokenOf('alice'), await tokenOf('bob')];
    const userinfo = (token: string) =>
      ask(program.public, [GET, HOST, `Authorization: Bearer ${token}`]);

    expect(await repeat(3, () => userinfo('forged'))).toEqual([401, 401, 401]);
    expect(await repeat(3, () => userinfo(alice))).toEqual([200, 200, 429]);
    expect((await userinfo(alice)).headers['www-authenticate']).toBeUndefined();
    expect((await userinfo(bob)).status).toBe(200);
  });

  it('are used up for no other peer by an End-User who has a token of a public client (DO-1)', async () => {
    const rule = { name: 'claims', on: ['userinfo'], by: 'client', limit: '2/1h' };
    const clients = [...CLIENTS, SPA];
    const program = await startLimited([rule], { clients });
    const eve = await spaTokenOf(program, 'eve');
    const bob = await spaTokenOf(program, 'bob');
    const userinfo = (token: string, peer: string) =>
      ask(program.public, [GET, HOST, peer, `Authorization: Bearer ${token}`]);

    expect(await repeat(3, () => userinfo(eve, EVE))).toEqual([200, 200, 429]);
    expect(await repeat(3, () => userinfo(bob, HONEST))).toEqual([200, 200, 429]);
  });

  it('are used up for all peers by a client that has proven who it is', async () => {
    const rule = { name: 'claims', on: ['userinfo'], by: 'client', limit: '2/1h' };
    const program = await startLimited([rule]);
    const code = codeOf(await ask(program.public, [authorize(), HOST, SECRET, ALICE]));
    const { access_token: token } = await redeem(program.public, code ?? '');
    const userinfo = (peer: string) =>
      ask(program.public, [GET, HOST, peer, `Authorization: Bearer ${token}`]);

    expect(await repeat(2, () => userinfo(EVE))).toEqual([200, 200]);
    expect((await userinfo(HONEST)).status).toBe(429);
  });

  it('are those of whoever tries codes of devices, and not of whoever looks at the page', async () => {
    const rule = { name: 'codes', on: ['user_code'], by: 'peer', limit: '2/1h' };
    const program = await startLimited([rule]);
    const page = (path: string, peer: string) =>
      ask(program.public, [`GET ${path} HTTP/1.1`, HOST, SECRET, ALICE, peer]);

    expect(await repeat(4, () => page('/device', EVE))).toEqual([200, 200, 200, 200]);
    const guess = '/device?user_code=BCDF-GHJK';
    expect(await repeat(3, () => page(guess, EVE))).toEqual([400, 400, 429]);
    expect((await page(guess, HONEST)).status).toBe(400);
  });
});

describe('spoofs', () => {
  const SPOOFS: Metadata = { name: 'spoofs', on: ['identity_refused'], by: 'peer', limit: '3/1h' };

  it('past the limit are 429 and no event each, and honest requests of that peer go on', async () => {
    const program = await startLimited([SPOOFS]);
    const spoof = () => ask(program.public, [authorize(), HOST, ALICE, EVE]);

    expect(await repeat(20, spoof)).toEqual([
      403,
      403,
      403,
      ...Array.from({ length: 17 }, () => 429),
    ]);

    expect(program.logged().filter(({ msg }) => msg === 'identity.refused')).toHaveLength(3);
    expect(exceeded(program)).toMatchObject([
      { rule: 'spoofs', occasion: 'identity_refused', peer: '203.0.113.66' },
    ]);
    expect((await ask(program.public, honest(EVE))).status).toBe(303);
  });
});

describe('the trail', () => {
  it('has one event for a key and a window, whatever is refused', async () => {
    const program = await startLimited([TOKEN]);
    await repeat(30, () => grant(program, 'app'));
    await repeat(5, () => grant(program, 'other'));

    expect(exceeded(program)).toMatchObject([
      { rule: 'token', occasion: 'token', client_id: 'app', reason: 'rate_limited' },
      { rule: 'token', client_id: 'other' },
    ]);
    expect(program.logged().filter(({ msg }) => msg === 'token.refused')).toEqual([]);
    expect(program.logText()).not.toContain(CLIENT_SECRET);
  });
});

describe('a reload', () => {
  it('changes rules and clients’ numbers, and what was counted stays counted', async () => {
    const program = await startLimited([TOKEN]);
    expect(await repeat(4, () => grant(program, 'app'))).toEqual([200, 200, 200, 429]);

    await program.folder.writeClients([
      { ...CLIENTS[0], rate_limit: 'unlimited' },
      ...CLIENTS.slice(1),
    ]);
    await program.reload();
    expect((await grant(program, 'app')).status).toBe(200);

    await program.folder.writeClients(CLIENTS);
    await program.reload();
    expect((await grant(program, 'app')).status).toBe(429);
  });
});

describe('an issuer without limits', () => {
  it('says nothing of any', async () => {
    const program = await startLimited([{ ...TOKEN, on: ['introspection'] }]);
    const { headers } = await submit(
      program.public,
      '/token',
      { grant_type: 'client_credentials' },
      APP,
    );

    expect(headers['ratelimit']).toBeUndefined();
    expect(headers['ratelimit-policy']).toBeUndefined();
  });
});
