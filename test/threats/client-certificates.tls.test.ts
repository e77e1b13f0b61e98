import { createHash, X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSelfSigned, FOR_SERVERS } from '../support/certificates.ts';
import { type Program, startProgram } from '../support/program.ts';
import { claimsOf } from '../support/tokens.ts';
import {
  answerOf,
  askForToken,
  CLIENTS,
  clients,
  escaped,
  FILES,
  impostors,
  over,
  PKI,
  PKI_CLIENTS,
  PKI2,
  SELF,
  SELF2,
  servers,
} from './client-certificates.fixture.ts';
import { ALICE, ask, authorize, HOST, lineOf, SECRET } from './threats.fixture.ts';

const listenWith = (tls: object) => ({
  public: { port: 0 },
  admin: { port: 0 },
  mtls: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key', ...tls } },
});

const start = (): Promise<Program> =>
  startProgram({
    config: {
      listen: listenWith({ client_ca_file: 'clients-ca.crt' }),
      endpoints: { mtls_base: 'https://mtls.sso.example' },
    },
    clients: [...CLIENTS, ...PKI_CLIENTS],
    files: FILES,
  });

describe('the listener of certificates (RFC 8705 §2; CA-13)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await start();
  });
  const asked = (clientId: string, certificate?: Parameters<typeof over>[1]) =>
    answerOf(over(program.at('mtls'), certificate), clientId);

  it('lets a client in by the certificate of its CA, and by its own', async () => {
    expect(await asked('pki', PKI)).toBe('200 token');
    expect(await asked('pki2', PKI2)).toBe('200 token');
    expect(await asked('self', SELF)).toBe('200 token');
    expect(await asked('self2', SELF2)).toBe('200 token');
  });

  it('does not let one client in by the certificate of another', async () => {
    expect(await asked('pki', PKI2)).toBe('401 invalid_client');
    expect(await asked('pki', SELF)).toBe('401 invalid_client');
    expect(await asked('self', SELF2)).toBe('401 invalid_client');
    expect(await asked('self', PKI)).toBe('401 invalid_client');
  });

  it('lets nobody in without one', async () => {
    expect(await asked('pki')).toBe('401 invalid_client');
    expect(await asked('self')).toBe('401 invalid_client');
  });

  for (const { given, certificate } of [
    { given: 'by another CA of its name', certificate: impostors.issue({ dns: ['pki.example'] }) },
    { given: 'by the CA of the server', certificate: servers.issue({ dns: ['pki.example'] }) },
    { given: 'by itself', certificate: createSelfSigned({ dns: ['pki.example'] }) },
    {
      given: 'for servers alone',
      certificate: clients.issue({ dns: ['pki.example'], purposes: [FOR_SERVERS] }),
    },
    {
      given: 'until a minute ago',
      certificate: clients.issue({ dns: ['pki.example'], lifetime: -60 }),
    },
  ]) {
    it(`does not let in what was issued ${given}`, async () => {
      expect(await asked('pki', certificate)).toBe('401 invalid_client');
    });
  }

  it('takes secrets too, and no certificate in their place', async () => {
    const basic = `Authorization: Basic ${Buffer.from('svc:what-only-the-client-knows-0123456789').toString('base64')}`;
    const target = over(program.at('mtls'), PKI);

    expect(await answerOf(target, 'svc', basic)).toBe('200 token');
    expect(await answerOf(target, 'svc')).toBe('401 invalid_client');
  });

  it('binds tokens to the certificate of the connection', async () => {
    const { token } = await askForToken(over(program.at('mtls'), SELF), 'self');
    const { raw } = new X509Certificate(SELF.cert);

    expect(claimsOf(token)['cnf']).toEqual({
      'x5t#S256': createHash('sha256').update(raw).digest('base64url'),
    });
  });

  it('takes a bound token with its certificate only, at every listener', async () => {
    const { token } = await askForToken(over(program.at('mtls'), SELF), 'self');
    const lines = ['GET /userinfo HTTP/1.1', HOST, `Authorization: Bearer ${token}`];
    const errorOf = async (target: Parameters<typeof ask>[0]) => {
      const { headers } = await ask(target, lines);
      return /error="(\w+)"/.exec(headers['www-authenticate'] ?? '')?.[1];
    };

    // Past the check of the certificate, a token without an End-User is refused for its scope.
    expect(await errorOf(over(program.at('mtls'), SELF))).toBe('insufficient_scope');
    expect(await errorOf(over(program.at('mtls'), SELF2))).toBe('invalid_token');
    expect(await errorOf(over(program.at('mtls')))).toBe('invalid_token');
    expect(await errorOf(program.public)).toBe('invalid_token');
  });

  it('has nothing that reads who an End-User is, and no page', async () => {
    for (const target of ['/authorize', '/consent', '/end_session', '/sign_out', '/signed_out']) {
      const lines = [`GET ${target} HTTP/1.1`, HOST, SECRET, ALICE];

      expect((await ask(over(program.at('mtls'), PKI), lines)).status).toBe(404);
    }
    expect((await ask(program.public, [authorize(), HOST, SECRET, ALICE])).status).toBe(303);
  });

  it('is where discovery sends clients with certificates, and certificates go nowhere else', async () => {
    const { body } = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      HOST,
    ]);

    expect(JSON.parse(body)).toMatchObject({
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.sso.example/token' },
      tls_client_certificate_bound_access_tokens: true,
    });
    expect(await answerOf(program.public, 'pki', `X-Client-Cert: ${escaped(PKI)}`)).toBe(
      '401 invalid_client',
    );
  });

  it('writes down why, and nothing of the certificate', async () => {
    const { headers } = await ask(
      over(program.at('mtls'), SELF2),
      [
        'POST /token HTTP/1.1',
        HOST,
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 44',
      ],
      'grant_type=client_credentials&client_id=self',
    );
    const line = lineOf(program, { status: 0, lines: [], body: '', headers });

    expect(line?.['reason']).toBe('certificate_mismatch');
    expect(program.logText()).not.toContain('BEGIN');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`knows a client whose session is taken up again over ${version}, and nobody else`, async () => {
      const target = program.at('mtls');
      const as = (certificate: typeof SELF) =>
        resumeAs('self', over(target, certificate, { maxVersion: version }));

      expect(await as(SELF)).toEqual({ resumed: true, statuses: [200, 200] });
      expect(await as(SELF2)).toEqual({ resumed: true, statuses: [401, 401] });
    });
  }
});

