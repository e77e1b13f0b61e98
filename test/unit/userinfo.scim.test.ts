// What a SCIM service may answer that SCIMMY never does, and how Asteroid says who it is to it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toSubject } from '../../internal/protocol/ids.ts';
import { openBackend } from '../support/backends.ts';
import { createAuthority } from '../support/certificates.ts';
import { startScim } from '../support/scim-server.ts';

type Asked = { readonly url: string; readonly authorization: string; readonly body: string };

let asked: Asked[];
let answer: (asked: Asked, response: ServerResponse) => void;
const server = createServer(async (request: IncomingMessage, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { url = '', headers } = request;
  const one = { url, authorization: headers.authorization ?? '', body };
  asked.push(one);
  answer(one, response);
});
let origin = '';
let folder = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(path.join(tmpdir(), 'asteroid-scim-unit-'));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
});

const send = (response: ServerResponse, status: number, body: unknown, type = 'scim+json') =>
  void response
    .writeHead(status, { 'content-type': `application/${type}` })
    .end(JSON.stringify(body));
const list = (...Resources: readonly unknown[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: Resources.length,
  Resources,
});
const alice = { id: '1', userName: 'alice', displayName: 'Alice' };

const opened: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));
async function open(more: Readonly<Record<string, unknown>> = {}) {
  const backend = await openBackend({
    ...{
      type: 'scim',
      url: `${origin}/v2/`,
      cache_ttl: '0s',
      stale_if_error: '0s',
      timeout: '10s',
    },
    ...more,
  });
  opened.push(backend);
  return backend;
}
const find = async (more: Readonly<Record<string, unknown>> = {}) =>
  (await open(more)).find(toSubject('alice'), {});

describe('userinfo scim: what counts as an answer', () => {
  const ANSWERS: readonly (readonly [what: string, status: number, body: unknown, why: unknown])[] =
    [
      ['an error', 500, {}, 'answered with status 500'],
      ['a search that is not there', 404, {}, 'answered with status 404'],
      ['no list', 200, alice, 'the answer is not a list of SCIM'],
      [
        'a part of a list',
        200,
        { ...list(), totalResults: 1 },
        'the answer is only a part of the list',
      ],
      ['one of two', 200, { ...list(alice), totalResults: 2 }, 'more than one resource is found'],
      ['two of one', 200, { ...list(alice, alice), totalResults: 1 }, /more than one/],
      [
        'a word for a truth',
        200,
        list({ ...alice, active: 'False' }),
        'attributes of a wrong type: active',
      ],
      ['a user without an id', 200, list({ userName: 'alice' }), /wrong type: id/],
    ];
  for (const [what, status, body, why] of ANSWERS) {
    it(`is not ${what}`, async () => {
      answer = (_, response) => send(response, status, body);

      await expect(find()).rejects.toMatchObject({
        name: 'Unavailable',
        cause: { message: why instanceof RegExp ? expect.stringMatching(why) : why },
      });
    });
  }

  it('is not of another media type, and is of JSON of either kind', async () => {
    answer = (_, response) => send(response, 200, list(alice), 'xml');
    await expect(find()).rejects.toMatchObject({ name: 'Unavailable' });

    answer = (_, response) => send(response, 200, list(alice), 'json; charset=utf-8');
    expect(await find()).toMatchObject({ name: 'Alice' });
  });

  it('is unknown by id where SCIM says so, and not where a gateway does', async () => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
    answer = (_, response) => send(response, 404, { schemas, status: '404' });
    expect(await find({ lookup: 'id' })).toBeUndefined();

    answer = (_, response) => send(response, 404, { error: 'no such route' });
    await expect(find({ lookup: 'id' })).rejects.toMatchObject({ name: 'Unavailable' });
  });

  it('is not about somebody else', async () => {
    answer = (_, response) => send(response, 200, list({ ...alice, userName: 'bob' }));

    expect(await find()).toBeUndefined();
  });
});

