// Certificates made while a test runs, so that none lies in the repository and none expires there:
// X.509 v3 with ECDSA on P-256, written as DER by hand because Node reads certificates only.

import {
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomBytes,
  sign,
} from 'node:crypto';

/** PEM texts. */
export type Certificate = { readonly cert: string; readonly key: string };

export type CertificateOptions = {
  readonly commonName?: string;
  /** The whole subject in place of one common name, as `attribute` makes its parts. */
  readonly subject?: readonly Buffer[];
  readonly dns?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  /** The value of the extension, in place of all names. */
  readonly sans?: Buffer;
  /** Bytes of addresses. */
  readonly ips?: readonly (readonly number[])[];
  /** Purposes it may be used for, as hexadecimal OIDs; absent: any. */
  readonly purposes?: readonly string[];
  /** Of whoever renews a certificate and keeps the key. */
  readonly keys?: KeyPairKeyObjectResult;
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
    issue: (options) => issue(options, () => ca),
  };
}

/** One that nobody vouches for but its owner. */
export const createSelfSigned = (options: CertificateOptions = {}): Certificate =>
  issue(options, (own) => own);

export const createKeys = (): KeyPairKeyObjectResult =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' });

function issue(options: CertificateOptions, signer: (own: Issuer) => Issuer): Certificate {
  const { commonName = 'end entity', lifetime = DAY, keys = createKeys() } = options;
  const { publicKey, privateKey } = keys;
  const subject = {
    commonName,
    ...(options.subject === undefined ? {} : { subject: options.subject }),
    publicKey,
    extensions: [...toSans(options), ...toPurposes(options)],
    lifetime,
  };
  return { ...write(subject, signer({ commonName, key: privateKey })), key: toPem(privateKey) };
}

function toSans({ sans, dns = [], uris = [], emails = [], ips = [] }: CertificateOptions) {
  const names = [
    ...emails.map((text) => der(0x81, Buffer.from(text))),
    ...dns.map((text) => der(0x82, Buffer.from(text))),
    ...uris.map((text) => der(0x86, Buffer.from(text))),
    ...ips.map((bytes) => der(0x87, Buffer.from(bytes))),
  ];
  if (sans === undefined && names.length === 0) return [];
  return [sequence(oid('551d11'), octets(sans ?? sequence(...names)))];
}

const toPurposes = ({ purposes = [] }: CertificateOptions) =>
  purposes.length === 0 ? [] : [sequence(oid('551d25'), octets(sequence(...purposes.map(oid))))];

/** serverAuth and clientAuth (RFC 5280 §4.2.1.12). */
export const FOR_SERVERS = '2b06010505070301';
export const FOR_CLIENTS = '2b06010505070302';

/** One part of a subject. @param type OID in hexadecimal. @param tag 0x0c is UTF8String. */
export const attribute = (type: string, text: string | Buffer, tag = 0x0c): Buffer =>
  der(0x31, typeAndValue(type, text, tag));

/** Several attributes that share one place. */
export const attributes = (...all: readonly (readonly [string, string])[]): Buffer =>
  der(0x31, ...all.map(([type, text]) => typeAndValue(type, text, 0x0c)));

const typeAndValue = (type: string, text: string | Buffer, tag: number): Buffer =>
  sequence(oid(type), der(tag, typeof text === 'string' ? Buffer.from(text) : text));

export const TYPES = {
  CN: '550403',
  O: '55040a',
  OU: '55040b',
  C: '550406',
  serialNumber: '550405',
  emailAddress: '2a864886f70d010901',
  /** Has no short name anywhere. */
  unknown: '2a0304',
} as const;

const DAY = 86_400;

type Subject = {
  readonly commonName: string;
  readonly subject?: readonly Buffer[];
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly lifetime: number;
};

type Issuer = { readonly commonName: string; readonly key: KeyObject };

/** (RFC 5280 §4.1) */
function write({ commonName, subject, publicKey, extensions, lifetime }: Subject, issuer: Issuer) {
  const now = Date.now() / 1000;
  const [from, until] = [now - 2 * DAY, now + lifetime];
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    toName(issuer.commonName),
    sequence(toTime(from), toTime(until)),
    subject === undefined ? toName(commonName) : sequence(...subject),
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

const toName = (commonName: string): Buffer => sequence(attribute(TYPES.CN, commonName));

const toTime = (seconds: number): Buffer => {
  const text = new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(text.slice(2)));
};

const toPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
