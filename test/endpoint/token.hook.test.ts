import { describe, expect, it } from 'vitest';
import type { HookAnswer, HookQuestion } from '../../internal/hook/hook.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { claimsOf } from '../support/tokens.ts';

const ALLOWED: HookAnswer = {
  kind: 'allowed',
  idTokenClaims: { department: 'x', email: 'changed@example.test' },
  accessTokenClaims: { roles: ['admin'] },
};
const API1 = 'https://api1.example';
const CLIENTS = [
  makeClient('opaque', { accessTokenFormat: 'opaque' }),
  makeClient('apis', { resources: [API1] }),
];

/** An issuer whose hook answers what the test wants at the moment. */
function createHooked(deps: Parameters<typeof createTestIssuer>[0] = {}) {
  const questions: HookQuestion[] = [];
  const hook = {
    answer: (): HookAnswer => ALLOWED,
  };
  const test = createTestIssuer({
    clients: CLIENTS,
    ...deps,
    deps: {
      ...deps.deps,
      tokenHook: async (question) => {
        questions.push(question);
        return hook.answer();
      },
    },
  });
  return { ...test, questions, hook };
}

const refuse = (): HookAnswer => ({ kind: 'refused' });
const fail = (): HookAnswer => {
  throw new Unavailable('hook', 'ask');
};

describe('token hook: what it is asked', () => {
  it('is who gets what, before a code is spent', async () => {
    const { code, redeem, questions, events } = createHooked();

    await redeem(await code({ scope: 'openid email' }));

    const granted = events.find(({ type }) => type === 'authorization.granted');
    expect(questions).toEqual([
      {
        clientId: 'conf',
        grantType: 'authorization_code',
        subject: 'alice',
        scope: ['openid', 'email'],
        resource: [],
        authorizationId: granted && 'authorizationId' in granted && granted.authorizationId,
        requestId: expect.stringMatching(/^request-/),
        claims: expect.objectContaining({ email: 'alice@example.test' }),
      },
    ]);
  });

  it('is what a refresh asks for, narrowed', async () => {
    const { signIn, refresh, questions } = createHooked();
    const { refresh_token } = await signIn({ client_id: 'apis', resource: API1 });

    await refresh(refresh_token, { scope: 'openid', resource: API1 }, 'apis');

    expect(questions).toHaveLength(2);
    expect(questions[1]).toMatchObject({
      grantType: 'refresh_token',
      scope: ['openid'],
      resource: [API1],
    });
  });

  it('has no claims and no authorization where a client acts for itself', async () => {
    const { token, questions } = createHooked();

    await token({ grant_type: 'client_credentials', scope: 'api:read' }, 'svc');

    expect(questions).toMatchObject([
      { grantType: 'client_credentials', subject: 'svc', scope: ['api:read'], resource: [] },
    ]);
    expect(questions[0]?.claims).toBeUndefined();
    expect(questions[0]?.authorizationId).toBeUndefined();
  });

  it('is once for each token request, and not at all for one that is refused before', async () => {
    const { code, redeem, refresh, token, questions } = createHooked();
    const text = await code();

    await redeem(text, {}, 'conf2');
    await redeem(text, { resource: API1 });
    await redeem('ac_unknown.unknown');
    await refresh('rt_unknown.unknown.unknown');
    await token({ grant_type: 'client_credentials', scope: 'unknown' }, 'svc');
    await token({ grant_type: 'password' });

    expect(questions).toEqual([]);
    expect((await redeem(text)).status).toBe(200);
    expect(questions).toHaveLength(1);
  });
});

