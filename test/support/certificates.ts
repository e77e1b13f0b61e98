// Certificates made while a test runs, so that none lies in the repository and none expires there:
// X.509 v3 with ECDSA on P-256, written as DER by hand because Node reads certificates only.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM texts. */
export type Certificate = { readonly cert: string; readonly key: string };

export type CertificateOptions = {
  readonly commonName?: string;
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  /** Seconds from now until it expires; negative for one that has. */
  readonly lifetime?: number;
};

export type Authority = Certificate & {
  issue(options: CertificateOptions): Certificate;
};

/** A CA that signs itself. Two of one name are two: only their keys differ. */
export function createAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = { commonName, key: keys.privateKey };
  const own = sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), octets(sequence(TRUE)));
  return {
    ...write({ commonName, publicKey: keys.publicKey, extensions: [own], lifetime: DAY }, ca),
    key: toPem(keys.privateKey),
    issue({ commonName: name = 'end entity', dns = [], uris = [], lifetime = DAY }) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names = [
        ...dns.map((text) => der(0x82, Buffer.from(text))),
        ...uris.map((text) => der(0x86, Buffer.from(text))),
      ];
      const sans = sequence(oid('551d11'), octets(sequence(...names)));
      const extensions = names.length === 0 ? [] : [sans];
      const subject = { commonName: name, publicKey, extensions, lifetime };
      return { ...write(subject, ca), key: toPem(privateKey) };
    },
  };
}

const DAY = 86_400;

type Subject = {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly lifetime: number;
};

type Issuer = { readonly commonName: string; readonly key: KeyObject };

/** (RFC 5280 §4.1) */
function write({ commonName, publicKey, extensions, lifetime }: Subject, issuer: Issuer) {
  const now = Date.now() / 1000;
  const [from, until] = [now - 2 * DAY, now + lifetime];
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    toName(issuer.commonName),
    sequence(toTime(from), toTime(until)),
    toName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', signed, issuer.key));
  const base64 = sequence(signed, ECDSA_WITH_SHA256, signature).toString('base64');
  const lines = base64.match(/.{1,64}/g)?.join('\n');
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (content: Buffer): Buffer => der(0x04, content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const TRUE = der(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

const toName = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));

const toTime = (seconds: number): Buffer => {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
};

const toPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
