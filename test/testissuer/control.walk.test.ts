import { describe, expect, it, onTestFinished } from 'vitest';
import { OPERATIONS } from '../../internal/testissuer/control/table.ts';
import { FAULT_NAMES } from '../../internal/testissuer/faults/table.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';
import { startControl } from '../support/control.ts';

const SECRET = 'what-only-the-client-knows-0123456789';
const REDIRECT_URI = 'https://app.example/callback';
const WEB = { client_secret: SECRET, redirect_uris: [REDIRECT_URI] };
const MACHINE = {
  client_id: 'machine',
  client_secret: SECRET,
  grant_types: ['client_credentials'],
};

/** Asks the issuer itself, as a client would. */
async function get(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, { headers, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location') ?? '' };
}

const toAuthorize = (issuer: string): string =>
  `${issuer}/authorize?${new URLSearchParams({
    client_id: 'web',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    state: 's',
  })}`;

const userinfo = (issuer: string, token: string) =>
  get(`${issuer}/userinfo`, { Authorization: `Bearer ${token}` });

const claimsOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));

const caller = await startControl({ clients: [MACHINE], users: [{ sub: 'root-user' }] });
const { ask, grant } = caller;

async function open(options: unknown = { clients: [], users: [] }) {
  const { id, issuer } = await grant('POST', '/issuers', options);
  return { id, issuer, here: `/issuers/${id}` };
}

async function openWithAda() {
  const opened = await open();
  await grant('PUT', `${opened.here}/clients/web`, WEB);
  await grant('PUT', `${opened.here}/users/ada`, { name: 'Ada' });
  return opened;
}

describe('issuers by HTTP (O20)', () => {
  it('are made, listed, told apart and ended, and the root stays', async () => {
    const first = await open();
    const second = await open({});

    const { issuers } = await grant('GET', '/issuers');
    expect(issuers[0].id).toBe('root');
    expect(issuers).toContainEqual({ id: first.id, issuer: first.issuer });
    expect(await grant('GET', second.here)).toEqual({ id: second.id, issuer: second.issuer });
    expect((await get(`${first.issuer}/.well-known/openid-configuration`)).status).toBe(200);

    await grant('DELETE', first.here);

    expect((await get(`${first.issuer}/.well-known/openid-configuration`)).status).toBe(404);
    expect((await get(`${second.issuer}/.well-known/openid-configuration`)).status).toBe(200);
    expect((await ask('GET', first.here)).status).toBe(404);
    expect((await ask('DELETE', first.here)).status).toBe(404);
    expect((await ask('DELETE', '/issuers/root')).json.error).toBe('conflict');
    expect((await grant('GET', '/issuers/root')).id).toBe('root');
  });

  it('begin as the root is, unless it is said how', async () => {
    const like = await open({});
    const other = await open({ clients: [{ client_id: 'web', ...WEB }], users: [{ sub: 'ada' }] });

    expect(await grant('GET', `${like.here}/clients`)).toEqual({ clients: ['machine'] });
    expect(await grant('GET', `${like.here}/users`)).toEqual({ users: ['root-user'] });
    expect(await grant('GET', `${other.here}/clients`)).toEqual({ clients: ['web'] });
    expect(await grant('GET', `${other.here}/users`)).toEqual({ users: ['ada'] });
  });

  it('have the configuration that they were given', async () => {
    const { here } = await open({ config: { lifetimes: { access_token: '7m' } } });

    const { expires_in } = await grant('POST', `${here}/tokens`, { client: 'machine' });

    expect(expires_in).toBe(420);
  });

  it('share nothing: neither clock nor sign-in, user, client or flow', async () => {
    const one = await openWithAda();
    const two = await open();

    await grant('POST', `${one.here}/clock/advance`, { by: '3h' });

    const { now } = await grant('GET', `${one.here}/clock`);
    expect(now - (await grant('GET', `${two.here}/clock`)).now).toBeGreaterThanOrEqual(10_790);
    expect(await grant('GET', `${two.here}/clients`)).toEqual({ clients: [] });
    expect((await ask('PUT', `${two.here}/sign-in`, { user: 'ada' })).status).toBe(400);
    expect(await grant('GET', `${two.here}/flows`)).toEqual({ flows: [] });
  });
});

