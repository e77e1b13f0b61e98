import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect as connectDirectory } from '../../internal/userinfo/ldap/connection.ts';
import { connect as connectDatabase } from '../../internal/userinfo/sql/connection.ts';
import { type SilentServer, startSilentServer } from '../support/silent-server.ts';

let server: SilentServer;
beforeEach(async () => {
  server = await startSilentServer();
});
afterEach(() => server.close());

type Open = (secret: () => Promise<string>, signal: AbortSignal) => Promise<unknown>;

const WAYS: { readonly [type: string]: Open } = {
  ldap: (ca, signal) =>
    connectDirectory(
      {
        url: `ldaps://127.0.0.1:${server.port}`,
        startTls: false,
        tls: { ca },
        bind: { kind: 'anonymous' },
        timeLimit: 10,
      },
      signal,
    ),
  sql: (password, signal) =>
    connectDatabase(
      {
        host: '127.0.0.1',
        port: server.port,
        user: 'asteroid',
        name: 'people',
        password,
        tls: undefined,
        timeLimit: 10,
      },
      signal,
    ),
};

describe.each(Object.entries(WAYS))('a connection for the %s backend', (_type, open) => {
  it('is not made once nobody waits for it, which would leave it open for ever', async () => {
    const controller = new AbortController();
    let release = (_secret: string) => {};
    const secret = new Promise<string>((resolve) => {
      release = resolve;
    });
    const opening = open(() => secret, controller.signal);
    controller.abort();
    release('');

    await expect(opening).rejects.toThrow(/abort/);
    expect(server.count()).toBe(0);
  });

  it('is given up where the server says nothing until then', async () => {
    const controller = new AbortController();
    const opening = open(async () => '', controller.signal);
    await expect.poll(() => server.count(), { timeout: 10_000 }).toBe(1);
    controller.abort();

    await expect(opening).rejects.toThrow();
  });
});
