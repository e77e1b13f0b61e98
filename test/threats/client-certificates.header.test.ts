import { beforeAll, describe, expect, it } from 'vitest';
import { createSelfSigned, FOR_SERVERS } from '../support/certificates.ts';
import { type Metadata, type Program, startProgram, UPSTREAM_SECRET } from '../support/program.ts';
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
  sequence,
  servers,
} from './client-certificates.fixture.ts';
import { ALICE, ask, authorize, HOST, SECRET } from './threats.fixture.ts';

const PROOF = `X-Proxy-Secret: ${UPSTREAM_SECRET}`;
const TRUST = { secret: { header: 'X-Proxy-Secret', files: ['proxy-of-certificates'] } };
const PROXY: Metadata = {
  header: 'X-Client-Cert',
  format: 'pem-urlencoded',
  trust: TRUST,
  client_ca_file: 'clients-ca.crt',
};

const start = (proxy: Metadata = {}, config: Metadata = {}): Promise<Program> =>
  startProgram({
    config: { mtls: { proxy: { ...PROXY, ...proxy } }, ...config },
    clients: [...CLIENTS, ...PKI_CLIENTS],
    files: FILES,
  });

const header = (certificate: { readonly cert: string }): string =>
  `X-Client-Cert: ${escaped(certificate)}`;