describe('clients and End-Users by HTTP (O20)', () => {
  it('come and go, by any name that they may have', async () => {
    const { here } = await open();
    const name = 'https://app.example/?a=b#c%d';
    const client = `${here}/clients/${encodeURIComponent(name)}`;

    await grant('PUT', client, WEB);
    await grant('PUT', `${here}/users/ada%40app.example`, {});
    await grant('PUT', `${here}/users/bob`);

    expect(await grant('GET', `${here}/clients`)).toEqual({ clients: [name] });
    expect(await grant('GET', `${here}/users`)).toEqual({ users: ['ada@app.example', 'bob'] });

    await grant('DELETE', client);
    await grant('DELETE', `${here}/users/bob`);

    expect(await grant('GET', `${here}/clients`)).toEqual({ clients: [] });
    expect(await grant('GET', `${here}/users`)).toEqual({ users: ['ada@app.example'] });
    expect((await ask('DELETE', client)).json.error_description).toContain('GET clients');
    expect((await ask('DELETE', `${here}/users/bob`)).status).toBe(404);
  });

  it('are refused with what is wrong with them, and then nothing has changed', async () => {
    const { here } = await open();

    const typo = await ask('PUT', `${here}/clients/web`, {
      redirect_urs: [REDIRECT_URI],
      scop: '',
    });
    const other = await ask('PUT', `${here}/clients/web`, { ...WEB, client_id: 'another' });
    const claim = await ask('PUT', `${here}/users/ada`, { email: 'nobody' });

    expect(typo.json.error_description).toMatch(
      /^clients.add: redirect_urs: .* did you mean redirect_uris\?; scop: .*$/,
    );
    expect(other.json.error_description).toContain('leave it out');
    expect(claim.json.error_description).toContain('e-mail');
    for (const { status } of [typo, other, claim]) expect(status).toBe(400);
    expect(await grant('GET', `${here}/clients`)).toEqual({ clients: [] });
    expect(await grant('GET', `${here}/users`)).toEqual({ users: [] });
    await grant('PUT', `${here}/clients/web`, { ...WEB, client_id: 'web' });
  });
});

describe('sign-in and tokens by HTTP (O20)', () => {
  it('is whoever was said last, and nobody after that', async () => {
    const { here, issuer } = await openWithAda();
    const url = toAuthorize(issuer);

    await grant('PUT', `${here}/sign-in`, { user: { sub: 'ada', acr: 'mfa', amr: ['otp'] } });
    const signedIn = await get(url);
    await grant('DELETE', `${here}/sign-in`);
    const nobody = await get(url);

    expect(signedIn.location).toMatch(/^https:\/\/app\.example\/callback\?.*code=/);
    expect(nobody.location).not.toContain('code=');
  });

  it('is refused for somebody whom nobody knows', async () => {
    const { here } = await openWithAda();

    const { status, json } = await ask('PUT', `${here}/sign-in`, { user: 'eve' });

    expect(status).toBe(400);
    expect(json.error_description).toContain('ada');
  });

  it('goes straight to tokens, which count at the other endpoints', async () => {
    const { here, issuer } = await openWithAda();
    const wish = { as: 'ada', client: 'web', scope: 'openid', expiresIn: '5m' };

    const tokens = await grant('POST', `${here}/tokens`, wish);

    expect(claimsOf(tokens.id_token)).toMatchObject({ iss: issuer, sub: 'ada', aud: 'web' });
    expect(tokens.expires_in).toBe(300);
    expect((await userinfo(issuer, tokens.access_token)).status).toBe(200);
    const unknown = await ask('POST', `${here}/tokens`, { ...wish, client: 'wep' });
    expect(unknown.status).toBe(400);
    expect(unknown.json.error_description).toContain('no client wep');
  });
});

