import { connect, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CertificateOptions, createAuthority } from '../support/certificates.ts';
import { type Program, startProgram } from '../support/program.ts';
import { type RawTarget, sendRaw } from '../support/raw-http.ts';
import { ALICE, attempt, honest, refused, SIGNED_IN, unproven, user } from './threats.fixture.ts';

const PROXY_DNS = 'proxy.internal';
const PROXY_URI = 'spiffe://cluster.local/ns/edge/sa/proxy';

const servers = createAuthority('CA of servers');
const proxies = createAuthority('CA of the proxy');
const impostors = createAuthority('CA of the proxy');
const server = servers.issue({ commonName: 'sso.example', dns: ['sso.example'] });

const startWith = (trust: object): Promise<Program> =>
  startProgram({
    config: {
      listen: {
        public: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } },
        admin: { port: 0 },
      },
      upstream: {
        trust: {
          mtls: { ca_file: 'proxy-ca.crt', dns_sans: [PROXY_DNS], uri_sans: [PROXY_URI] },
          ...trust,
        },
      },
    },
    files: { 'tls.crt': server.cert, 'tls.key': server.key, 'proxy-ca.crt': proxies.cert },
  });

/** The same program, called with this certificate or with none. */
function calling(program: Program, certificate: SecureContextOptions = {}): Program {
  const { public: target } = program;
  const tls = { ca: servers.cert, servername: 'sso.example', ...certificate };
  return { ...program, public: 'port' in target ? { port: target.port, tls } : target };
}

describe('the certificate of the proxy (mtls)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await startWith({});
  });
  const from = (certificate?: SecureContextOptions) =>
    attempt(calling(program, certificate), unproven(ALICE));
  const issued = (options: CertificateOptions) => from(proxies.issue(options));

  it('signs in with exactly one of the names, DNS or URI', async () => {
    expect(await issued({ dns: [PROXY_DNS] })).toEqual(SIGNED_IN);
    expect(await issued({ uris: [PROXY_URI] })).toEqual(SIGNED_IN);
    expect(await issued({ dns: ['other.internal', PROXY_DNS] })).toEqual(SIGNED_IN);
  });

  for (const { given, options } of [
    { given: 'another DNS name', options: { dns: ['app.internal'] } },
    { given: 'another URI', options: { uris: ['spiffe://cluster.local/ns/edge/sa/app'] } },
    { given: 'a wildcard over the name', options: { dns: ['*.internal'] } },
    { given: 'the name and a dot', options: { dns: [`${PROXY_DNS}.`] } },
    { given: 'the name in another case', options: { dns: ['PROXY.internal'] } },
    { given: 'a name below it', options: { dns: [`a.${PROXY_DNS}`] } },
    { given: 'a URI below it', options: { uris: [`${PROXY_URI}/x`] } },
    { given: 'the URI as a DNS name', options: { dns: [PROXY_URI] } },
    { given: 'the DNS name as a URI', options: { uris: [PROXY_DNS] } },
    { given: 'the name as common name only', options: { commonName: PROXY_DNS } },
    {
      given: 'a DNS name that prints as two',
      options: { dns: [`app.internal, DNS:${PROXY_DNS}`] },
    },
    { given: 'a URI that prints as two', options: { uris: [`urn:x, URI:${PROXY_URI}`] } },
    { given: 'the name before a NUL', options: { dns: [`${PROXY_DNS}\0.app.internal`] } },
    { given: 'the name and no more time', options: { dns: [PROXY_DNS], lifetime: -60 } },
  ]) {
    it(`is refused with ${given}`, async () => {
      expect(await issued(options)).toEqual(refused(403, 'untrusted_peer'));
    });
  }

  it('is refused from another CA, of the same name too, and from the CA of the servers', async () => {
    for (const authority of [impostors, servers]) {
      const certificate = authority.issue({ dns: [PROXY_DNS], uris: [PROXY_URI] });

      expect(await from(certificate)).toEqual(refused(403, 'untrusted_peer'));
    }
  });

  it('is missed where there is none, whatever a header says about one', async () => {
    const lines = unproven(
      ALICE,
      `X-Forwarded-Client-Cert: By=spiffe://x;Hash=0;URI=${PROXY_URI}`,
      'X-SSL-Client-Verify: SUCCESS',
      `X-SSL-Client-S-DN: CN=${PROXY_DNS}`,
    );

    expect(await from()).toEqual(refused(403, 'untrusted_peer'));
    expect(await attempt(calling(program), lines)).toEqual(refused(403, 'untrusted_peer'));
  });

  it('does not come with a request in plain text', async () => {
    const { public: target } = program;
    const { answers } = await sendRaw(target, `${unproven(ALICE).join('\r\n')}\r\n\r\n`);

    expect(answers).toEqual([]);
  });

  it('is needed only where identity is read', async () => {
    const { public: target } = calling(program);
    const { answers } = await sendRaw(
      target,
      'GET /jwks.json HTTP/1.1\r\nHost: asteroid.svc\r\n\r\n',
    );

    expect(answers.map(({ status }) => status)).toEqual([200]);
  });

  it('is needed beside a secret that is configured too', async () => {
    const both = await startWith({ secret: { files: ['upstream'] } });
    const right = proxies.issue({ dns: [PROXY_DNS] });

    expect(await attempt(calling(both, right), unproven(ALICE))).toEqual(
      refused(403, 'upstream_secret'),
    );
    expect(await attempt(calling(both), honest())).toEqual(refused(403, 'untrusted_peer'));
    expect(await attempt(calling(both, right), honest())).toEqual(SIGNED_IN);
  });
});

describe('a TLS session that is taken up again (mtls)', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`signs in the proxy over ${version}, as proxies resume by default`, async () => {
      const program = await startWith({});
      const right = { ...proxies.issue({ dns: [PROXY_DNS] }), maxVersion: version };

      expect(await resume(calling(program, right).public)).toEqual({
        resumed: true,
        statuses: [303, 303],
      });
    });

    it(`gives a stranger nothing over ${version}`, async () => {
      const program = await startWith({});
      const wrong = { ...proxies.issue({ dns: ['app.internal'] }), maxVersion: version };

      for (const certificate of [{ maxVersion: version }, wrong]) {
        expect(await resume(calling(program, certificate).public)).toEqual({
          resumed: true,
          statuses: [403, 403],
        });
      }
    });
  }
});

/** Two connections of one TLS session, a request on each. */
async function resume(target: RawTarget) {
  if (!('port' in target)) throw new Error('TLS is spoken over TCP');
  const request = `${unproven(user('alice')).join('\r\n')}\r\nConnection: close\r\n\r\n`;
  const open = (session?: Buffer): TLSSocket =>
    connect({ ...target.tls, host: '127.0.0.1', port: target.port, session });
  const first = open();
  const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
  const before = await exchange(first, request);
  const second = open(await session);
  const resumed = new Promise<boolean>((resolve) =>
    second.once('secureConnect', () => resolve(second.isSessionReused())),
  );
  const after = await exchange(second, request);
  return { resumed: await resumed, statuses: [before, after] };
}

async function exchange(socket: TLSSocket, request: string): Promise<number> {
  socket.write(request);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return Number(text.split(' ')[1]);
}
