// What an operator believes to be there, and says so: whoever says it twice, or of something that has no
// version, is told, and nothing is changed without looking.

import { beforeAll, describe, expect, it } from 'vitest';
import { type AdminCaller, startAdminApi, TOKENS, WRITER } from '../support/admin-api.ts';
import type { Program } from '../support/program.ts';
import { ask as askRaw } from '../support/raw-http.ts';

const MACHINE = { client_name: 'machine', grant_types: ['client_credentials'] };
const ADA = { claims: { name: 'Ada' } };

describe('conditions of a change (Admin API)', () => {
  let program: Program;
  let ask: AdminCaller['ask'];
  beforeAll(async () => {
    ({ program, ask } = await startAdminApi({
      config: {
        admin: { tokens: TOKENS },
        userinfo: { backends: [{ type: 'store' }, { type: 'headers' }] },
      },
    }));
  });

  /** Header lines as they are, each as often as it is there. */
  const put = async (path: string, body: object, ...lines: readonly string[]) => {
    const text = JSON.stringify(body);
    const { status, body: said } = await askRaw(
      program.at('admin'),
      [
        `PUT /admin/v1${path} HTTP/1.1`,
        'Host: 127.0.0.1',
        'Content-Type: application/json',
        `Content-Length: ${text.length}`,
        `Authorization: Bearer ${WRITER}`,
        ...lines,
      ],
      text,
    );
    return { status, json: JSON.parse(said) };
  };

  async function create() {
    const { json, headers } = await ask('POST', '/clients', { body: MACHINE });
    return { path: `/clients/${json.client_id}`, etag: headers.get('etag') ?? '' };
  }
  const nameOf = async (path: string): Promise<string> =>
    (await ask('GET', path)).json.metadata.client_name;

  it('is refused where it is there twice, and nothing is changed', async () => {
    const { path, etag } = await create();
    const other = { ...MACHINE, client_name: 'other' };

    const twice = await put(path, other, 'If-Match: "another"', `If-Match: ${etag}`);

    expect([twice.status, twice.json.error]).toEqual([400, 'invalid_request']);
    expect(await nameOf(path)).toBe('machine');
    expect((await put(path, other, `If-Match: ${etag}`)).status).toBe(200);
  });

  it('is refused where nobody looks at it, and nothing is changed', async () => {
    const { path } = await create();
    const other = { ...MACHINE, client_name: 'other' };

    for (const line of ['If-None-Match: *', 'If-None-Match: "x"']) {
      const { status, json } = await put(path, other, line);
      expect([status, json.error]).toEqual([400, 'invalid_request']);
      expect(json.error_description).toContain('If-None-Match');
    }
    expect(await nameOf(path)).toBe('machine');
    const read = await ask('GET', path, { headers: { 'If-None-Match': '"x"' } });
    expect(read.status).toBe(200);
  });

  it('is refused of what has no version', async () => {
    const before = (await ask('GET', '/keys')).json.keys.length;

    const { status, json } = await ask('POST', '/keys/rotate', {
      body: {},
      headers: { 'If-Match': '"x"' },
    });

    expect([status, json.error]).toEqual([400, 'invalid_request']);
    expect((await ask('GET', '/keys')).json.keys).toHaveLength(before);
  });

  it('is not met by * where there is none (RFC 9110 §13.1.1)', async () => {
    const none = await put('/users/ada', ADA, 'If-Match: *');
    expect([none.status, none.json.error]).toEqual([412, 'precondition_failed']);
    expect((await ask('GET', '/users')).json.users).toEqual([]);

    expect((await put('/users/ada', ADA)).status).toBe(200);
    expect((await put('/users/ada', ADA, 'If-Match: *')).status).toBe(200);
    const { path } = await create();
    expect((await put(path, MACHINE, 'If-Match: *')).status).toBe(200);
  });

  it('of a header that may be there once, one is read', async () => {
    const { path } = await create();

    for (const line of ['Content-Type: text/plain', `Authorization: Bearer ${WRITER}`]) {
      expect((await put(path, MACHINE, line)).status).toBe(400);
    }
  });
});