describe('a listener of certificates without a CA', () => {
  it('vouches for none, and takes what clients registered', async () => {
    const program = await startProgram({
      config: { listen: listenWith({}) },
      clients: CLIENTS,
      files: FILES,
    });

    expect(await answerOf(over(program.at('mtls'), SELF), 'self')).toBe('200 token');
    expect(await answerOf(over(program.at('mtls'), SELF2), 'self')).toBe('401 invalid_client');
    const { body } = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      HOST,
    ]);
    expect(JSON.parse(body).token_endpoint_auth_methods_supported).not.toContain('tls_client_auth');
  });
});

describe('the certificate of a client where the proxy shows its own (UP-1, CA-13)', () => {
  it('is not the proxy, and that of the proxy is no client', async () => {
    const proxies = { ...FILES, 'proxy-ca.crt': servers.cert };
    const program = await startProgram({
      config: {
        listen: {
          ...listenWith({ client_ca_file: 'clients-ca.crt' }),
          public: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } },
        },
        upstream: { trust: { mtls: { ca_file: 'proxy-ca.crt', dns_sans: ['pki.example'] } } },
      },
      clients: [...CLIENTS, ...PKI_CLIENTS],
      files: proxies,
    });
    const proxy = servers.issue({ dns: ['pki.example'] });
    const signIn = [authorize(), HOST, ALICE];

    expect((await ask(over(program.public, proxy), signIn)).status).toBe(303);
    expect((await ask(over(program.public, PKI), signIn)).status).toBe(403);
    expect(await answerOf(over(program.public, proxy), 'pki')).toBe('401 invalid_client');
    expect(await answerOf(over(program.public, PKI), 'pki')).toBe('401 invalid_client');
    expect(await answerOf(over(program.at('mtls'), proxy), 'pki')).toBe('401 invalid_client');
    expect(await answerOf(over(program.at('mtls'), PKI), 'pki')).toBe('200 token');
  });
});

describe('a CA of clients that is that of the proxy in another file (CA-13)', () => {
  const config = {
    listen: {
      ...listenWith({ client_ca_file: 'clients-ca.crt' }),
      public: { port: 0, tls: { cert_file: 'tls.crt', key_file: 'tls.key' } },
    },
    upstream: { trust: { mtls: { ca_file: 'proxy-ca.crt', dns_sans: ['proxy.example'] } } },
  };
  const startWith = (ca: string) =>
    startProgram({ config, clients: CLIENTS, files: { ...FILES, 'proxy-ca.crt': ca } });

  it('keeps the program from starting, also among others', async () => {
    for (const ca of [
      clients.cert,
      `${servers.cert}\n# copied\n${clients.cert.replaceAll('\n', '\r\n')}`,
    ]) {
      await expect(startWith(ca)).rejects.toThrow(
        /listen\.mtls\.tls\.client_ca_file: .* holds the CA of the proxy/,
      );
    }
    await startWith(servers.cert);
  });
});

/** Two connections of one TLS session, a token request on each. */
async function resumeAs(clientId: string, target: ReturnType<typeof over>) {
  if (!('port' in target)) throw new Error('TLS is spoken over TCP');
  const body = `grant_type=client_credentials&client_id=${clientId}`;
  const request = `POST /token HTTP/1.1\r\n${HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
  const open = (session?: Buffer) =>
    connect({ ...target.tls, host: '127.0.0.1', port: target.port, session });
  const read = async (socket: ReturnType<typeof open>): Promise<number> => {
    socket.write(request);
    let text = '';
    for await (const chunk of socket) text += chunk;
    return Number(text.split(' ')[1]);
  };
  const first = open();
  const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
  const before = await read(first);
  const second = open(await session);
  const resumed = new Promise<boolean>((resolve) =>
    second.once('secureConnect', () => resolve(second.isSessionReused())),
  );
  const after = await read(second);
  return { resumed: await resumed, statuses: [before, after] };
}
