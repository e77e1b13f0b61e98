import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  connect as connectDirectory,
  type Server,
} from '../../internal/userinfo/ldap/connection.ts';
import { connect as connectDatabase } from '../../internal/userinfo/sql/connection.ts';
import { type SilentServer, startSilentServer } from '../support/silent-server.ts';

let server: SilentServer;
beforeEach(async () => {
  server = await startSilentServer();
});
afterEach(() => server.close());

type Open = (secret: () => Promise<string>, signal: AbortSignal) => Promise<unknown>;

const openDirectory = (terms: Partial<Server>, signal: AbortSignal) =>
  connectDirectory(
    {
      url: `ldap://127.0.0.1:${server.port}`,
      startTls: false,
      tls: {},
      bind: { kind: 'anonymous' },
      timeLimit: 10,
      ...terms,
    },
    signal,
  );

const WAYS: { readonly [name: string]: Open } = {
  'ldap, with a certificate': (ca, signal) =>
    openDirectory({ url: `ldaps://127.0.0.1:${server.port}`, tls: { ca } }, signal),
  'ldap, with a password': (password, signal) =>
    openDirectory({ bind: { kind: 'simple', dn: 'cn=reader', password } }, signal),
  'sql, with a password': (password, signal) =>
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

/** Tells what it holds when it is told to, as one on a file system that hangs. */
function createSlowFile() {
  let [isAsked, tell] = [() => {}, (_secret: string) => {}];
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const told = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const read = () => {
    isAsked();
    return told;
  };
  return { read, asked, tell };
}

describe.each(Object.entries(WAYS))('a connection for %s', (_name, open) => {
  it('is not made once nobody waits for it, which would leave it open for ever', async () => {
    const controller = new AbortController();
    const file = createSlowFile();
    const opening = open(file.read, controller.signal);
    await file.asked;
    controller.abort();
    file.tell('secret');

    await expect(opening).rejects.toThrow(/abort|gone/);
    expect(server.count()).toBe(0);
  });

  it('is given up where the server says nothing until then', async () => {
    const controller = new AbortController();
    const opening = open(async () => 'secret', controller.signal);
    await expect.poll(() => server.count(), { timeout: 10_000 }).toBe(1);
    controller.abort();

    await expect(opening).rejects.toThrow();
  });
});