describe('a certificate that the proxy passes on (CA-13)', () => {
  let program: Program;
  beforeAll(async () => {
    program = await start();
  });
  const asked = (clientId: string, ...lines: readonly string[]) =>
    answerOf(program.public, clientId, ...lines);
  const reasonOf = async (...lines: readonly string[]) => {
    const before = program.logged().length;
    const answer = await asked('pki', ...lines);
    const line = program
      .logged()
      .slice(before)
      .find(({ msg }) => msg === 'request');
    return [answer, line?.['reason']];
  };

  it('lets a client in by the certificate of its CA, and by its own', async () => {
    expect(await asked('pki', header(PKI), PROOF)).toBe('200 token');
    expect(await asked('pki2', header(PKI2), PROOF)).toBe('200 token');
    expect(await asked('self', header(SELF), PROOF)).toBe('200 token');
    expect(await asked('self2', header(SELF2), PROOF)).toBe('200 token');
  });

  it('does not let one client in by the certificate of another', async () => {
    expect(await asked('pki', header(PKI2), PROOF)).toBe('401 invalid_client');
    expect(await asked('self', header(SELF2), PROOF)).toBe('401 invalid_client');
    expect(await asked('self', header(PKI), PROOF)).toBe('401 invalid_client');
    expect(await asked('pki', header(SELF), PROOF)).toBe('401 invalid_client');
  });

  it('is refused without the proof of the proxy, and with a wrong one (UP-1, UP-2)', async () => {
    for (const proof of [
      [],
      ['X-Proxy-Secret: wrong'],
      ['X-Proxy-Secret:'],
      [PROOF, PROOF],
      [SECRET],
      [`X-Proxy-Secret: ${UPSTREAM_SECRET}x`],
    ]) {
      expect(await reasonOf(header(PKI), ...proof)).toEqual([
        '403 access_denied',
        'certificate_header_untrusted',
      ]);
    }
  });

  it('is refused from a stranger even where nobody needs it', async () => {
    const basic = `Authorization: Basic ${Buffer.from('svc:what-only-the-client-knows-0123456789').toString('base64')}`;

    expect(await answerOf(program.public, 'svc', basic)).toBe('200 token');
    expect(await answerOf(program.public, 'svc', basic, header(PKI))).toBe('403 access_denied');
    expect(await answerOf(program.public, 'svc', basic, header(PKI), PROOF)).toBe('200 token');
  });

  it('is refused twice, and never the first or the last of two (UP-3)', async () => {
    for (const lines of [
      [header(PKI), header(PKI2)],
      [header(PKI2), header(PKI)],
      [header(PKI), header(PKI)],
      ['X-Client-Cert:', header(PKI)],
      [header(PKI), 'X-Client-Cert:'],
      ['X-Client-Cert:', 'X-Client-Cert:'],
    ]) {
      expect(await reasonOf(...lines, PROOF)).toEqual(['400 invalid_request', 'duplicate_header']);
    }
    expect(await reasonOf(`${header(PKI)}, ${escaped(PKI2)}`, PROOF)).toEqual([
      '400 invalid_request',
      'certificate_malformed',
    ]);
  });

  for (const name of ['X_Client_Cert', 'X-Client_Cert', 'x.client.cert', 'X-Proxy_Secret']) {
    it(`is refused under the name ${name}, which others read as ours (UP-4)`, async () => {
      const alias = `${name}: ${escaped(PKI)}`;

      expect(await reasonOf(alias, PROOF)).toEqual(['400 invalid_request', 'header_alias']);
      expect(await reasonOf(alias, header(PKI), PROOF)).toEqual([
        '400 invalid_request',
        'header_alias',
      ]);
    });
  }

  it('is refused where the next hop is told to drop it (UP-6)', async () => {
    for (const token of ['X-Client-Cert', 'close, x-client-cert', 'X-Proxy-Secret']) {
      expect(await reasonOf(header(PKI), PROOF, `Connection: ${token}`)).toEqual([
        '400 invalid_request',
        'hop_by_hop',
      ]);
    }
  });

  it('is the same under any case of the name, and nowhere but in the header', async () => {
    expect(await asked('pki', `x-CLIENT-cert: ${escaped(PKI)}`, PROOF)).toBe('200 token');
    for (const line of [
      `Client-Cert: ${sequence(PKI)}`,
      `X-Forwarded-Client-Cert: Cert="${escaped(PKI)}"`,
      `X-SSL-Client-Cert: ${escaped(PKI)}`,
      `Cookie: X-Client-Cert=${escaped(PKI)}`,
    ]) {
      expect(await asked('pki', line, PROOF)).toBe('401 invalid_client');
    }
  });

  it('is none where the proxy sends it empty, as of a client without one', async () => {
    for (const lines of [['X-Client-Cert:', PROOF], ['X-Client-Cert:'], [PROOF]]) {
      expect(await reasonOf(...lines)).toEqual(['401 invalid_client', 'certificate_missing']);
    }
  });

  for (const value of [
    'x',
    '%',
    '(null)',
    'SUCCESS',
    sequence(PKI),
    PKI.cert.split('\n')[1] ?? '',
  ]) {
    it(`is refused as ${value.slice(0, 12)}, which is none`, async () => {
      expect(await reasonOf(`X-Client-Cert: ${value}`, PROOF)).toEqual([
        '400 invalid_request',
        'certificate_malformed',
      ]);
    });
  }

  for (const { given, certificate, reason } of [
    {
      given: 'by another CA of its name',
      certificate: impostors.issue({ dns: ['pki.example'] }),
      reason: 'certificate_unverified',
    },
    {
      given: 'by the CA of the servers',
      certificate: servers.issue({ dns: ['pki.example'] }),
      reason: 'certificate_unverified',
    },
    {
      given: 'by itself',
      certificate: createSelfSigned({ dns: ['pki.example'] }),
      reason: 'certificate_unverified',
    },
    {
      given: 'for servers alone',
      certificate: clients.issue({ dns: ['pki.example'], purposes: [FOR_SERVERS] }),
      reason: 'certificate_unverified',
    },
    {
      given: 'until a minute ago',
      certificate: clients.issue({ dns: ['pki.example'], lifetime: -60 }),
      reason: 'certificate_expired',
    },
  ]) {
    it(`does not let in what was issued ${given}`, async () => {
      expect(await reasonOf(header(certificate), PROOF)).toEqual(['401 invalid_client', reason]);
    });
  }

  it('binds tokens, which are of use with it only', async () => {
    const { token } = await askForToken(program.public, 'self', header(SELF), PROOF);
    const errorOf = async (...lines: readonly string[]) => {
      const start = ['GET /userinfo HTTP/1.1', HOST, `Authorization: Bearer ${token}`];
      const { status, headers } = await ask(program.public, [...start, ...lines]);
      return /error="(\w+)"/.exec(headers['www-authenticate'] ?? '')?.[1] ?? status;
    };

    expect(await errorOf(header(SELF), PROOF)).toBe('insufficient_scope');
    expect(await errorOf(header(SELF2), PROOF)).toBe('invalid_token');
    expect(await errorOf()).toBe('invalid_token');
    expect(await errorOf(header(SELF))).toBe(403);
  });

  it('means nothing where people sign in, and is no proof of the proxy there', async () => {
    const lines = [authorize(), HOST, ALICE, header(PKI)];

    expect((await ask(program.public, lines)).status).toBe(403);
    expect((await ask(program.public, [...lines, PROOF])).status).toBe(403);
    expect((await ask(program.public, [...lines, SECRET])).status).toBe(303);
  });

  it('is an event when it is refused, without any of it', async () => {
    await reasonOf(header(PKI));
    const event = program.logged().findLast(({ msg }) => msg === 'certificate.refused');

    expect(event).toMatchObject({
      audit: true,
      level: 'warn',
      reason: 'certificate_header_untrusted',
      peer: '127.0.0.1',
    });
    expect(program.logText()).not.toContain('BEGIN');
    expect(program.logText()).not.toContain(UPSTREAM_SECRET);
  });
});