describe('time, keys and the record by HTTP (O20)', () => {
  it('passes at once, and never back', async () => {
    const { here, issuer } = await openWithAda();
    const { now } = await grant('GET', `${here}/clock`);
    const { access_token: token } = await grant('POST', `${here}/tokens`, {
      as: 'ada',
      client: 'web',
    });

    const later = await grant('POST', `${here}/clock/advance`, { by: '2h' });
    await grant('POST', `${here}/clock/advance`, { by: 60 });

    expect(later.now - now).toBeGreaterThanOrEqual(7200);
    expect((await userinfo(issuer, token)).status).toBe(401);
    for (const by of [-1, '2 hours', 1.5, true, null, '', 1e12, Number.MAX_SAFE_INTEGER]) {
      const { status, json } = await ask('POST', `${here}/clock/advance`, { by });
      expect([by, status]).toEqual([by, 400]);
      expect(json.error_description).toMatch(/length of time|goes back|year 9999/);
    }
    expect((await ask('POST', `${here}/clock/advance`)).json.error_description).toContain('by:');
  });

  it('rotates keys, with overlap or without', async () => {
    const { here, issuer } = await openWithAda();
    const kids = async (): Promise<readonly string[]> => {
      const { keys } = JSON.parse(await (await fetch(`${issuer}/jwks.json`)).text());
      return keys.map(({ kid }: { readonly kid: string }) => kid);
    };
    const before = await kids();

    await grant('POST', `${here}/keys/rotate`);
    const overlapping = await kids();
    await grant('POST', `${here}/keys/rotate`, { overlap: false, alg: 'ES256' });
    const alone = await kids();

    expect(overlapping).toEqual(expect.arrayContaining([...before]));
    expect(overlapping.length).toBe(before.length + 1);
    expect(alone.some((kid) => overlapping.includes(kid))).toBe(false);
    expect((await ask('POST', `${here}/keys/rotate`, { overlap: 'no' })).status).toBe(400);
    expect((await ask('POST', `${here}/keys/rotate`, { alg: 'HS256' })).status).toBe(400);
  });

  it('tells what was asked, without what is secret, from where it was told to begin', async () => {
    const { here, issuer } = await openWithAda();
    await grant('PUT', `${here}/sign-in`, { user: 'ada' });
    await get(toAuthorize(issuer));
    await get(`${issuer}/userinfo`);

    const { flows } = await grant('GET', `${here}/flows`);
    await grant('DELETE', `${here}/flows`);
    await get(`${issuer}/jwks.json`);

    expect(flows).toMatchObject([
      { step: 'authorize', client: 'web', user: 'ada' },
      { step: 'userinfo', status: 401 },
    ]);
    expect(await grant('GET', `${here}/flows`)).toMatchObject({ flows: [{ step: 'jwks' }] });
    await grant('DELETE', `${here}/flows`);
    expect(await grant('GET', `${here}/flows`)).toEqual({ flows: [] });
  });
});

