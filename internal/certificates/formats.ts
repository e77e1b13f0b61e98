// The ways in which proxies write a certificate into a header. One of them is declared, none is guessed.

/** DER, or undefined where the value is not of the form. */
type Decode = (value: string) => Buffer | undefined;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  // Canonical only: two spellings of one certificate would be two texts for whoever compares them.
  return BASE64.test(text) && bytes.toString('base64') === text ? bytes : undefined;
}

const PEM =
  /^-----BEGIN CERTIFICATE-----\r?\n(?<lines>(?:[A-Za-z0-9+/=]{1,76}\r?\n)+)-----END CERTIFICATE-----\s*$/;

/** One certificate: of a chain nobody could tell which is the client's. */
function decodePem(value: string): Buffer | undefined {
  try {
    const { lines } = PEM.exec(decodeURIComponent(value))?.groups ?? {};
    return lines === undefined ? undefined : decodeBase64(lines.replace(/\r?\n/g, ''));
  } catch {
    return undefined;
  }
}

/** Of one element only: a second one, behind a comma, is what another hop saw. */
const PAIR = '(?!Cert=)[A-Za-z]+=(?:"[^"\\\\]*"|[^",;]*)';
const XFCC = new RegExp(`^(?:${PAIR};)*Cert="(?<pem>[^"\\\\]*)"(?:;${PAIR})*$`);

export const CERTIFICATE_FORMATS = {
  /** `Client-Cert: :MIIB…:` (RFC 9440 §2.1). */
  rfc9440: (value) => decodeBase64(/^:(.*):$/.exec(value)?.[1] ?? ''),
  /** nginx, `$ssl_client_escaped_cert`. */
  'pem-urlencoded': decodePem,
  /** Envoy, `x-forwarded-client-cert`. */
  xfcc: (value) => decodePem(XFCC.exec(value)?.groups?.['pem'] ?? ''),
} as const satisfies Record<string, Decode>;

export type CertificateFormat = keyof typeof CERTIFICATE_FORMATS;