describe('who decides about the chain of a certificate that is passed on (CA-13)', () => {
  const foreign = impostors.issue({ dns: ['pki.example'] });

  it('is the proxy where the operator says so', async () => {
    const { client_ca_file: _, ...rest } = PROXY;
    const program = await startProgram({
      config: { mtls: { proxy: { ...rest, verified_by_proxy: true } } },
      clients: [...CLIENTS, ...PKI_CLIENTS],
      files: FILES,
    });

    expect(await answerOf(program.public, 'pki', header(foreign), PROOF)).toBe('200 token');
    expect(await answerOf(program.public, 'pki', header(foreign))).toBe('403 access_denied');
  });

  it('is nobody otherwise, and then only own certificates are taken', async () => {
    const { client_ca_file: _, ...rest } = PROXY;
    const program = await startProgram({
      config: { mtls: { proxy: rest } },
      clients: CLIENTS,
      files: FILES,
    });

    expect(await answerOf(program.public, 'self', header(SELF), PROOF)).toBe('200 token');
    await expect(
      startProgram({ config: { mtls: { proxy: rest } }, clients: PKI_CLIENTS, files: FILES }),
    ).rejects.toThrow('needs a CA for clients');
  });

  it('is no file without a CA in it', async () => {
    const files = { ...FILES, 'clients-ca.crt': PKI.cert };
    const config = { mtls: { proxy: PROXY } };

    await expect(startProgram({ config, clients: CLIENTS, files })).rejects.toThrow(
      'mtls.proxy.client_ca_file: has a certificate in it that is no CA',
    );
  });
});

