// Certificates of clients (RFC 8705) that a proxy saw, and whether any arrive here at all. Nothing is
// believed by default: a header that names a certificate can be sent by anybody.

import * as z from 'zod';
import type { Config } from '../config.ts';
import { fileName, section } from '../fields.ts';
import { headerName } from './header-name.ts';
import { peerTrust } from './trust.ts';

const FORMATS = ['rfc9440', 'pem-urlencoded', 'xfcc'] as const;

export const mtls = () =>
  section({
    proxy: section({
      header: headerName().meta({
        description: 'Header in which the proxy passes the certificate of its client on',
        examples: ['X-Client-Cert'],
      }),
      format: z.enum(FORMATS).meta({
        description:
          'How it is written: rfc9440 (Client-Cert), pem-urlencoded (nginx, AWS), xfcc (Envoy)',
      }),
      trust: peerTrust().meta({ description: 'What proves that the header comes from the proxy' }),
      verified_by_proxy: z.boolean().default(false).meta({
        description: 'The proxy lets nobody in whose certificate its CA for clients did not issue',
      }),
      client_ca_file: fileName()
        .optional()
        .meta({
          description:
            'CA that signs the certificates of clients, PEM; Asteroid verifies with it what the proxy passes on',
          examples: ['/run/tls/clients-ca.pem'],
        }),
    })
      .optional()
      .meta({ description: 'A proxy that ends TLS and passes certificates of clients on' }),
  });

/** What arrives of certificates: none, any, or also such as a CA vouches for. */
export type ClientCertificates = 'none' | 'any' | 'verified';

export function toClientCertificates({
  listen,
  mtls: { proxy } = {},
}: Pick<Config, 'listen' | 'mtls'>): ClientCertificates {
  if (listen.mtls === undefined && proxy === undefined) return 'none';
  const verifies =
    listen.mtls?.tls.client_ca_file !== undefined ||
    proxy?.client_ca_file !== undefined ||
    proxy?.verified_by_proxy === true;
  return verifies ? 'verified' : 'any';
}