describe('token hook: claims', () => {
  it('are in the token they were meant for, and replace what scopes release', async () => {
    const { signIn } = createHooked();

    const { id_token, access_token } = await signIn({ scope: 'openid email' });

    const [idToken, accessToken] = [claimsOf(id_token), claimsOf(access_token)];
    expect(idToken).toMatchObject({ department: 'x', email: 'changed@example.test' });
    expect(idToken).not.toHaveProperty('roles');
    expect(accessToken).toMatchObject({ roles: ['admin'] });
    expect(accessToken).not.toHaveProperty('department');
  });

  it('are what a resource server is told of the token, opaque ones included', async () => {
    const { signIn, introspect } = createHooked();

    for (const client_id of ['conf', 'opaque']) {
      const { access_token } = await signIn({ client_id });
      expect((await introspect(access_token, client_id)).json).toMatchObject({
        active: true,
        sub: 'alice',
        roles: ['admin'],
      });
    }
  });

  it('never stand where something else is ours to say, not even where we say nothing (UP-11)', async () => {
    const { signIn, introspect, hook } = createHooked();
    const forged = {
      ...{ iss: 'evil', sub: 'root', aud: 'evil', exp: 9, iat: 9, client_id: 'evil', jti: 'x' },
      ...{ scope: 'admin', nonce: 'x', azp: 'x', acr: 'high', amr: ['x'], auth_time: 1, sid: 'x' },
      ...{ at_hash: 'x', s_hash: 'x', cnf: { jkt: 'x' }, authorization_id: 'x' },
    };
    hook.answer = () => ({ ...ALLOWED, idTokenClaims: forged, accessTokenClaims: forged });

    const { id_token, access_token } = await signIn({ scope: 'openid' });

    for (const token of [id_token, access_token]) {
      const claims = claimsOf(token);
      expect(claims).toMatchObject({ iss: ISSUER, sub: 'alice' });
      for (const name of ['nonce', 'azp', 'acr', 'amr', 'auth_time', 's_hash', 'cnf'])
        expect(claims, name).not.toHaveProperty(name);
      for (const value of ['evil', 'root', 'x', 'high'])
        expect(Object.values(claims)).not.toContain(value);
    }
    expect((await introspect(access_token)).json).toMatchObject({
      sub: 'alice',
      client_id: 'conf',
    });
  });

  it('belong to one request: the next one gets what the hook says then', async () => {
    const { signIn, refresh, hook } = createHooked();
    const { refresh_token } = await signIn();
    hook.answer = () => ({ kind: 'allowed', idTokenClaims: {}, accessTokenClaims: {} });

    const { json } = await refresh(refresh_token);

    expect(claimsOf(String(json['access_token']))).not.toHaveProperty('roles');
    expect(claimsOf(String(json['id_token']))).not.toHaveProperty('department');
  });
});

describe('token hook: a refusal', () => {
  it('is access_denied, on record, and spends neither code nor refresh token', async () => {
    const { code, redeem, refresh, hook, events } = createHooked();
    const text = await code();

    hook.answer = refuse;
    expect(await redeem(text)).toMatchObject({
      status: 400,
      json: { error: 'access_denied', reason: 'token_hook_refused' },
    });
    expect(events.at(-1)).toMatchObject({ type: 'token.refused', reason: 'token_hook_refused' });
    hook.answer = () => ALLOWED;
    const { status, json } = await redeem(text);
    expect(status).toBe(200);

    hook.answer = refuse;
    const refreshToken = String(json['refresh_token']);
    expect((await refresh(refreshToken)).json['error']).toBe('access_denied');
    hook.answer = () => ALLOWED;
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it('reaches every grant, also those that record nothing', async () => {
    const { token, hook } = createHooked();

    hook.answer = refuse;
    const refused = await token({ grant_type: 'client_credentials' }, 'svc');
    expect(refused).toMatchObject({ status: 400, json: { error: 'access_denied' } });
    hook.answer = () => ALLOWED;
    const { json } = await token({ grant_type: 'client_credentials' }, 'svc');
    expect(claimsOf(String(json['access_token']))).toMatchObject({ sub: 'svc', roles: ['admin'] });
  });
});

describe('token hook: a failure (TK-4)', () => {
  it('is no refusal, and spends nothing', async () => {
    const { code, redeem, refresh, token, hook } = createHooked();
    const text = await code();

    hook.answer = fail;
    await expect(redeem(text)).rejects.toThrow(Unavailable);
    await expect(token({ grant_type: 'client_credentials' }, 'svc')).rejects.toThrow(Unavailable);
    hook.answer = () => ALLOWED;
    const { status, json } = await redeem(text);
    expect(status).toBe(200);

    hook.answer = fail;
    await expect(refresh(String(json['refresh_token']))).rejects.toThrow(Unavailable);
    hook.answer = () => ALLOWED;
    expect((await refresh(String(json['refresh_token']))).status).toBe(200);
  });

  it('leaves a code that is replayed a replay', async () => {
    const { code, redeem, userinfo } = createHooked();
    const text = await code();
    const { json } = await redeem(text);

    expect((await redeem(text)).json['reason']).toBe('code_replayed');
    expect((await userinfo(String(json['access_token']))).status).toBe(401);
  });
});

describe('token hook: subjects', () => {
  it('it is asked about the real one, whatever the client is told', async () => {
    const pairwise = makeClient('pairwise', { sectorIdentifier: 'rp.example' });
    const { signIn, questions } = createHooked({
      clients: [pairwise],
      deps: { pairwiseSalt: Buffer.alloc(32, 7) },
    });

    const { id_token } = await signIn({ client_id: 'pairwise' });

    expect(questions).toMatchObject([{ subject: 'alice' }]);
    expect(claimsOf(id_token)['sub']).not.toBe('alice');
  });
});
