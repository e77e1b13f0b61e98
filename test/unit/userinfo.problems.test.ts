// Why a source could not tell, in one word: of a service over HTTP, of a file, and of errors as Node and its
// libraries make them. Directories and databases say theirs in test/contract/userinfo.outages.test.ts.

import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anyAddress } from '../../internal/outbound/addresses.ts';
import { createOutbound } from '../../internal/outbound/client.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { createHttpBackend, type HttpBackendOptions } from '../../internal/userinfo/http.ts';
import { describeFailure as ofDirectory } from '../../internal/userinfo/ldap/failure.ts';
import { lookUp } from '../../internal/userinfo/look-up.ts';
import { createReadToken } from '../../internal/userinfo/scim/token.ts';
import { findProblem } from '../../internal/userinfo/source-error.ts';
import { describeFailure as ofDatabase } from '../../internal/userinfo/sql/failure.ts';
import { createStoreBackend } from '../../internal/userinfo/store.ts';
import { createYamlBackend } from '../../internal/userinfo/yaml.ts';
import { DESCRIPTION } from '../support/admin-api.ts';

const ALICE = toSubject('alice');
const now = () => 1_800_000_000;
const onProblem = () => undefined;

let server: Server;
let origin: string;
let answer: RequestListener;

beforeEach(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const outbound = createOutbound(anyAddress);

async function ask(options: Partial<HttpBackendOptions> = {}) {
  const url = `${origin}/{sub}`;
  const backend = createHttpBackend({ url, timeout: 10, ...options }, { now, outbound, onProblem });
  const [told] = await lookUp([backend], ALICE);
  return told;
}

const say =
  (status: number, body: string, type = 'application/json'): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body);

describe('a backend that failed', () => {
  for (const [word, how, listener] of [
    ['credentials', 'a 401', say(401, '{}')],
    ['credentials', 'a 403', say(403, '{}')],
    ['refused', 'a 500', say(500, '{}')],
    ['refused', 'a redirect', say(302, '{}')],
    ['malformed', 'what is not JSON', say(200, 'hunter2')],
    ['malformed', 'another media type', say(200, '{}', 'text/html')],
    ['malformed', 'an answer about somebody else', say(200, '{"sub":"bob"}')],
    ['malformed', 'a claim of a wrong type', say(200, '{"groups":"hunter2"}')],
    ['too_large', 'more than it may', say(200, `"${'a'.repeat(70_000)}"`)],
  ] as const) {
    it(`is ${word} after ${how}, and repeats nothing of it`, async () => {
      answer = listener;

      const told = await ask();

      expect(told).toMatchObject({ outcome: 'failed', problem: word });
      expect(JSON.stringify(told)).not.toContain('hunter2');
    });
  }

  it('is none where it answers', async () => {
    answer = say(200, '{"name":"Alice"}');

    expect(await ask()).toMatchObject({ outcome: 'known', problem: undefined });
  });

  it('is late, away, no speaker of TLS, or without its secret', async () => {
    answer = () => undefined;
    expect(await ask({ timeout: 0.05 })).toMatchObject({ problem: 'timeout' });
    answer = say(200, '{}');
    const url = `${origin.replace('http:', 'https:')}/{sub}`;
    expect(await ask({ url })).toMatchObject({ problem: 'tls' });
    const token = async () => readFileSync('/nowhere/secret', 'utf8');
    const authentication = { kind: 'bearer', token } as const;
    expect(await ask({ authentication })).toMatchObject({ problem: 'unreadable' });
    const broken = { kind: 'bearer', token: () => 'a\nb' } as const;
    expect(await ask({ authentication: broken })).toMatchObject({ problem: 'credentials' });
    await new Promise((resolve) => server.close(resolve));
    expect(await ask()).toMatchObject({ problem: 'unreachable' });
    server.listen(0);
  });

  it('has too much to do', async () => {
    answer = () => undefined;
    const url = `${origin}/{sub}`;
    const backend = createHttpBackend({ url, timeout: 10 }, { now, outbound, onProblem });
    const waiting = Array.from({ length: 128 }, (_, n) => backend.find(toSubject(`s${n}`), {}));
    for (const one of waiting) Promise.resolve(one).catch(() => undefined);

    expect(await lookUp([backend], ALICE)).toMatchObject([{ problem: 'overloaded' }]);
  });

  it('is a file that cannot be read, or taken', async () => {
    for (const load of [
      async () => JSON.parse(readFileSync('/nowhere/users.yaml', 'utf8')),
      async () => {
        throw new Error('users.yaml:1: hunter2');
      },
    ]) {
      const backend = createYamlBackend({ file: '/nowhere/users.yaml', load, now, onProblem });
      expect(await lookUp([backend], ALICE)).toMatchObject([{ problem: 'unreadable' }]);
    }
  });

  it('is what the store of the issuer has, or a store that is away', async () => {
    const damaged = createStoreBackend({ findUser: async () => 'damaged' });
    const away = createStoreBackend({
      findUser: async () => {
        throw new Unavailable('store', 'findUser');
      },
    });

    expect(await lookUp([damaged, away], ALICE)).toMatchObject([
      { problem: 'malformed' },
      { problem: 'unreachable' },
    ]);
  });

  it('is not taken by its token endpoint, or gets no token there', async () => {
    const wordOf = async () => {
      const clientSecret = () => 'secret';
      const authentication = { kind: 'client_credentials', scope: undefined } as const;
      const client = { ...authentication, tokenUrl: origin, clientId: 'asteroid', clientSecret };
      const read = createReadToken(client, { outbound, now, timeout: 10 });
      const error: unknown = await read().catch((one) => one);
      return findProblem(error);
    };
    answer = say(400, '{"error":"invalid_client"}');
    expect(await wordOf()).toBe('credentials');
    answer = say(404, '');
    expect(await wordOf()).toBe('refused');
    answer = say(503, '');
    expect(await wordOf()).toBe('refused');
    answer = say(200, '{}');
    expect(await wordOf()).toBe('malformed');
  });
});

