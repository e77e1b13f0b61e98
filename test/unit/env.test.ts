import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../internal/config/config.ts';
import { listOptions, variableOf } from '../../internal/config/options.ts';
import { createFolder, loadFolder, problemsOf, warningsOf } from './loader.fixture.ts';

const loadWith = async (env: { readonly [name: string]: string }) =>
  (await loadFolder(await createFolder(), { env })).config;

describe('environment variables: any option by its path', () => {
  it('have a name for every option outside lists and maps, and no two the same', () => {
    const options = listOptions(configSchema).filter(
      ({ isSection, isInside }) => !isSection && !isInside,
    );
    const names = options.map(variableOf);

    expect(options.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(options.length);
    expect(names).toContain('ASTEROID_ISSUER');
    expect(names).toContain('ASTEROID_STORE_REDIS_URL');
  });

  it('override text, numbers, truth values, lists and maps', async () => {
    const config = await loadWith({
      ASTEROID_ISSUER: 'https://sso.example',
      ASTEROID_LISTEN_PUBLIC_PORT: '9000',
      ASTEROID_LISTEN_PUBLIC_MODE: '0600',
      ASTEROID_POLICY_ALLOW_HTTP_ISSUER: 'true',
      ASTEROID_UPSTREAM_HEADERS_REJECT_VALUES: '[nobody, "123"]',
      ASTEROID_UPSTREAM_HEADERS_EXTRA: '{ team: { name: X-Team } }',
      ASTEROID_UPSTREAM_HEADERS_EMAIL_VERIFIED: '{ header: X-Verified }',
      ASTEROID_LIFETIMES_ACCESS_TOKEN: '10m',
      ASTEROID_LISTEN_HEALTH_PORT: '0',
    });

    expect(config).toMatchObject({
      issuer: 'https://sso.example',
      listen: { public: { port: 9000 }, health: { host: '127.0.0.1', port: 0 } },
      policy: { allow_http_issuer: true },
      upstream: {
        headers: {
          reject_values: ['nobody', '123'],
          extra: { team: { name: 'X-Team', type: 'string' } },
          email: { verified: { header: 'X-Verified' } },
        },
      },
      lifetimes: { access_token: 600 },
    });
  });

  it('take text as it is, whatever YAML would make of it', async () => {
    const config = await loadWith({
      ASTEROID_UPSTREAM_SUBJECT_NAMESPACE: '0123',
      ASTEROID_UPSTREAM_HEADERS_SUBJECT_PATTERN: '[a-z]{1,5}: #&*',
      ASTEROID_STORE_REDIS_USERNAME: '"quoted"',
    });

    expect(config.upstream.subject.namespace).toBe('0123');
    expect(config.upstream.headers.subject?.pattern).toBe('[a-z]{1,5}: #&*');
    expect(config.store.redis.username).toBe('quoted');
  });

  it('win over every file, and name files from the working directory', async () => {
    const folder = await createFolder({ 'over.yaml': 'keys: { dir: here }\n' });
    const { config } = await loadFolder(folder, {
      files: ['asteroid.yaml', 'over.yaml'],
      env: { ASTEROID_KEYS_DIR: 'there' },
    });

    expect(config.keys.dir).toBe(path.resolve('there'));
  });

  it('are named when they are wrong', async () => {
    const folder = await createFolder();

    expect(
      await problemsOf(folder, {
        env: {
          ASTEROID_LISTEN_PUBLIC_PORT: 'x',
          ASTEROID_UPSTREAM_TRUST_PEERS: '[10.0.0.1/32, proxy]',
          ASTEROID_UPSTREAM_HEADERS_REQUIRED: '[a',
        },
      }),
    ).toEqual([
      'ASTEROID_UPSTREAM_HEADERS_REQUIRED:1: upstream.headers.required: lacks a closing quote, bracket, comma or colon',
      'ASTEROID_LISTEN_PUBLIC_PORT:1: listen.public.port: has to be a whole number',
      'ASTEROID_UPSTREAM_TRUST_PEERS:1: upstream.trust.peers[1]: is not an address range; names of hosts prove nothing, write as in 10.0.0.5/32 or "fd00::5/128"',
    ]);
  });
});

describe('environment variables: what is only warned about', () => {
  it('names an unknown one with the nearest known one', async () => {
    expect(
      await warningsOf(await createFolder(), { env: { ASTEROID_STORE_DRIVR: 'redis' } }),
    ).toEqual([
      'ASTEROID_STORE_DRIVR:1: environment: names no option and is ignored; did you mean ASTEROID_STORE_DRIVER?',
    ]);
  });

  it('names an empty one, which changes nothing', async () => {
    const folder = await createFolder();

    expect(await warningsOf(folder, { env: { ASTEROID_ISSUER: '' } })).toEqual([
      'ASTEROID_ISSUER:1: issuer: is empty and therefore ignored; unset it',
    ]);
  });

  it('names every one that changes trust, without its value', async () => {
    const folder = await createFolder();
    const env = { ASTEROID_UPSTREAM_TRUST_PEERS: '[10.0.0.5/32]' };

    expect(await warningsOf(folder, { env })).toEqual([
      'ASTEROID_UPSTREAM_TRUST_PEERS:1: upstream.trust.peers: is set by the environment',
    ]);
  });

  it('names every one that changes whose signature counts', async () => {
    const folder = await createFolder();
    const env = {
      ASTEROID_UPSTREAM_ASSERTION_HEADER: 'X-Proxy-Assertion',
      ASTEROID_UPSTREAM_ASSERTION_ALGORITHMS: '[ES256]',
      ASTEROID_UPSTREAM_ASSERTION_JWKS_URI: 'https://proxy.example/jwks.json',
      ASTEROID_UPSTREAM_ASSERTION_ISSUER: 'https://proxy.example',
      ASTEROID_UPSTREAM_ASSERTION_AUDIENCE: '[https://sso.example]',
    };
    const warnings = await warningsOf(folder, { env });

    expect(warnings).toHaveLength(5);
    expect(warnings).toContain(
      'ASTEROID_UPSTREAM_ASSERTION_ISSUER:1: upstream.assertion.issuer: is set by the environment',
    );
  });

  it('says nothing of what Kubernetes makes for Services, nor of other programs', async () => {
    const env = {
      ASTEROID_PORT: 'tcp://10.96.0.10:8880',
      ASTEROID_PORT_8880_TCP: 'tcp://10.96.0.10:8880',
      ASTEROID_PORT_8880_TCP_PROTO: 'tcp',
      ASTEROID_PORT_8880_TCP_PORT: '8880',
      ASTEROID_PORT_8880_TCP_ADDR: '10.96.0.10',
      ASTEROID_SERVICE_HOST: '10.96.0.10',
      ASTEROID_SERVICE_PORT: '8880',
      ASTEROID_SERVICE_PORT_HTTP: '8880',
      ASTEROID_REDIS_SERVICE_HOST: '10.96.0.11',
      ASTEROID_REDIS_PORT: 'tcp://10.96.0.11:6379',
      // A Service named asteroid-listen-public.
      ASTEROID_LISTEN_PUBLIC_PORT: 'tcp://10.96.0.12:80',
      ASTEROID_DEV_EXPOSE: '1',
      MY_ASTEROID_THING: 'x',
    };
    const folder = await createFolder();

    expect(await warningsOf(folder, { env })).toEqual([]);
    expect((await loadFolder(folder, { env })).config.listen.public).toMatchObject({ port: 8880 });
  });
});
