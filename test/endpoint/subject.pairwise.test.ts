import { describe, expect, it } from 'vitest';
import type { Client } from '../../internal/protocol/client.ts';
import { makeClient } from '../support/clients.ts';
import { createTestIssuer, type Different, ISSUER } from '../support/issuer.ts';
import { identify, sentTo } from '../support/requests.ts';
import { claimsOf } from '../support/tokens.ts';

const SALT = Buffer.from('salt-of-this-issuer-0123456789-abcdef');

const pairwise = (clientId: string, sectorIdentifier: string, more: Partial<Client> = {}): Client =>
  makeClient(clientId, { sectorIdentifier, ...more });

const CLIENTS = [
  pairwise('pair', 'rp.example'),
  pairwise('twin', 'rp.example'),
  pairwise('other', 'other.example'),
];

const createIssuer = (different: Different['deps'] = {}, clients: readonly Client[] = []) =>
  createTestIssuer({
    clients: [...CLIENTS, ...clients],
    deps: { pairwiseSalt: SALT, ...different },
  });

const asClient = (client_id: string) => ({ client_id, scope: 'openid offline_access' });

const subOf = async (issuer: ReturnType<typeof createIssuer>, clientId: string, user = 'alice') =>
  String(claimsOf((await issuer.signIn(asClient(clientId), identify(user))).id_token)['sub']);

const refused = (error: string) => ({
  to: 'https://rp.example/callback',
  error,
  state: 'state-1',
  iss: ISSUER,
});

