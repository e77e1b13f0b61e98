// The certificate of one client (RFC 8705 §2.1.2, §3.4).

import { isIP } from 'node:net';
import * as z from 'zod';
import type { CertificateName, ClientTls } from '../../protocol/client-tls.ts';
import { canonicalDn } from '../../protocol/distinguished-name.ts';
import { canonicalIpv6 } from '../../protocol/ip-text.ts';
import { type section, textWith } from '../fields.ts';

const NO_DN =
  'is no distinguished name as RFC 4514 writes it; use what openssl x509 -noout -subject -nameopt RFC2253 prints, as in CN=app,O=Example';

const dn = () => textWith((value) => (canonicalDn(value) === undefined ? NO_DN : undefined));

/** The characters of a name in a certificate that any certificate could have. */
const name = (example: string) =>
  textWith((value) =>
    /^[!-~]+$/.test(value) ? undefined : `has to be one name of printable ASCII, as in ${example}`,
  );

const address = () =>
  textWith((value) =>
    isIP(value) === 0 || value.includes('%') ? 'has to be one IP address' : undefined,
  );

/** Keys of a client's metadata. */
export const clientTls = {
  tls_client_auth_subject_dn: dn()
    .optional()
    .meta({
      description: 'Subject of its certificate, compared exactly, for tls_client_auth',
      examples: ['CN=app,OU=Services,O=Example'],
    }),
  tls_client_auth_san_dns: name('app.example.com')
    .optional()
    .meta({ description: 'DNS name in its certificate, compared exactly' }),
  tls_client_auth_san_uri: name('spiffe://example.com/app')
    .optional()
    .meta({ description: 'URI in its certificate, compared exactly' }),
  tls_client_auth_san_ip: address()
    .optional()
    .meta({ description: 'IP address in its certificate' }),
  tls_client_auth_san_email: name('app@example.com')
    .optional()
    .meta({ description: 'Email address in its certificate, compared exactly' }),
  tls_client_certificate_bound_access_tokens: z.boolean().default(false).meta({
    description: 'Its access tokens are of use with its certificate only (RFC 8705 §3)',
  }),
};

/** The five names; a client has one. */
export const CERTIFICATE_NAMES = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const;

type Given = z.output<ReturnType<typeof section<typeof clientTls>>>;

/** That there is one name at most is for `checks/client-tls.ts` to say. */
export const toClientTls = (given: Given): ClientTls => ({
  certificateName: toName(given),
  certificateBoundAccessTokens: given.tls_client_certificate_bound_access_tokens,
});

function toName(given: Given): CertificateName | undefined {
  const key = CERTIFICATE_NAMES.find((one) => given[one] !== undefined);
  const text = key === undefined ? undefined : given[key];
  if (text === undefined) return undefined;
  switch (key) {
    case 'tls_client_auth_subject_dn':
      return { type: 'subject_dn', value: canonicalDn(text) ?? '' };
    case 'tls_client_auth_san_dns':
      return { type: 'dns', value: text };
    case 'tls_client_auth_san_uri':
      return { type: 'uri', value: text };
    case 'tls_client_auth_san_ip':
      return { type: 'ip', value: text.includes(':') ? canonicalIpv6(text) : text };
    case 'tls_client_auth_san_email':
      return { type: 'email', value: text };
    default:
      return key satisfies undefined;
  }
}
