import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultName, RootIssuer, TestIssuer } from '../../internal/testissuer/api.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import {
  allowOn,
  authorize,
  authorizeUrl,
  bodyOf,
  broughtBack,
  browse,
  claimsOf,
  client,
  errorOf,
  post,
  redeem,
  refresh,
  signIn,
  USERS,
  userinfo,
} from './test-issuer.faults.fixture.ts';

let root: RootIssuer;
let issuer: TestIssuer;

beforeAll(async () => {
  root = await startTestIssuer({
    clients: [
      client('web'),
      client('other'),
      client('opaque', { access_token_format: 'opaque' }),
      client('asks', { consent: 'always' }),
      {
        client_id: 'machine',
        client_secret: client('x')['client_secret'] ?? '',
        grant_types: ['client_credentials'],
        scope: 'api:read',
      },
    ],
    users: USERS,
  });
});
beforeEach(async () => {
  issuer = await root.test();
});
afterAll(() => root.stop());

const WRONG = 'wrong';
const HONEST = 'honest';

const nonceOf = async (tokens: ReturnType<typeof signIn>) =>
  String(claimsOf((await tokens).id_token)['nonce']).startsWith(HONEST) ? HONEST : WRONG;

const together = <Result>(count: number, work: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, work));

/** What the consent page of the client that asks is answered with. */
async function allowAs(user: string): Promise<Response> {
  const page = await (await browse(authorizeUrl(issuer, { client_id: 'asks' }), user)).text();
  return allowOn(issuer, page, user);
}