describe('other ways to pass a certificate on, and other proofs (CA-13)', () => {
  it('reads Client-Cert of RFC 9440', async () => {
    const program = await start({ header: 'Client-Cert', format: 'rfc9440' });

    expect(await answerOf(program.public, 'pki', `Client-Cert: ${sequence(PKI)}`, PROOF)).toBe(
      '200 token',
    );
    expect(await answerOf(program.public, 'pki', `Client-Cert: ${escaped(PKI)}`, PROOF)).toBe(
      '400 invalid_request',
    );
  });

  it('reads the header of Envoy', async () => {
    const program = await start({ header: 'X-Forwarded-Client-Cert', format: 'xfcc' });
    const line = `X-Forwarded-Client-Cert: Hash=0a;Cert="${escaped(PKI)}"`;

    expect(await answerOf(program.public, 'pki', line, PROOF)).toBe('200 token');
    expect(
      await answerOf(program.public, 'pki', `${line},Hash=0b;Cert="${escaped(PKI2)}"`, PROOF),
    ).toBe('400 invalid_request');
  });

  it('asks for every proof that is configured', async () => {
    const right = await start({ trust: { ...TRUST, peers: ['127.0.0.1/32'] } });
    const wrong = await start({ trust: { ...TRUST, peers: ['192.0.2.1/32'] } });

    expect(await answerOf(right.public, 'pki', header(PKI), PROOF)).toBe('200 token');
    expect(await answerOf(right.public, 'pki', header(PKI))).toBe('403 access_denied');
    expect(await answerOf(wrong.public, 'pki', header(PKI), PROOF)).toBe('403 access_denied');
  });

  it('may share the secret of the upstream, in the same header', async () => {
    const program = await start({ trust: { secret: { files: ['upstream'] } } });

    expect(await answerOf(program.public, 'pki', header(PKI), SECRET)).toBe('200 token');
    expect(await answerOf(program.public, 'pki', header(PKI), PROOF)).toBe('403 access_denied');
  });

  it('counts another secret from its reload on', async () => {
    const program = await start();
    const next = `X-Proxy-Secret: ${'another-secret-of-the-proxy-0123456789'}`;
    await program.folder.write('proxy-of-certificates', next.split(': ')[1] ?? '');
    await program.reload();

    expect(await answerOf(program.public, 'pki', header(PKI), next)).toBe('200 token');
    expect(await answerOf(program.public, 'pki', header(PKI), PROOF)).toBe('403 access_denied');
  });

  it('is refused at the listener of certificates, whoever sends it', async () => {
    const program = await start(
      {},
      {
        listen: {
          public: { port: 0 },
          admin: { port: 0 },
          mtls: {
            port: 0,
            tls: { cert_file: 'tls.crt', key_file: 'tls.key', client_ca_file: 'clients-ca.crt' },
          },
        },
      },
    );
    const target = over(program.at('mtls'), PKI2);

    expect(await answerOf(target, 'pki2')).toBe('200 token');
    expect(await answerOf(target, 'pki', header(PKI))).toBe('403 access_denied');
    expect(await answerOf(target, 'pki', header(PKI), PROOF)).toBe('403 access_denied');
    expect(await answerOf(target, 'pki2', header(PKI), PROOF)).toBe('403 access_denied');
    expect(await answerOf(program.public, 'pki', header(PKI), PROOF)).toBe('200 token');
  });

  it('is nothing at all where no proxy of certificates is configured', async () => {
    const program = await startProgram({
      clients: [
        {
          client_id: 'app',
          client_secret: 'what-only-the-client-knows-0123456789',
          redirect_uris: ['https://rp.example/cb'],
        },
      ],
    });
    const { body } = await ask(program.public, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      HOST,
    ]);

    expect(body).not.toContain('tls_client');
    expect(await answerOf(program.public, 'app', header(PKI), PROOF)).toBe('401 invalid_client');
  });
});

describe('/check in front of a resource server (CK-7)', () => {
  it('takes a bound token with the certificate that the proxy passes on, and no other', async () => {
    const program = await start({}, { check: { enabled: true } });
    const { token } = await askForToken(program.public, 'pki', header(PKI), PROOF);
    const check = async (...lines: readonly string[]) => {
      const target = 'GET /check?audience=https://sso.example HTTP/1.1';
      return (await ask(program.public, [target, HOST, `Authorization: Bearer ${token}`, ...lines]))
        .status;
    };

    expect(await check(header(PKI), PROOF)).toBe(200);
    expect(await check(header(PKI2), PROOF)).toBe(401);
    expect(await check()).toBe(401);
    expect(await check(header(PKI))).toBe(403);
  });
});
