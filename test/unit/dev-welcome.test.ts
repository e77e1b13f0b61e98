import { describe, expect, it } from 'vitest';
import { explainTaken, toContainerSettings, toIssuer } from '../../cmd/asteroid/dev-address.ts';
import { type Welcome, welcome } from '../../cmd/asteroid/dev-welcome.ts';
import { readSnapshot } from '../../internal/app/read.ts';

const facts = async (different: Partial<Welcome> = {}, env = {}): Promise<Welcome> => ({
  ...(await readSnapshot({ files: [], base: 'config', env, mode: 'dev' })),
  users: ['alice', 'bob'],
  containerHost: undefined,
  ...different,
});

const say = async (different: Partial<Welcome> = {}, env = {}): Promise<string> =>
  welcome(await facts(different, env)).join('\n');

describe('the welcome of asteroid dev', () => {
  it('has everything that is clicked or pasted, and who exists', async () => {
    const text = await say();

    for (const line of [
      'answers on http://localhost:8880',
      'Discovery: http://localhost:8880/.well-known/openid-configuration',
      'Sign in with a browser: http://localhost:8880/authorize?client_id=test-client&',
      'http://localhost:8880/choose?again=1',
      'End-Users: alice, bob',
      'Clients: test-client, spa, machine',
      "curl -s -u 'test-client:test-secret'",
      "-H 'X-Authenticated-User: alice'",
      "use: { extraHTTPHeaders: { 'X-Authenticated-User': 'alice' } }",
      '--container-host host.docker.internal',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('signs in somebody who is there, and says how many there are', async () => {
    const users = Array.from({ length: 200 }, (_, n) => `user-${n}`);

    expect(await say({ users })).toContain("'X-Authenticated-User': 'user-0'");
    expect(await say({ users })).toContain('user-9, and 190 more');
    expect(await say({ users: [] })).toContain('End-Users: none');
  });

  it('says how containers reach it, where they are let in', async () => {
    const env = { ASTEROID_ENDPOINTS_BACKCHANNEL_BASE: 'http://host.docker.internal:8880' };
    const text = await say({ containerHost: 'host.docker.internal' }, env);

    expect(text).toContain('http://host.docker.internal:8880/.well-known/openid-configuration');
    expect(text).toContain('The issuer to compare with is http://localhost:8880');
    expect(text).toContain('--add-host host.docker.internal:host-gateway');
  });

  it('has no line for tokens where no client could use it', async () => {
    expect(await say({ clients: new Map() })).not.toContain('curl');
  });
});

describe('the addresses of asteroid dev', () => {
  for (const [host, issuer] of [
    ['localhost', 'http://localhost:8880'],
    ['127.0.0.1', 'http://127.0.0.1:8880'],
    ['::1', 'http://[::1]:8880'],
    ['0.0.0.0', 'http://localhost:8880'],
    ['::', 'http://localhost:8880'],
  ] as const) {
    it(`make ${issuer} of ${host}`, () => {
      expect(toIssuer({ host, port: '8880' })).toBe(issuer);
    });
  }

  it('let containers in by the name that was given, and by none without', () => {
    const address = { host: 'localhost', port: '8880' };

    expect(toContainerSettings({ ...address, containerHost: 'asteroid' })).toEqual({
      ASTEROID_ENDPOINTS_BACKCHANNEL_BASE: 'http://asteroid:8880',
    });
    expect(toContainerSettings(address)).toEqual({});
  });
});

describe('a port that is taken', () => {
  const failure = (details: object) =>
    new Error('cannot listen', { cause: Object.assign(new Error('no'), details) });
  const ports = { port: '8880', adminPort: '8881' };

  it('is named, with the option that chooses another', () => {
    expect(explainTaken(failure({ code: 'EADDRINUSE', port: 8880 }), ports)).toMatch(
      /^port 8880 is taken.* --port, .* --port 0$/,
    );
    expect(explainTaken(failure({ code: 'EADDRINUSE', port: 8881 }), ports)).toMatch(
      /^port 8881 is taken.* --admin-port, .* --admin-port 0$/,
    );
  });

  it('is not what any other failure is taken for', () => {
    expect(explainTaken(failure({ code: 'EACCES', port: 80 }), ports)).toBeUndefined();
    expect(explainTaken(new Error('x'), ports)).toBeUndefined();
  });
});
