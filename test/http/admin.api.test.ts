import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { putOperationTable, renderApiFiles } from '../../internal/admin/api/generated.ts';
import { OPERATIONS } from '../../internal/admin/api/table.ts';
import {
  DESCRIPTION,
  findOperation,
  hashToken,
  holdAgainst,
  READER,
  startAdminApi,
  WRITER,
} from '../support/admin-api.ts';
import { createAuthority } from '../support/certificates.ts';
import { createHolder } from '../support/dpop.ts';
import { ADMIN_NAME, knowing, nameOf, OPERATORS, showing } from '../support/operators.ts';
import { CLIENT_SECRET, REDIRECT_URI, UPSTREAM_SECRET } from '../support/program.ts';
import { ask as askRaw } from '../support/raw-http.ts';
import { claimsOf } from '../support/tokens.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MACHINE = { grant_types: ['client_credentials'], client_name: 'Machine' };

const basic = (id: string, secret: string) =>
  `Authorization: Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

type Caller = Awaited<ReturnType<typeof startAdminApi>>;

/** Whether the token endpoint takes this secret. */
async function authenticates({ program }: Caller, id: string, secret: string) {
  const body = 'grant_type=client_credentials';
  const lines = [
    'POST /token HTTP/1.1',
    'Host: sso.example',
    basic(id, secret),
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
  ];
  return (await askRaw(program.public, lines, body)).status === 200;
}

describe('the description of the Admin API', () => {
  it('is what npm run docs writes, valid, and complete', async () => {
    for (const [file, text] of renderApiFiles()) {
      expect(await readFile(path.join(ROOT, file), 'utf8')).toBe(text);
    }
    const page = await readFile(path.join(ROOT, 'docs/admin.md'), 'utf8');
    expect(page).toBe(putOperationTable(page));
    const { valid, errors } = await new Validator().validate(structuredClone(DESCRIPTION));
    expect([valid, errors]).toEqual([true, undefined]);
    for (const { method, path: at } of OPERATIONS) {
      expect(findOperation(method, at)?.operation.operationId, `${method} ${at}`).toBeDefined();
    }
  });

  it('fails an answer that differs from it', async () => {
    const found = findOperation('GET', '/status');
    if (found === undefined) throw new Error('the status is not described');
    expect(() => holdAgainst(found, 200, { issuer: 'x' })).toThrow();
    expect(() => holdAgainst(found, 204, undefined)).toThrow();
  });
});

describe('the Admin API', () => {
  it('looks after clients and keys as it is described, and tells no secret but what it made', async () => {
    const caller = await startAdminApi();
    const { ask, grant, answers, program } = caller;

    expect(await grant('GET', '/openapi.json')).toEqual(DESCRIPTION);
    expect(await grant('GET', '/status')).toMatchObject({ ready: true, workers: 1 });
    const made = await grant('POST', '/clients', MACHINE);
    const { client_id: id, client_secret: first } = made;
    expect(await authenticates(caller, id, first)).toBe(true);
    const before = answers().length;

    const listed = await grant('GET', '/clients?limit=1');
    expect(listed.clients[0]).toMatchObject({ client_id: 'app', made_by: 'file' });
    const rest = await grant('GET', `/clients?after=${encodeURIComponent(listed.next)}`);
    expect(rest.clients).toMatchObject([{ client_id: id, made_by: 'operator' }]);
    expect(await grant('GET', `/clients/${id}`)).toMatchObject({ metadata: MACHINE });
    expect((await grant('GET', '/clients/app')).metadata.redirect_uris).toEqual([REDIRECT_URI]);
    const changed = await grant('PUT', `/clients/${id}`, { ...MACHINE, client_name: 'Other' });
    expect(changed).not.toHaveProperty('client_secret');

    const further = await ask('POST', `/clients/${id}/secrets`);
    const { secret_id, client_secret: second } = further.json;
    expect(await authenticates(caller, id, first)).toBe(true);
    expect(await authenticates(caller, id, second)).toBe(true);
    expect((await ask('POST', `/clients/${id}/secrets`)).status).toBe(409);
    await grant('DELETE', `/clients/${id}/secrets/first`);
    expect(await authenticates(caller, id, first)).toBe(false);
    expect(await authenticates(caller, id, second)).toBe(true);
    expect((await ask('DELETE', `/clients/${id}/secrets/first`)).status).toBe(404);
    expect((await ask('DELETE', `/clients/${id}/secrets/${secret_id}`)).status).toBe(409);

    const keys = await grant('GET', '/keys');
    const [signing] = keys.keys.filter(({ alg }: { alg: string }) => alg === 'ES256');
    expect((await ask('DELETE', `/keys/${signing.kid}`)).status).toBe(409);
    await grant('POST', '/keys/rotate', { alg: 'ES256', immediately: true });
    const isNoLongerSigning = async () =>
      (await grant('GET', '/keys')).keys.find(({ kid }: { kid: string }) => kid === signing.kid)
        ?.state !== 'signing';
    await expect.poll(isNoLongerSigning, { timeout: 30_000 }).toBe(true);
    await grant('DELETE', `/keys/${signing.kid}`);
    expect((await ask('DELETE', `/keys/${signing.kid}`)).status).toBe(404);

    expect((await grant('GET', '/configuration')).configuration.issuer).toBe('https://sso.example');
    await program.folder.writeClients([]);
    expect(await grant('POST', '/reload')).toEqual({ outdated: true });
    const { records } = await grant('GET', `/audit?client_id=${id}&limit=100`);
    expect(records.map(({ event }: { event: { type: string } }) => event.type)).toEqual(
      expect.arrayContaining(['client.registered', 'client.secret_retired', 'token.issued']),
    );
    expect(
      records.find(({ event }: { event: { type: string } }) => event.type === 'client.changed'),
    ).toMatchObject({ peer: '127.0.0.1', event: { actor: 'token:writer' } });

    await grant('DELETE', `/clients/${id}`);
    expect((await ask('DELETE', `/clients/${id}`)).status).toBe(204);
    expect(await authenticates(caller, id, second)).toBe(false);

    const later = answers().slice(before).replace(further.text, '');
    const secrets = [first, second, CLIENT_SECRET, UPSTREAM_SECRET, WRITER, READER];
    for (const secret of [...secrets, hashToken(WRITER), hashToken(READER)]) {
      expect(later).not.toContain(secret);
      expect(program.logText()).not.toContain(secret);
    }
  });

  it('changes no client that another version of was read, and none of clients.yaml', async () => {
    const { ask } = await startAdminApi();
    const made = await ask('POST', '/clients', { body: MACHINE });
    const at = `/clients/${made.json.client_id}`;
    const etag = made.headers.get('etag') ?? '';
    const headers = { 'If-Match': etag };

    const changed = await ask('PUT', at, { body: MACHINE, headers });
    const stale = await ask('PUT', at, { body: MACHINE, headers });
    const staleDelete = await ask('DELETE', at, { headers });

    expect([changed.status, stale.status, staleDelete.status]).toEqual([200, 412, 412]);
    expect(changed.headers.get('etag')).not.toBe(etag);
    expect((await ask('PUT', at, { body: MACHINE, headers: { 'If-Match': 'x' } })).status).toBe(
      400,
    );
    for (const [method, body] of [
      ['PUT', MACHINE],
      ['DELETE', undefined],
    ] as const) {
      const { status, json } = await ask(method, '/clients/app', { body });
      expect([status, json.error]).toEqual([409, 'conflict']);
      expect(json.error_description).toContain('clients.yaml');
    }
  });
});

describe('whoever may not (Admin API, O21)', () => {
  it('is refused without a credential, with a wrong one, and where the role is read', async () => {
    const { ask, program } = await startAdminApi();
    for (const token of ['', 'x', `${WRITER}x`, WRITER.slice(0, -1), 'a.b.c']) {
      for (const [method, at] of [
        ['GET', '/status'],
        ['POST', '/clients'],
        ['GET', '/nothing'],
      ] as const) {
        const { status, headers, json } = await ask(method, at, { token });
        expect([status, json.error]).toEqual([401, 'invalid_token']);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
        expect(headers.get('cache-control')).toBe('no-store');
      }
    }
    for (const { method, path: at, role } of OPERATIONS) {
      if (role === 'read') continue;
      const target = at.replaceAll(/\{\w+\}/g, 'x');
      const { status, json } = await ask(method, target, { token: READER, body: '{' });
      expect([status, json.error], target).toEqual([403, 'insufficient_role']);
    }
    expect((await ask('GET', '/status', { token: READER })).status).toBe(200);
    expect(program.logged()).toContainEqual(
      expect.objectContaining({
        msg: 'admin.refused',
        reason: 'admin_role_insufficient',
        actor: 'token:reader',
      }),
    );
  });

  it('is refused when the token is over, and lets in the one that takes its place', async () => {
    const next = `adm_${'n'.repeat(43)}`;
    const tokens = [
      { name: 'a', hash: hashToken(WRITER), role: 'write', expires: '2020-01-01T00:00:00Z' },
      { name: 'a', hash: hashToken(next), role: 'write', expires: '2999-01-01T00:00:00Z' },
    ];
    const { ask } = await startAdminApi({ config: { admin: { tokens } } });

    expect((await ask('GET', '/status')).status).toBe(401);
    expect((await ask('GET', '/status', { token: next })).status).toBe(200);
  });

  it('finds nothing where no configuration has an Admin API', async () => {
    const { url } = await startAdminApi({ config: { admin: undefined as never } });

    const headers = { Authorization: `Bearer ${WRITER}` };
    expect((await fetch(`${url}/status`, { headers })).status).toBe(404);
  });

  it('may guess many times, and the operator is answered all the same', async () => {
    const { ask } = await startAdminApi();
    for (let round = 0; round < 6; round += 1) {
      const guesses = Array.from({ length: 50 }, (_, n) =>
        ask('GET', '/status', { token: `guess-${round}-${n}` }),
      );
      for (const { status } of await Promise.all(guesses)) expect(status).toBe(401);
    }
    expect((await ask('GET', '/status')).status).toBe(200);
  });

  it('is a page of a browser', async () => {
    const { ask, program } = await startAdminApi({
      config: {
        admin: {
          tokens: [{ name: 'w', hash: hashToken(WRITER), role: 'write' }],
          hosts: ['admin.sso.svc'],
        },
      },
    });
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1']) {
      const { status, json } = await ask('GET', '/status', { headers: { Origin: origin } });
      expect([status, json.error]).toEqual([403, 'cross_site']);
    }
    const by = async (host: string) =>
      (
        await askRaw(program.at('admin'), [
          'GET /admin/v1/status HTTP/1.1',
          `Host: ${host}`,
          `Authorization: Bearer ${WRITER}`,
        ])
      ).status;
    expect(await by('evil.example')).toBe(421);
    expect(await by('admin.sso.svc:8881')).toBe(200);
  });

  it('is refused bodies and paths that mean two things', async () => {
    const { ask, program } = await startAdminApi();
    const post = (body: string, headers = {}) => ask('POST', '/clients', { body, headers });

    expect((await post('{"__proto__":{"client_name":"x"}}')).status).toBe(400);
    expect((await post('{"client_name":"a","client_name":"b"}')).status).toBe(400);
    expect((await post('[]')).status).toBe(400);
    expect((await post('{}', { 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await post(`"${'a'.repeat(70_000)}"`)).status).toBe(413);
    for (const said of [
      'client_id',
      'client_secret',
      'client_secret_hash',
      'client_secrets',
      'jwks_file',
    ]) {
      const { status, json } = await ask('POST', '/clients', { body: { ...MACHINE, [said]: 'x' } });
      expect([status, json.error_description.includes(said)]).toEqual([400, true]);
    }
    expect((await ask('PATCH', '/clients')).headers.get('allow')).toBe('GET, POST');
    for (const at of [
      '/clients/',
      '/Clients',
      '//clients',
      '/clients/..%2fkeys',
      '/status/../keys%00',
    ]) {
      expect([404, 400], at).toContain((await ask('GET', at)).status);
    }
    expect((await ask('GET', '/clients?limit=0')).status).toBe(400);
    expect((await ask('GET', '/clients?limit=1&limit=2')).status).toBe(400);
    expect((await ask('GET', '/clients?x=1')).status).toBe(400);
    expect((await ask('GET', '/clients?after=zzz')).status).toBe(400);
    expect((await ask('GET', '/status?x=1')).status).toBe(400);
    const raw = await askRaw(program.at('admin'), [
      'GET /ADMIN/v1/status HTTP/1.1',
      'Host: 127.0.0.1',
      `Authorization: Bearer ${WRITER}`,
    ]);
    expect(raw.status).toBe(404);
  });
});

describe('access tokens of our own (Admin API, O21)', () => {
  const AUDIENCE = 'https://sso.example/admin';
  const machine = (id: string, more: object) => ({
    client_id: id,
    client_secret: CLIENT_SECRET,
    grant_types: ['client_credentials'],
    scope: 'admin:read admin:write',
    resources: [AUDIENCE, 'https://other.example'],
    ...more,
  });
  const start = () =>
    startAdminApi({
      config: {
        scopes: { 'admin:read': {}, 'admin:write': {} },
        admin: {
          access_tokens: {
            ...{ audience: AUDIENCE, clients: ['ops', 'opaque'] },
            ...{ read_scope: 'admin:read', write_scope: 'admin:write' },
          },
        },
      },
      clients: [
        machine('ops', {}),
        machine('other', {}),
        machine('opaque', { access_token_format: 'opaque' }),
      ] as never,
    });
  async function issue(
    { program }: Caller,
    client: string,
    scope: string,
    resource = AUDIENCE,
    more: readonly string[] = [],
  ) {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      resource,
    }).toString();
    const answer = await askRaw(
      program.public,
      [
        'POST /token HTTP/1.1',
        'Host: sso.example',
        basic(client, CLIENT_SECRET),
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        ...more,
      ],
      body,
    );
    return String(JSON.parse(answer.body).access_token);
  }

  it('are refused where they are bound to a key, which nobody proves here (RFC 9449 §7.2)', async () => {
    const caller = await start();
    const holder = await createHolder('ES256', () => Math.floor(Date.now() / 1000));
    const proof = await holder.prove({ claims: { htu: 'https://sso.example/token' } });
    const bound = await issue(caller, 'ops', 'admin:write', AUDIENCE, [`DPoP: ${proof}`]);
    const bearer = await issue(caller, 'ops', 'admin:write');

    expect(claimsOf(bound)).toMatchObject({ cnf: { jkt: holder.jkt } });
    expect((await caller.ask('GET', '/status', { token: bound })).status).toBe(401);
    expect((await caller.ask('GET', '/status', { token: bearer })).status).toBe(200);
    expect(caller.program.logged()).toContainEqual(
      expect.objectContaining({ msg: 'admin.refused', reason: 'admin_token_bound' }),
    );
  });

  it('count by audience, client and scope, and until they are revoked', async () => {
    const caller = await start();
    const { ask, program } = caller;
    const status = async (token: string, method = 'GET', at = '/status') =>
      (await ask(method, at, { token, ...(method === 'GET' ? {} : { body: MACHINE }) })).status;
    const reader = await issue(caller, 'ops', 'admin:read');
    const writer = await issue(caller, 'ops', 'admin:write');

    expect(await status(reader)).toBe(200);
    expect(await status(reader, 'POST', '/clients')).toBe(403);
    expect(await status(writer, 'POST', '/clients')).toBe(201);
    expect(await status(await issue(caller, 'ops', 'admin:write', 'https://other.example'))).toBe(
      401,
    );
    expect(await status(await issue(caller, 'other', 'admin:write'))).toBe(401);
    expect(await status(await issue(caller, 'opaque', 'admin:write'))).toBe(401);

    const body = new URLSearchParams({ token: writer }).toString();
    await askRaw(
      program.public,
      [
        'POST /revoke HTTP/1.1',
        'Host: sso.example',
        basic('ops', CLIENT_SECRET),
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
      ],
      body,
    );
    expect(await status(writer)).toBe(401);
    expect(await status(reader)).toBe(200);
  });
});

describe('certificates of operators (Admin API, O21)', () => {
  const { listen, admin, files } = knowing({ deploy: 'write', look: 'read' });
  const start = () => startAdminApi({ config: { listen, admin }, files });
  const HEADER = 'X-Asteroid-Admin: 1';

  it('are who asks, by exact names and of their own CA alone', async () => {
    const { program } = await start();
    const by = async (certificate: object, method: string, ...more: readonly string[]) => {
      const body = method === 'POST' ? '{"grant_types":["client_credentials"]}' : '';
      const at = method === 'POST' ? '/clients' : '/status';
      const lines = [
        `${method} /admin/v1${at} HTTP/1.1`,
        `Host: ${ADMIN_NAME}`,
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        ...more,
      ];
      return (await askRaw(showing(program.at('admin'), certificate), lines, body)).status;
    };
    const deploy = OPERATORS.issue(nameOf('deploy'));
    const look = OPERATORS.issue(nameOf('look'));
    const both = OPERATORS.issue({ dns: ['deploy.example', 'look.example'] });
    const foreign = createAuthority('operators').issue(nameOf('deploy'));

    expect(await by(deploy, 'GET')).toBe(200);
    expect(await by(deploy, 'POST', HEADER)).toBe(201);
    expect(await by(look, 'GET')).toBe(200);
    expect(await by(look, 'POST', HEADER)).toBe(403);
    expect(await by(both, 'POST', HEADER), 'what the least of them may').toBe(403);
    expect(await by(deploy, 'POST'), 'a page of a browser could').toBe(403);
    expect(await by(deploy, 'GET', 'Authorization: Bearer wrong')).toBe(401);
    expect(await by(OPERATORS.issue({ dns: ['sub.deploy.example'] }), 'GET')).toBe(401);
    expect(await by(foreign, 'GET')).toBe(401);
    expect(await by({}, 'GET')).toBe(401);
  });
});