const coded = (code: unknown, message = 'x', more: object = {}) =>
  Object.assign(new Error(message), { code }, more);

describe('the word of an error', () => {
  it.each([
    ['credentials', ofDirectory(coded(49))],
    ['timeout', ofDirectory(coded(3))],
    ['too_large', ofDirectory(coded(4))],
    ['refused', ofDirectory(coded(51))],
    ['unreachable', ofDirectory(new Error('Connection closed before message response'))],
    ['failed', ofDirectory(new Error('x'))],
    ['credentials', ofDatabase(coded('28P01'))],
    ['timeout', ofDatabase(coded('57014'))],
    ['refused', ofDatabase(coded('42P01'))],
    ['unreachable', ofDatabase(new Error('Connection terminated unexpectedly'))],
    ['tls', ofDatabase(new Error('The server does not support SSL connections'))],
    ['credentials', ofDatabase(new Error('SASL: no'))],
    ['unreachable', ofDatabase(coded('ECONNREFUSED'))],
    ['unreachable', coded('ENOENT', 'x', { syscall: 'connect' })],
    ['unreadable', coded('ENOENT', 'x', { syscall: 'open' })],
    ['tls', coded('CERT_HAS_EXPIRED')],
    ['tls', coded('ERR_TLS_CERT_ALTNAME_INVALID')],
    ['tls', coded('SELF_SIGNED_CERT_IN_CHAIN')],
    ['failed', coded('ERR_INVALID_ARG_TYPE')],
    ['failed', new Error('x')],
    ['failed', 'x'],
  ])('is %s: %s', (word, error) => {
    expect(findProblem(new Unavailable('userinfo', 'ask', error))).toBe(word);
  });

  it('is that of the innermost of many, and ends where errors are their own cause', () => {
    const inner = new Error('y', { cause: coded('CERT_HAS_EXPIRED') });
    expect(findProblem(Object.assign(coded('ECONNRESET'), { cause: inner }))).toBe('tls');
    const own = coded('ECONNRESET');
    own.cause = own;
    expect(findProblem(own)).toBe('unreachable');
  });

  it('has a row for people, and is told to programs', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/userinfo.md'), 'utf8');
    const [, table = ''] = page.split('| `problem` |');
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(
      ([, word]) => word,
    );
    const told: unknown = DESCRIPTION['components'];

    expect(told).toMatchObject({
      schemas: {
        User: { properties: { backends: { items: { $ref: expect.any(String) } } } },
        BackendAnswer: { properties: { problem: { enum: rows } } },
      },
    });
  });
});