describe('userinfo scim: who asks', () => {
  it('shows an access token of its own, and gets another before the end of it (RFC 6749 §4.4)', async () => {
    const secret = path.join(folder, 'secret');
    await writeFile(secret, 'päss word\n');
    let tokens = 0;
    answer = ({ url }, response) => {
      if (!url.startsWith('/token')) return send(response, 200, list(alice));
      tokens += 1;
      return send(
        response,
        200,
        { access_token: `t${tokens}`, token_type: 'Bearer', expires_in: 600 },
        'json',
      );
    };
    const oauth = {
      token_url: `${origin}/token`,
      client_id: 'asteroid',
      client_secret_file: secret,
      scope: 'scim.read',
    };
    const backend = await open({ oauth });
    const alice_ = toSubject('alice');
    await backend.find(alice_, {});
    backend.at(569);
    await backend.find(alice_, {});
    backend.at(570);
    await backend.find(alice_, {});

    const users = asked.filter(({ url }) => url.startsWith('/v2/Users'));
    expect(users.map(({ authorization }) => authorization)).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ]);
    const [first] = asked;
    expect(first?.body).toBe('grant_type=client_credentials&scope=scim.read');
    const pair = Buffer.from(first?.authorization.slice(6) ?? '', 'base64').toString();
    expect(pair).toBe('asteroid:p%C3%A4ss+word');
  });

  it('asks once more with another token where the last one is refused, and no further', async () => {
    const secret = path.join(folder, 'secret');
    await writeFile(secret, 's');
    let tokens = 0;
    let accepted = 'Bearer t2';
    answer = ({ url, authorization }, response) => {
      if (!url.startsWith('/token'))
        return send(response, authorization === accepted ? 200 : 401, list(alice));
      tokens += 1;
      return send(response, 200, { access_token: `t${tokens}`, token_type: 'bearer' }, 'json');
    };
    const oauth = { token_url: `${origin}/token`, client_id: 'a', client_secret_file: secret };
    const backend = await open({ oauth });
    expect(await backend.find(toSubject('alice'), {})).toMatchObject({ name: 'Alice' });

    accepted = 'nothing';
    asked = [];
    await expect(backend.find(toSubject('alice'), {})).rejects.toMatchObject({
      cause: { message: 'answered with status 401' },
    });
    expect(asked).toHaveLength(3);
  });

  it('gets one token for all who need one at the same time, at first and when it is refused', async () => {
    const secret = path.join(folder, 'secret');
    await writeFile(secret, 's');
    let tokens = 0;
    let accepted = 'Bearer t1';
    answer = ({ url, authorization }, response) => {
      if (!url.startsWith('/token'))
        return send(response, authorization === accepted ? 200 : 401, list());
      tokens += 1;
      return send(response, 200, { access_token: `t${tokens}`, token_type: 'bearer' }, 'json');
    };
    const oauth = { token_url: `${origin}/token`, client_id: 'a', client_secret_file: secret };
    const backend = await open({ oauth });
    const findMany = () =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) => backend.find(toSubject(`user${index}`), {})),
      );
    await findMany();
    expect(tokens).toBe(1);

    accepted = 'Bearer t2';
    await findMany();
    expect(tokens).toBe(2);
  });

  it('is asked about once where the password is wrong, which would lock it sooner', async () => {
    const file = path.join(folder, 'password');
    await writeFile(file, 'wrong');
    answer = (_, response) => send(response, 401, {});
    await expect(find({ basic: { username: 'u', password_file: file } })).rejects.toMatchObject({
      cause: { message: 'answered with status 401' },
    });

    expect(asked).toHaveLength(1);
  });

  it('is Basic where the operator says so', async () => {
    const file = path.join(folder, 'password');
    await writeFile(file, 'p');
    answer = (_, response) => send(response, 200, list(alice));
    await find({ basic: { username: 'u', password_file: file } });

    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });
});

it('userinfo scim: is proven by its CA alone, which is read again', async () => {
  const authority = createAuthority('CA of SCIM');
  const tls = authority.issue({ commonName: 'scim', ips: [[127, 0, 0, 1]] });
  const scim = await startScim({ users: [alice], groups: [] }, { tls });
  const caFile = path.join(folder, 'ca');
  await writeFile(caFile, createAuthority('CA of SCIM').cert);
  const backend = await open({ url: scim.url, ca_file: caFile });
  await expect(backend.find(toSubject('alice'), {})).rejects.toMatchObject({ name: 'Unavailable' });

  await writeFile(caFile, authority.cert);
  expect(await backend.find(toSubject('alice'), {})).toMatchObject({ name: 'Alice' });
  await scim.close();
});