describe('when a fault happens', () => {
  it('with nth: 3 to exactly one of twenty flows at once', async () => {
    issuer.faults.add({ do: 'id_token.nonce.wrong', when: { nth: 3 } });

    const nonces = await together(20, () => nonceOf(signIn(issuer)));

    expect(nonces.filter((nonce) => nonce === WRONG)).toHaveLength(1);
    expect(nonces.filter((nonce) => nonce === HONEST)).toHaveLength(19);
  });

  it('with nth: 3 to the third, and not to what it is not about', async () => {
    issuer.faults.add({ do: 'id_token.nonce.wrong', when: { client: 'web', nth: 3 } });
    const nonces = [];
    for (const clientId of ['web', 'other', 'web', 'other', 'web', 'web']) {
      await post(issuer, '/token', { grant_type: 'client_credentials' }, 'machine');
      nonces.push(await nonceOf(signIn(issuer, clientId)));
    }

    expect(nonces).toEqual([HONEST, HONEST, HONEST, HONEST, WRONG, HONEST]);
  });

  it('with times: 2 to two of twenty flows at once', async () => {
    issuer.faults.add({ do: 'token.error', times: 2, with: { error: 'slow_down' } });

    const codes = await together(20, async () => (await authorize(issuer)).get('code'));
    const answers = await Promise.all(codes.map((code) => redeem(issuer, code)));

    expect(answers.filter(({ status }) => status === 400)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(18);
  });

  it('for one End-User alone, from the browser to the last token', async () => {
    for (const name of ['authorization.state.changed', 'id_token.iss.wrong'] as const) {
      issuer.faults.add({ do: name, when: { user: 'bob' } });
    }
    issuer.faults.add({ do: 'userinfo.status', when: { user: 'bob' } });
    const seen = async (user: string) => {
      const params = await authorize(issuer, {}, user);
      const tokens = await bodyOf(await redeem(issuer, params.get('code')));
      const { status } = await userinfo(issuer, tokens.access_token);
      const { iss } = claimsOf(tokens.id_token);
      const renewed = await bodyOf(await refresh(issuer, tokens.refresh_token));
      return [params.get('state'), iss, status, claimsOf(renewed.id_token)['iss']];
    };

    expect(await seen('alice')).toEqual(['a-state', issuer.url, 200, issuer.url]);
    const elsewhere = 'https://issuer.invalid';
    expect(await seen('bob')).toEqual(['another-state', elsewhere, 500, elsewhere]);
  });

  it('for the client of an opaque access token, and the End-User of it', async () => {
    issuer.faults.add({ do: 'userinfo.status', when: { client: 'opaque', user: 'alice' } });
    const ask = async (clientId: string, user: string) =>
      (await userinfo(issuer, (await signIn(issuer, clientId, user)).access_token)).status;

    expect(await ask('opaque', 'alice')).toBe(500);
    expect(await ask('opaque', 'bob')).toBe(200);
    expect(await ask('web', 'alice')).toBe(200);
  });

  it('for a client by its way to prove itself, not by whose code it presents', async () => {
    issuer.faults.add({ do: 'token.status', when: { client: 'other' }, with: { status: 418 } });
    const code = (await authorize(issuer)).get('code');

    expect((await redeem(issuer, code, 'other')).status).toBe(418);
    expect((await redeem(issuer, code, 'web')).status).toBe(200);
  });

  it('at one step, where it has to do with several', async () => {
    issuer.faults.add({ do: 'authorization.state.changed', when: { step: 'consent' } });
    const consented = await allowAs('bob');

    expect(broughtBack(consented).get('state')).toBe('another-state');
    expect((await authorize(issuer)).get('state')).toBe('a-state');
  });

  it('to whom a page was answered by, until the token', async () => {
    issuer.faults.add({ do: 'token.status', when: { client: 'asks', user: 'bob' } });
    const allow = async (user: string) =>
      (await redeem(issuer, broughtBack(await allowAs(user)).get('code'), 'asks')).status;

    expect(await allow('alice')).toBe(200);
    expect(await allow('bob')).toBe(500);
  });
});

describe('the list of faults', () => {
  it('has those that may still happen, in order, until they are removed', async () => {
    const first = issuer.faults.add({ do: 'token.status', times: 1 });
    issuer.faults.add({ do: 'jwks.empty' });
    issuer.faults.once('userinfo.sub.wrong', { sub: 'mallory' });

    expect(issuer.faults.list()).toEqual([
      { do: 'token.status', times: 1 },
      { do: 'jwks.empty' },
      { do: 'userinfo.sub.wrong', times: 1, with: { sub: 'mallory' } },
    ]);
    first.remove();
    first.remove();
    expect(issuer.faults.list().map((one) => one.do)).toEqual(['jwks.empty', 'userinfo.sub.wrong']);
    issuer.faults.clear();
    expect(issuer.faults.list()).toEqual([]);
    expect((await bodyOf(await fetch(`${issuer.url}/jwks.json`))).keys).toHaveLength(1);
  });

  it('has one no longer that happened as often as it says', async () => {
    issuer.faults.add({ do: 'jwks.empty', times: 2 });
    const keys = async () => (await bodyOf(await fetch(`${issuer.url}/jwks.json`))).keys.length;

    expect([await keys(), issuer.faults.list().length]).toEqual([0, 1]);
    expect([await keys(), issuer.faults.list().length]).toEqual([0, 0]);
    expect(await keys()).toBe(1);
  });

  it('is of one issuer, and of no other in the process', async () => {
    const other = await root.test();
    const apart = await startTestIssuer({ clients: [client('web')], users: USERS });
    issuer.faults.add({ do: 'id_token.nonce.wrong' });
    issuer.faults.add({ do: 'jwks.empty' });

    for (const one of [other, root, apart]) {
      expect(await nonceOf(signIn(one))).toBe(HONEST);
      const { keys } = await bodyOf(await fetch(`${one.url}/jwks.json`));
      expect(keys).toHaveLength(1);
      expect(one.faults.list()).toEqual([]);
    }
    expect(await nonceOf(signIn(issuer))).toBe(WRONG);
    await apart.stop();
  });
});

describe('several faults', () => {
  it('happen in one request, in the order in which they were added', async () => {
    issuer.faults.add({ do: 'id_token.iss.wrong' });
    issuer.faults.add({ do: 'id_token.aud.missing' });
    issuer.faults.add({ do: 'id_token.alg.none' });
    const { id_token } = await signIn(issuer);

    const { iss, aud } = claimsOf(id_token);
    expect([iss, aud, id_token.split('.')[2]]).toEqual(['https://issuer.invalid', undefined, '']);
    expect(issuer.flows().at(-1)).toMatchObject({
      step: 'token',
      faults: ['id_token.iss.wrong', 'id_token.aud.missing', 'id_token.alg.none'],
    });
  });

  it('answer once: those after it do not happen, and are not counted', async () => {
    issuer.faults.once('token.error', { error: 'invalid_scope' });
    issuer.faults.once('token.status');
    const code = (await authorize(issuer)).get('code');

    expect(await errorOf(await redeem(issuer, code))).toBe('invalid_scope');
    expect((await redeem(issuer, code)).status).toBe(500);
    expect((await redeem(issuer, code)).status).toBe(200);
  });

  it('are told by flows(), and by nothing else', async () => {
    issuer.faults.once('token.reset');
    const code = (await authorize(issuer)).get('code');
    await expect(redeem(issuer, code)).rejects.toThrow();
    await redeem(issuer, code);

    const steps = issuer.flows().map(({ step, status, faults }) => ({ step, status, faults }));
    expect(steps).toEqual([
      { step: 'authorize', status: 303, faults: undefined },
      { step: 'token', status: 0, faults: ['token.reset'] },
      { step: 'token', status: 200, faults: undefined },
    ]);
  });
});

describe('adding what cannot be', () => {
  const adding = (fault: object) => () => issuer.faults.add(fault as never);

  it.each([
    ['an unknown name', { do: 'id_token.non.wrong' }, /Did you mean id_token\.nonce\.wrong\?/],
    ['a name of no group', { do: 'qqqqqqqq' }, /there is no fault qqqqqqqq\. All of them are in/],
    ['a name of a group', { do: 'jwks.xxxxxxxxxxxx' }, /There are: jwks\.status, .*jwks\.stale/],
    ['a name that every object has', { do: 'constructor' }, /there is no fault constructor/],
    [
      'an unknown member',
      { do: 'jwks.empty', where: {} },
      /a fault has no member where; there are: do/,
    ],
    ['an unknown condition', { do: 'jwks.empty', when: { sub: 'a' } }, /when has no member sub/],
    [
      'a parameter too many',
      { do: 'jwks.empty', with: { a: 1 } },
      /jwks\.empty takes nothing: leave out with\.a/,
    ],
    [
      'an unknown parameter',
      { do: 'token.status', with: { state: 1 } },
      /Did you mean status\? It takes: status, retry_after/,
    ],
    [
      'a name of every object',
      { do: 'token.status', with: { toString: 1 } },
      /takes no with\.toString/,
    ],
    [
      'a wrong parameter',
      { do: 'token.status', with: { status: '500' } },
      /with\.status has to be an HTTP status from 200/,
    ],
    [
      'a status that is none',
      { do: 'token.status', with: { status: 600 } },
      /with\.status has to be/,
    ],
    [
      'half a second',
      { do: 'token.status', with: { retry_after: 0.5 } },
      /with\.retry_after has to be a whole number/,
    ],
    [
      'no wait',
      { do: 'token.slow', with: { seconds: -1 } },
      /with\.seconds has to be a number of seconds from 0 to 86400/,
    ],
    [
      'less than no time',
      { do: 'id_token.auth_time.past', with: { seconds: -1 } },
      /with\.seconds has to be a number of seconds, 0 or more/,
    ],
    [
      'a wait that no timer can wait for',
      { do: 'token.slow', with: { seconds: 1e308 } },
      /with\.seconds has to be a number of seconds from 0 to 86400/,
    ],
    ['half a yes', { do: 'token.reset', with: { carried_out: 1 } }, /has to be true or false/],
    [
      'an empty text',
      { do: 'id_token.iss.wrong', with: { iss: '' } },
      /with\.iss has to be a text/,
    ],
    [
      'another header',
      { do: 'token.content_type', with: { content_type: 'a\r\nb: c' } },
      /printable ASCII/,
    ],
    [
      'a script',
      { do: 'token.redirect', with: { to: 'javascript:alert(1)' } },
      /an absolute http or https URI/,
    ],
    ['a quotation mark', { do: 'userinfo.error', with: { error: 'a"b' } }, /an error code/],
    [
      'half a second of skew',
      { do: 'clock.skew', with: { seconds: 0.5 } },
      /with\.seconds has to be/,
    ],
    [
      'a client of the JWKS',
      { do: 'jwks.empty', when: { client: 'web' } },
      /cannot be for one client: nobody says who reads/,
    ],
    [
      'a user of the metadata',
      { do: 'discovery.slow', when: { user: 'a' } },
      /cannot be for one End-User/,
    ],
    [
      'a user who is not known yet',
      { do: 'push.status', when: { user: 'a' } },
      /cannot be for one End-User/,
    ],
    [
      'another step',
      { do: 'token.status', when: { step: 'jwks' } },
      /never happens at the step jwks; it has to do with: token/,
    ],
    [
      'a step of a logout token',
      { do: 'logout_token.alg.none', when: { step: 'endSession' } },
      /leave out when\.step/,
    ],
    [
      'the none-th',
      { do: 'jwks.empty', when: { nth: 0 } },
      /when\.nth has to be a whole number, 1 or more/,
    ],
    ['half a time', { do: 'jwks.empty', times: 1.5 }, /times has to be a whole number, 1 or more/],
  ])('says what is wrong with %s', (_, fault, words) => {
    expect(adding(fault)).toThrow(words);
    expect(issuer.faults.list()).toEqual([]);
  });

  it('is for the JWKS and for a client of the token endpoint what can be', () => {
    for (const name of ['jwks.empty', 'discovery.slow'] satisfies FaultName[]) {
      issuer.faults.add({ do: name, when: { nth: 1 } });
    }
    issuer.faults.add({ do: 'push.status', when: { client: 'web' } });
    issuer.faults.add({ do: 'logout_token.alg.none', when: { client: 'web', user: 'alice' } });

    expect(issuer.faults.list()).toHaveLength(4);
  });
});