describe('pairwise subjects (OIDC Core §8.1; TC-3)', () => {
  it('are the same in one sector and different in every other, for every End-User', async () => {
    const issuer = createIssuer();
    const names = [
      await subOf(issuer, 'pair'),
      await subOf(issuer, 'other'),
      await subOf(issuer, 'pair', 'bob'),
      await subOf(issuer, 'conf'),
    ];

    expect(await subOf(issuer, 'twin')).toBe(names[0]);
    expect(await subOf(issuer, 'pair')).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
    expect(names[3]).toBe('alice');
    for (const name of names.slice(0, 3)) expect(name).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('are HMAC-SHA-256 of sector and subject, keyed by the salt, and stay that for ever', async () => {
    expect(await subOf(createIssuer(), 'pair')).toBe('BFW3aX2_R7oWtF7sGQNtLqPoJlxPEJ7M_kYwrAtq2u8');
  });

  it('are others with another salt', async () => {
    const other = createIssuer({ pairwiseSalt: Buffer.from('another-salt-0123456789-0123456789') });

    expect(await subOf(other, 'pair')).not.toBe(await subOf(createIssuer(), 'pair'));
  });

  it('keep sector and subject apart', async () => {
    const issuer = createIssuer({}, [pairwise('longer', 'rp.examplea')]);
    issuer.users.set('lice', {});

    expect(await subOf(issuer, 'longer', 'lice')).not.toBe(await subOf(issuer, 'pair', 'alice'));
  });

  it('are one at every place, before and after a refresh (UI-3, IN-3)', async () => {
    const issuer = createIssuer();
    const tokens = await issuer.signIn(asClient('pair'));
    const refreshed = (await issuer.refresh(tokens.refresh_token, {}, 'pair')).json;
    const accessToken = String(refreshed['access_token']);
    const refreshToken = String(refreshed['refresh_token']);

    const told = [
      claimsOf(tokens.access_token),
      claimsOf(accessToken),
      claimsOf(String(refreshed['id_token'])),
      (await issuer.userinfo(accessToken)).json,
      (await issuer.introspect(accessToken, 'pair')).json,
      (await issuer.introspect(refreshToken, 'pair')).json,
    ];

    const sub = claimsOf(tokens.id_token)['sub'];
    expect(told.map((claims) => claims['sub'])).toEqual(told.map(() => sub));
    expect(JSON.stringify(told)).not.toContain('"alice"');
  });

  it('leave records and the audit trail with the subject itself', async () => {
    const issuer = createIssuer();

    await issuer.signIn(asClient('pair'));

    expect(issuer.events.map((event) => 'subject' in event && event.subject)).toEqual([
      'alice',
      'alice',
    ]);
  });

  it('change nothing about who exists, may sign in, or has the name of a client', async () => {
    const allow = { subjects: [identify('alice').subject], groups: [], emailDomains: [] };
    const issuer = createIssuer({}, [pairwise('picky', 'rp.example', { allow })]);
    issuer.users.set('svc', {});

    const codes = async (client_id: string, user: string) =>
      (await issuer.authorize({ client_id }, identify(user))).params.has('code');

    expect(await codes('picky', 'alice')).toBe(true);
    expect(await codes('picky', 'bob')).toBe(false);
    expect(await codes('pair', 'svc')).toBe(false);
    expect(await codes('pair', 'mallory')).toBe(false);
  });

  it('go when the End-User goes', async () => {
    const issuer = createIssuer();
    const { access_token } = await issuer.signIn(asClient('pair'));

    issuer.users.delete('alice');

    expect((await issuer.userinfo(access_token)).status).toBe(401);
    expect((await issuer.introspect(access_token, 'pair')).json).toEqual({ active: false });
  });

  it('are not for a client that acts for itself', async () => {
    const machine = pairwise('machine', 'rp.example', { grantTypes: ['client_credentials'] });
    const issuer = createIssuer({}, [machine]);

    const { json } = await issuer.token({ grant_type: 'client_credentials' }, 'machine');

    expect(claimsOf(String(json['access_token']))['sub']).toBe('machine');
  });

  it('are remembered as one consent of the subject itself', async () => {
    const issuer = createIssuer({}, [pairwise('asking', 'rp.example', { consent: 'once' })]);
    const { page } = await issuer.authorize(asClient('asking'));
    if (page?.kind !== 'consent') throw new Error('no consent page');

    await issuer.consent({ handle: page.handle, decision: 'allow' });

    expect(page.subject).toBe('alice');
    expect((await issuer.authorize(asClient('asking'))).params.has('code')).toBe(true);
  });

  it('are never replaced by the subject itself where there is no salt', async () => {
    const issuer = createIssuer({ pairwiseSalt: undefined });

    await expect(issuer.signIn(asClient('pair'))).rejects.toThrow('without a salt');
  });

  it('are advertised only where there is a salt', async () => {
    const typesOf = async (pairwiseSalt: Uint8Array | undefined) => {
      const { issuer } = createTestIssuer({ deps: { pairwiseSalt } });
      const request = { method: 'GET', params: new Map(), headers: {}, repeatedHeaders: [] };
      const answer = await issuer.discovery({
        ...request,
        identity: undefined,
        session: undefined,
        certificate: undefined,
        requestId: 'r',
      });
      return answer.kind === 'json' && 'subject_types_supported' in answer.body
        ? answer.body.subject_types_supported
        : undefined;
    };

    expect(await typesOf(SALT)).toEqual(['public', 'pairwise']);
    expect(await typesOf(undefined)).toEqual(['public']);
  });
});

describe('pairwise subjects: hints and demands (TC-3, AZ-10)', () => {
  it('a hint of a client is about its own End-User, and of its whole sector', async () => {
    const issuer = createIssuer();
    const { id_token } = await issuer.signIn(asClient('pair'));

    for (const client_id of ['pair', 'twin']) {
      const hinted = { client_id, prompt: 'none', id_token_hint: id_token };
      expect((await issuer.authorize(hinted)).params.has('code')).toBe(true);
      expect(sentTo(await issuer.authorize(hinted, identify('bob')))).toEqual(
        refused('login_required'),
      );
    }
  });

  it('a hint of another sector is refused for whoever is there: it would link two names', async () => {
    const issuer = createIssuer();
    const tokens = async (client_id: string) => (await issuer.signIn(asClient(client_id))).id_token;

    for (const [from, to] of [
      ['pair', 'other'],
      ['pair', 'conf'],
      ['conf', 'pair'],
    ] as const) {
      const hinted = { client_id: to, prompt: 'none', id_token_hint: await tokens(from) };
      const own = await issuer.authorize(hinted);
      const others = await issuer.authorize(hinted, identify('bob'));

      expect(sentTo(own)).toEqual(refused('invalid_request'));
      expect(sentTo(others)).toEqual(sentTo(own));
      expect(issuer.events.at(-1)).toMatchObject({ reason: 'id_token_hint_foreign' });
    }
  });

  it('a hint between public clients, one of them gone, works as ever', async () => {
    const issuer = createIssuer();
    const { id_token } = await issuer.signIn(asClient('conf2'));
    const hinted = { prompt: 'none', id_token_hint: id_token };

    expect((await issuer.authorize(hinted)).params.has('code')).toBe(true);
    issuer.clients.delete('conf2');
    expect((await issuer.authorize(hinted)).params.has('code')).toBe(true);
    expect((await issuer.authorize({ ...hinted, client_id: 'pair' })).params.get('error')).toBe(
      'invalid_request',
    );
  });

  it('a demand for a sub is for the one that the client knows', async () => {
    const issuer = createIssuer();
    const known = await subOf(issuer, 'pair');
    const demand = (client_id: string, value: string) =>
      issuer.authorize({ client_id, claims: JSON.stringify({ id_token: { sub: { value } } }) });

    expect((await demand('pair', known)).params.has('code')).toBe(true);
    expect((await demand('pair', 'alice')).params.get('error')).toBe('login_required');
    expect((await demand('other', known)).params.get('error')).toBe('login_required');
    expect((await demand('conf', 'alice')).params.has('code')).toBe(true);
  });
});
