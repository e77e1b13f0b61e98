import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { type Metadata, makeFolder, startProgram } from '../support/program.ts';
import { attempt, honest, SIGNED_IN } from './threats.fixture.ts';

const SECRET = { secret: { files: ['upstream'] } };
const PLACE = /^.*asteroid\.yaml:\d+: [a-z_.[\]0-9]+: .+$/;

const starting = (config: Metadata, files: Readonly<Record<string, string>> = {}) =>
  startProgram({ config, files });

/** What an operator reads; empty when it starts. */
async function problemsOf(config: Metadata, files?: Readonly<Record<string, string>>) {
  try {
    await starting(config, files);
    return [];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [];
  }
}

const trusting = (trust: Metadata): Metadata => ({ upstream: { trust } });
const reading = (headers: Metadata): Metadata => ({ upstream: { trust: SECRET, headers } });
const named = (name: string) => reading({ subject: { name } });

describe('what serve does not start with', () => {
  const CASES: readonly {
    readonly given: string;
    readonly config: Metadata;
    readonly key: string;
    readonly files?: Readonly<Record<string, string>>;
  }[] = [
    { given: 'no trust', config: { upstream: {} }, key: 'upstream.trust' },
    { given: 'a trust without an entry', config: trusting({ peers: [] }), key: 'upstream.trust' },
    {
      given: 'trust in every address',
      config: trusting({ ...SECRET, peers: ['0.0.0.0/0'] }),
      key: 'upstream.trust.peers[0]',
    },
    ...[
      '::/0',
      '*',
      'proxy.internal',
      '10.42.7.3/24',
      '010.42.7.3',
      '10.42.7.0/33',
      '10.42.7.0/24x',
    ].map((peer) => ({
      given: `${peer} among the peers`,
      config: trusting({ ...SECRET, peers: ['10.42.7.0/24', peer] }),
      key: 'upstream.trust.peers[1]',
    })),
    ...['10.0.0.0/8', 'fd00::/8', '10.42.0.0/23'].map((peer) => ({
      given: `${peer} as the only proof`,
      config: trusting({ peers: [peer] }),
      key: 'upstream.trust.peers[0]',
    })),
    ...['127.0.0.1/32', '127.0.0.0/8', '::1/128', '::ffff:127.0.0.1/128'].map((peer) => ({
      given: `loopback ${peer} as the only proof`,
      config: trusting({ peers: [peer] }),
      key: 'upstream.trust.peers[0]',
    })),
    ...['', 'short', 'x'.repeat(31), 'changeme', 'x'.repeat(64)].map((content) => ({
      given: `a secret file that holds ${content.length} bytes: ${JSON.stringify(content.slice(0, 9))}`,
      config: trusting({ secret: { files: ['weak'] } }),
      files: { weak: content },
      key: 'upstream.trust.secret.files[0]',
    })),
    {
      given: 'a secret file that is not there',
      config: trusting({ secret: { files: ['upstream', 'missing'] } }),
      key: 'upstream.trust.secret.files[1]',
    },
    {
      given: 'a list of no secret files',
      config: trusting({ secret: { files: [] } }),
      key: 'upstream.trust.secret.files',
    },
    {
      given: 'a certificate of any name',
      config: trusting({ mtls: { ca_file: 'upstream' } }),
      key: 'upstream.trust.mtls.dns_sans',
    },
    {
      given: 'a certificate that nobody asks for, without TLS',
      config: trusting({ mtls: { ca_file: 'ca.crt', dns_sans: ['proxy.internal'] } }),
      files: { 'ca.crt': createAuthority('proxies').cert },
      key: 'upstream.trust.mtls',
    },
    {
      given: 'a trust that does not exist',
      config: trusting({ ...SECRET, peer: ['10.42.7.0/24'] }),
      key: 'upstream.trust.peer',
    },
    ...[
      ...['Host', 'Cookie', 'Authorization', 'Connection', 'Content-Length', 'Transfer-Encoding'],
      ...['X-Forwarded-For', 'X-Forwarded-Host', 'x_forwarded_proto', 'Forwarded', 'X-Real-IP'],
      ...['User-Agent', 'Referer', 'Origin', 'X-Original-URL', 'X User', 'X-User:', ''],
    ].map((name) => ({
      given: `${JSON.stringify(name)} as the subject's header (UP-14)`,
      config: named(name),
      key: 'upstream.headers.subject.name',
    })),
    {
      given: 'a list of headers for the subject',
      config: reading({ subject: { names: ['X-User', 'X-Remote-User'] } }),
      key: 'upstream.headers.subject.names',
    },
    {
      given: 'one header for two things',
      config: reading({ subject: { name: 'X-User' }, email: { name: 'x-user' } }),
      key: 'upstream.headers.email.name',
    },
    {
      given: 'two headers that fold to one',
      config: reading({ subject: { name: 'X-User' }, extra: { u: { name: 'X-USER' } } }),
      key: 'upstream.headers.extra.u.name',
    },
    {
      given: 'the secret in the header of the subject',
      config: {
        upstream: { trust: SECRET, headers: { subject: { name: 'X-Asteroid-Upstream-Secret' } } },
      },
      key: 'upstream.headers.subject.name',
    },
    {
      given: 'an encoding that is guessed',
      config: reading({ subject: { name: 'X-User', encoding: 'auto' } }),
      key: 'upstream.headers.subject.encoding',
    },
    {
      given: 'a claim of ours from a header',
      config: reading({ extra: { sub: { name: 'X-Sub' } } }),
      key: 'upstream.headers.extra.sub',
    },
    {
      given: 'an issuer over plain http that is not on loopback',
      config: { issuer: 'http://sso.example' },
      key: 'issuer',
    },

    {
      given: 'oauth2-proxy known by its address alone',
      config: { upstream: { preset: 'oauth2-proxy', trust: { peers: ['10.42.7.0/24'] } } },
      key: 'upstream.trust',
    },
    {
      given: 'Traefik known by a secret alone',
      config: { upstream: { preset: 'traefik-forwardauth', trust: SECRET } },
      key: 'upstream.trust',
    },
    {
      given: 'a Pomerium of no host',
      config: { upstream: { preset: 'pomerium', trust: SECRET } },
      key: 'upstream.assertion.issuer',
    },
    {
      given: 'Google IAP with plain headers',
      config: { upstream: { preset: 'google-iap', trust: SECRET, headers: { email: {} } } },
      key: 'upstream.headers',
    },
    {
      given: 'a preset that is not there',
      config: { upstream: { preset: 'oauth-proxy', trust: SECRET } },
      key: 'upstream.preset',
    },
  ];

  for (const { given, config, key, files } of CASES) {
    it(`says what to do about ${given}`, async () => {
      const problems = await problemsOf(config, files);

      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(key);
    });
  }

  it('says it with file and line, and never repeats a secret', async () => {
    const problems = await problemsOf(trusting({ secret: { files: ['weak'] } }), {
      weak: 'canary-canary',
    });

    expect(problems[0]).toMatch(PLACE);
    expect(problems.join()).not.toContain('canary');
  });

  it('is a secret that everybody on the machine may read', async () => {
    const folder = await makeFolder();
    await chmod(folder.file('upstream'), 0o644);

    expect(await problemsOf(trusting({ secret: { files: [folder.file('upstream')] } }))).toEqual([
      expect.stringMatching(/may be read by everybody/),
    ]);
  });
});

