import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createVouch } from '../../internal/certificates/authorities.ts';
import { readCertificate } from '../../internal/certificates/certificate.ts';
import { readElements } from '../../internal/certificates/der.ts';
import { CERTIFICATE_FORMATS } from '../../internal/certificates/formats.ts';
import {
  attribute,
  attributes,
  type CertificateOptions,
  createAuthority,
  createKeys,
  createSelfSigned,
  FOR_CLIENTS,
  FOR_SERVERS,
  TYPES,
} from '../support/certificates.ts';

const read = (options: CertificateOptions) =>
  readCertificate(new X509Certificate(createSelfSigned(options).cert), false);

describe('names in a certificate of a client (RFC 8705 §2.1.2, CA-13)', () => {
  it('are read by their kind', () => {
    const certificate = read({
      dns: ['a.example', 'b.example'],
      uris: ['spiffe://example.org/app'],
      emails: ['app@example.org'],
      ips: [
        [192, 0, 2, 1],
        [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [1, 2, 3],
      ],
    });

    expect(certificate?.sans).toEqual({
      dns: ['a.example', 'b.example'],
      uri: ['spiffe://example.org/app'],
      email: ['app@example.org'],
      ip: ['192.0.2.1', '2001:db8::1'],
    });
  });

  it('are none where there are none', () => {
    expect(read({})?.sans).toEqual({ dns: [], uri: [], ip: [], email: [] });
  });

  for (const name of ['a.example, DNS:b.example', 'a.example\0.b.example', 'ä.example', '']) {
    it(`leave out ${JSON.stringify(name)}, which prints as something else`, () => {
      expect(read({ dns: [name, 'c.example'] })?.sans.dns).toEqual(['c.example']);
    });
  }

  for (const { subject, dn } of [
    {
      subject: [
        attribute(TYPES.C, 'DE', 0x13),
        attribute(TYPES.O, 'Example, Inc.'),
        attribute(TYPES.CN, 'app'),
      ],
      dn: 'CN=app,O=Example\\, Inc.,C=DE',
    },
    { subject: [attribute(TYPES.CN, 'a\nO=b')], dn: 'CN=a\nO=b' },
    { subject: [attribute(TYPES.CN, 'a,O=b')], dn: 'CN=a\\,O=b' },
    { subject: [attribute(TYPES.CN, 'a\0b')], dn: 'CN=a\\00b' },
    { subject: [attribute(TYPES.CN, 'café')], dn: 'CN=café' },
    {
      subject: [attributes([TYPES.OU, 'x'], [TYPES.CN, 'y'])],
      dn: 'CN=y+OU=x',
    },
    {
      subject: [attribute(TYPES.emailAddress, 'a@b.example', 0x16)],
      dn: 'emailAddress=a@b.example',
    },
    { subject: [attribute(TYPES.serialNumber, '7', 0x13)], dn: 'serialNumber=7' },
    { subject: [attribute(TYPES.CN, Buffer.from('0061', 'hex'), 0x1e)], dn: 'CN=#1e020061' },
    { subject: [attribute(TYPES.unknown, 'a')], dn: '1.2.3.4=#0c0161' },
    { subject: [], dn: '' },
  ]) {
    it(`make the subject ${JSON.stringify(dn)}`, () => {
      expect(read({ subject })?.subjectDn).toBe(dn);
    });
  }

  for (const hex of ['05', '3005', '0400', '3003820561', '']) {
    it(`make no certificate of one whose names are ${hex}`, () => {
      expect(read({ sans: Buffer.from(hex, 'hex') })).toBeUndefined();
    });
  }
});

describe('a certificate of a client', () => {
  it('has the thumbprint of its DER form, and that of its key', () => {
    const keys = createKeys();
    const [first, second] = [createSelfSigned({ keys }), createSelfSigned({ keys })].map(
      ({ cert }) => new X509Certificate(cert),
    );
    if (first === undefined || second === undefined) throw new Error('no certificate');
    const [one, two] = [readCertificate(first, true), readCertificate(second, false)];

    expect(one?.thumbprint).toBe(createHash('sha256').update(first.raw).digest('base64url'));
    expect(one?.thumbprint).not.toBe(two?.thumbprint);
    expect(one?.keyThumbprint).toBe(two?.keyThumbprint);
    expect(read({})?.keyThumbprint).not.toBe(one?.keyThumbprint);
    expect([one?.isVerified, two?.isVerified]).toEqual([true, false]);
  });

  it('lives from and until when it says', () => {
    const now = Date.now() / 1000;
    const certificate = read({ lifetime: 3600 });

    expect(Math.abs((certificate?.notAfter ?? 0) - now - 3600)).toBeLessThan(5);
    expect(Math.abs((certificate?.notBefore ?? 0) - now + 2 * 86_400)).toBeLessThan(5);
  });

  for (const hex of ['30', '3003', '300301', '3080', '30840000000100', '1f8101', '308300000']) {
    it(`is not read from ${hex}`, () => {
      expect(() => readElements(Buffer.from(hex, 'hex'))).toThrow('not DER');
    });
  }
});

describe('a CA for clients (RFC 8705 §2.1, CA-13)', () => {
  const clients = createAuthority('clients');
  const impostors = createAuthority('clients');
  const vouch = createVouch(clients.cert);
  const of = ({ cert }: { readonly cert: string }) => vouch(new X509Certificate(cert));

  it('vouches for what it issued, for as long as it lives itself', () => {
    const own = new X509Certificate(clients.cert);

    expect(of(clients.issue({}))).toEqual({
      notBefore: Date.parse(own.validFrom) / 1000,
      notAfter: Date.parse(own.validTo) / 1000,
    });
  });

  it('vouches for nothing of another of its name, nor for what signs itself', () => {
    expect(of(impostors.issue({}))).toBeUndefined();
    expect(of(createSelfSigned({ commonName: 'clients' }))).toBeUndefined();
  });

  it('does not vouch for one that was meant for servers alone', () => {
    expect(of(clients.issue({ purposes: [FOR_SERVERS] }))).toBeUndefined();
    expect(of(clients.issue({ purposes: [FOR_SERVERS, FOR_CLIENTS] }))).toBeDefined();
  });

  it('may be one of several', () => {
    const both = createVouch(`# ours\n${impostors.cert}\n${clients.cert}`);

    for (const authority of [clients, impostors]) {
      expect(both(new X509Certificate(authority.issue({}).cert))).toBeDefined();
    }
  });

  it('is refused when it is none', () => {
    expect(() => createVouch('nothing')).toThrow('has no certificate in it');
    expect(() => createVouch(clients.issue({}).cert)).toThrow(
      'has a certificate in it that is no CA',
    );
  });
});

describe('how proxies write certificates (RFC 9440 §2.1)', () => {
  const { cert } = createSelfSigned();
  const { raw } = new X509Certificate(cert);
  const base64 = raw.toString('base64');
  const pem = encodeURIComponent(cert);
  const { rfc9440, xfcc } = CERTIFICATE_FORMATS;
  const escaped = CERTIFICATE_FORMATS['pem-urlencoded'];

  it('is read in the declared form', () => {
    expect(rfc9440(`:${base64}:`)).toEqual(raw);
    expect(escaped(pem)).toEqual(raw);
    expect(
      escaped(pem.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=')),
    ).toEqual(raw);
    expect(escaped(encodeURIComponent(cert.replaceAll('\n', '\r\n')))).toEqual(raw);
    expect(xfcc(`Hash=abc;Cert="${pem}"`)).toEqual(raw);
    expect(xfcc(`By=spiffe://a/b;Hash=abc;Cert="${pem}";Subject="CN=a, O=b";URI=`)).toEqual(raw);
  });

  for (const value of [
    base64,
    `:${base64}`,
    `:${base64}:;a=b`,
    `:${base64}:, :${base64}:`,
    `:${base64.slice(0, -4)}*===:`,
    `: ${base64}:`,
    '::',
    pem,
  ]) {
    it(`is no byte sequence as ${value.slice(0, 12)}…${value.slice(-12)}`, () => {
      expect(rfc9440(value)).toBeUndefined();
    });
  }

  for (const value of [
    encodeURIComponent(cert + cert),
    encodeURIComponent(`x${cert}`),
    encodeURIComponent(`${cert}x`),
    encodeURIComponent(cert.replaceAll('CERTIFICATE', 'PRIVATE KEY')),
    `${pem}%ZZ`,
    `${pem}%ff`,
    pem.replace('%0A', ''),
    `:${base64}:`,
    '',
  ]) {
    it(`is no escaped PEM as ${value.slice(0, 12)}…${value.slice(-12)}`, () => {
      expect(escaped(value)).toBeUndefined();
    });
  }

  for (const value of [
    `Cert="${pem}",Cert="${pem}"`,
    `By=a,Cert="${pem}"`,
    `Cert="${pem}";Cert="${pem}"`,
    `Cert=${pem}`,
    `Subject="x;Cert="${pem}"`,
    `Chain="${pem}"`,
    'Hash=abc',
    '',
  ]) {
    it(`is no single element as ${value.slice(0, 20)}…`, () => {
      expect(xfcc(value)).toBeUndefined();
    });
  }
});
