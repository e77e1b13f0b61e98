// Whatever is secret in a flow is in no record, wherever records go.

import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { openRedisStream } from '../../internal/store/redis/stream.ts';
import {
  CLIENT_SECRET,
  makeFolder,
  REDIRECT_URI,
  spawnProgram,
  UPSTREAM_SECRET,
} from '../support/program.ts';
import { ask } from '../support/raw-http.ts';
import { startRedis } from '../support/redis-server.ts';
import { until } from '../support/until.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const WEBHOOK_SECRET = 'what-only-the-receiver-knows-0123456789';
const ISSUER = 'https://sso.example';

it('holds no secret, code, token or cookie of a flow, in any sink', async () => {
  const redis = await startRedis();
  cleanups.push(() => redis.stop());
  const posted: string[] = [];
  const service = createServer(async (request, response) => {
    for await (const chunk of request) posted.push(String(chunk));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const datagrams: string[] = [];
  const collector = createSocket('udp4', (message) => datagrams.push(message.toString()));
  await new Promise<void>((resolve) => collector.bind(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    service.closeAllConnections();
    service.close();
    collector.close();
  });
  const folder = await makeFolder({
    files: { webhook: WEBHOOK_SECRET },
    config: {
      audit: {
        sinks: [
          { type: 'stdout' },
          { type: 'file', path: 'audit.log' },
          { type: 'redis', url: redis.url },
          {
            ...{ type: 'syslog', transport: 'udp', host: '127.0.0.1' },
            port: collector.address().port,
          },
          {
            ...{ type: 'webhook', secret_files: ['webhook'], allow_private: ['127.0.0.0/8'] },
            url: `http://127.0.0.1:${(service.address() as AddressInfo).port}/`,
          },
        ],
      },
    },
  });
  const child = spawnProgram(['serve', '--config', folder.configFile]);
  const at = await child.at('public');
  const send = (target: string, fields: readonly string[] = [], form?: Record<string, string>) => {
    const body = form === undefined ? '' : new URLSearchParams(form).toString();
    const head = form === undefined ? [] : ['Content-Type: application/x-www-form-urlencoded'];
    const line = `${form === undefined ? 'GET' : 'POST'} ${target} HTTP/1.1`;
    const length = form === undefined ? [] : [`Content-Length: ${body.length}`];
    return ask(at, [line, 'Host: sso.example', ...fields, ...head, ...length], body);
  };
  const basic = (secret: string) =>
    `Authorization: Basic ${Buffer.from(`app:${secret}`).toString('base64')}`;
  const proven = [`X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}`, 'X-Authenticated-User: alice'];
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: 'app', redirect_uri: REDIRECT_URI },
    ...{ scope: 'openid', state: 'canary-state-0123456789', nonce: 'canary-nonce-0123456789' },
  });
  const granted = await send(`/authorize?${query}`, proven);
  const location = granted.headers['location'] ?? '';
  const code = new URL(location).searchParams.get('code') ?? '';
  const cookie = granted.headers['set-cookie'] ?? '';
  const exchange = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
  const tokens = JSON.parse((await send('/token', [basic(CLIENT_SECRET)], exchange)).body);
  const wrong = 'canary-wrong-secret-0123456789';
  await send('/token', [basic(wrong)], exchange);
  await send('/token', [basic(CLIENT_SECRET)], exchange);
  await send('/introspect', [basic(wrong)], { token: tokens.access_token });
  await send('/revoke', [basic(wrong)], { token: tokens.access_token });
  await send('/userinfo', [`Authorization: Bearer ${tokens.access_token}`]);
  await send('/userinfo', ['Authorization: Bearer canary-token-0123456789']);
  await send(`/authorize?${query}`, ['X-Authenticated-User: mallory']);
  child.process.kill('SIGTERM');
  expect(await child.exit).toBe(0);

  const stream = await openRedisStream({ issuer: ISSUER, url: redis.url, maxPending: 1 }, 1000);
  cleanups.push(() => stream.close());
  const entries = (await stream.readBack(undefined, 1000)).map(({ text }) => text).join('\n');
  await until(() => datagrams.some((message) => message.includes('issuer.stopped')));
  const sinks = {
    stdout: child.stdout(),
    file: await readFile(folder.file('audit.log'), 'utf8'),
    redis: entries,
    syslog: datagrams.join('\n'),
    webhook: posted.join('\n'),
  };
  const canaries = [
    ...[code, code.split('.')[1], cookie.split(/[=;]/)[1], tokens.access_token, tokens.id_token],
    ...[CLIENT_SECRET, UPSTREAM_SECRET, WEBHOOK_SECRET, wrong, basic(wrong).slice(21)],
    ...['canary-state-0123456789', 'canary-nonce-0123456789', 'canary-token-0123456789'],
  ];
  const types = [
    ...['issuer.started', 'authorization.granted', 'token.issued', 'token.refused'],
    ...['authorization.ended', 'introspection.refused', 'revocation.refused'],
    ...['userinfo.refused', 'identity.refused', 'issuer.stopped'],
  ];
  for (const [name, text] of Object.entries(sinks)) {
    expect(
      types.filter((type) => !text.includes(type)),
      name,
    ).toEqual([]);
    expect(
      canaries.filter((canary) => canary && text.includes(canary)),
      name,
    ).toEqual([]);
  }
  expect(canaries.filter((canary) => (canary ?? '').length > 15)).toHaveLength(canaries.length);
});