describe('what serve starts with', () => {
  for (const { given, config } of [
    { given: 'one small network', config: trusting({ peers: ['10.42.7.0/24', 'fd00::/64'] }) },
    {
      given: 'a wide network beside a secret',
      config: trusting({ ...SECRET, peers: ['10.0.0.0/8'] }),
    },
    {
      given: 'a wide network that is allowed by name',
      config: trusting({ peers: ['10.0.0.0/8'], allow_wide: true }),
    },
    { given: 'loopback beside a secret', config: trusting({ ...SECRET, peers: ['127.0.0.1/32'] }) },
    { given: 'a header of one word', config: named('Remote-User') },
    {
      given: 'an http issuer that is allowed by name',
      config: { issuer: 'http://sso.example', policy: { allow_http_issuer: true } },
    },
    {
      given: 'oauth2-proxy with a secret',
      config: { upstream: { preset: 'oauth2-proxy', trust: SECRET } },
    },
    {
      given: 'Pomerium at a host',
      config: {
        upstream: { preset: 'pomerium', trust: SECRET, assertion: { issuer: 'sso.example' } },
      },
    },
  ]) {
    it(`is ${given}`, async () => {
      expect(await problemsOf(config)).toEqual([]);
    });
  }

  it('is a network beyond loopback with addresses as the only proof, and a warning (T34)', async () => {
    const listen = { public: { host: '0.0.0.0', port: 0 }, admin: { port: 0 } };
    const exposed = await starting({ listen, ...trusting({ peers: ['10.42.7.0/24'] }) });
    const proven = await starting({ listen });
    const about = ({ warnings }: typeof exposed) =>
      warnings.filter((line) => line.includes('is the only proof while listen.public'));

    expect(about(exposed)).toHaveLength(1);
    expect(about(proven)).toEqual([]);
    expect(await attempt(proven, honest())).toEqual(SIGNED_IN);
  });

  it('is trust set by the environment, which it names', async () => {
    const folder = await makeFolder();
    const program = await startProgram({
      env: { ASTEROID_UPSTREAM_TRUST_SECRET_FILES: JSON.stringify([folder.file('upstream')]) },
    });

    expect(program.warnings.join('\n')).toMatch(
      /ASTEROID_UPSTREAM_TRUST_SECRET_FILES:1: upstream\.trust\.secret\.files: is set by the environment/,
    );
    expect(await attempt(program, honest())).toEqual(SIGNED_IN);
  });
});