describe('faults by HTTP (O20)', () => {
  it('are added, listed, taken away one by one, and all at once', async () => {
    const { here } = await openWithAda();
    const nonce = { do: 'id_token.nonce.wrong', when: { client: 'web', nth: 2 } };

    const first = await grant('POST', `${here}/faults`, nonce);
    const same = await grant('POST', `${here}/faults`, nonce);
    const third = await grant('POST', `${here}/faults`, { do: 'userinfo.sub.wrong', times: 1 });

    expect(first).toEqual({ id: first.id, ...nonce });
    expect(new Set([first.id, same.id, third.id]).size).toBe(3);
    expect((await grant('GET', `${here}/faults`)).faults).toEqual([first, same, third]);

    await grant('DELETE', `${here}/faults/${same.id}`);

    expect((await grant('GET', `${here}/faults`)).faults).toEqual([first, third]);
    expect((await ask('DELETE', `${here}/faults/${same.id}`)).status).toBe(404);

    await grant('DELETE', `${here}/faults`);

    expect(await grant('GET', `${here}/faults`)).toEqual({ faults: [] });
    expect((await ask('DELETE', `${here}/faults/${first.id}`)).status).toBe(404);
  });

  it('are all of the catalogue, with the same answers as in the process', async () => {
    const { here } = await openWithAda();
    const root = await startTestIssuer();
    onTestFinished(() => root.stop());
    const { faults } = root;
    const inProcess = FAULT_NAMES.map((name) => {
      faults.add({ do: name });
      const [added] = faults.list();
      faults.clear();
      return added;
    });
    const byHttp = [];
    for (const name of FAULT_NAMES) {
      const { id, ...added } = await grant('POST', `${here}/faults`, { do: name });
      expect(await grant('GET', `${here}/faults`)).toEqual({ faults: [{ id, ...added }] });
      await grant('DELETE', `${here}/faults/${id}`);
      byHttp.push(added);
    }

    expect(byHttp).toEqual(inProcess);
    expect(await grant('GET', `${here}/faults`)).toEqual({ faults: [] });
  });

  it('happen as often as they say, and are gone', async () => {
    const { here, issuer } = await openWithAda();
    const { access_token: token } = await grant('POST', `${here}/tokens`, {
      as: 'ada',
      client: 'web',
    });
    const added = await grant('POST', `${here}/faults`, {
      do: 'userinfo.status',
      with: { status: 503 },
      times: 1,
    });

    expect((await userinfo(issuer, token)).status).toBe(503);
    expect((await userinfo(issuer, token)).status).toBe(200);
    expect(await grant('GET', `${here}/faults`)).toEqual({ faults: [] });
    expect((await ask('DELETE', `${here}/faults/${added.id}`)).status).toBe(404);
    const { flows } = await grant('GET', `${here}/flows`);
    expect(flows).toMatchObject([{ faults: ['userinfo.status'] }, { status: 200 }]);
  });

  for (const [what, fault, hint] of [
    ['a name that nobody knows', { do: 'id_token.nonce.wrang' }, 'id_token.nonce.wrong'],
    ['a member that nobody knows', { do: 'id_token.nonce.wrong', wen: {} }, 'when'],
    ['a condition that nobody knows', { do: 'id_token.nonce.wrong', when: { nht: 1 } }, 'nth'],
    ['a step that there is not', { do: 'x', when: { step: 'tokens' } }, 'token'],
    ['no time at all', { do: 'id_token.nonce.wrong', times: 0 }, 'times'],
    ['nothing', {}, 'do'],
  ] as const) {
    it(`are refused with ${what}`, async () => {
      const { here } = await openWithAda();

      const { status, json } = await ask('POST', `${here}/faults`, fault);

      expect([status, json.error]).toEqual([400, 'invalid_request']);
      expect(json.error_description).toContain(hint);
      expect(await grant('GET', `${here}/faults`)).toEqual({ faults: [] });
    });
  }
});

describe('whatever is asked of a test issuer by HTTP (O20)', () => {
  it('is refused where the issuer is none, by every operation alike', async () => {
    const below = OPERATIONS.filter(({ path }) => path.includes('{issuer_id}'));
    const bodies = new Map<string, unknown>([
      ['signIn', { user: 'ada' }],
      ['issueTokens', { client: 'web' }],
      ['advanceClock', { by: 1 }],
      ['addFault', { do: 'id_token.nonce.wrong' }],
    ]);
    for (const { id, method, path } of below) {
      const target = path.replaceAll(/\{\w+\}/g, 'nobody');

      const { status, json } = await ask(method, target, bodies.get(id));

      expect([id, status, json.error]).toEqual([id, 404, 'not_found']);
    }
  });

  for (const [what, body, hint] of [
    ['null', null, 'object'],
    ['a list', [], 'object'],
    ['a text', 'x', 'object'],
    [
      'a member of prototypes',
      JSON.parse('{"config":{"__proto__":{"issuer":"x"}}}'),
      'may be called __proto__',
    ],
    ['what is nested without end', { config: nested(40) }, '32'],
    ['a list in place of one', { clients: {} }, 'clients'],
  ] as const) {
    it(`may not be ${what}`, async () => {
      const { status, json } = await ask('POST', '/issuers', body);

      expect([status, json.error]).toEqual([400, 'invalid_request']);
      expect(json.error_description).toContain(hint);
    });
  }

  it('takes what is nested as deep as anybody needs', async () => {
    const { here } = await open();

    await grant('PUT', `${here}/users/ada`, { custom: nested(20) });
  });
});

describe('the walk through the control API (O20)', () => {
  // Runs last: every answer above was held against the description.
  it('came by every operation', () => {
    const missing = OPERATIONS.filter(({ id }) => !caller.asked.has(id) && id !== 'describe');

    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('met no mistake of ours', () => {
    expect(caller.log()).not.toContain('admin request failed');
  });
});

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : { a: nested(depth - 1) };
}
