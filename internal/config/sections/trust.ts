// What proves that a request comes from the proxy. Nothing here has a default: the operator has to
// say what to believe.

import * as z from 'zod';
import { fileName, later, section, text, textWith } from '../fields.ts';
import { findCidrProblem } from './cidr.ts';
import { headerName } from './header-name.ts';

const NO_SAN =
  'names no certificate; add dns_sans or uri_sans, or any certificate of this CA could be the proxy';

const mtls = () =>
  section({
    ca_file: fileName().meta({
      description: 'CA that issues the certificate of the proxy and nothing else, PEM',
      examples: ['/run/tls/front-proxy-ca.pem'],
    }),
    dns_sans: z
      .array(text())
      .default([])
      .meta({
        description: 'Exact DNS names, one of which the certificate has to carry',
        examples: [['proxy.example.com']],
      }),
    uri_sans: z
      .array(text())
      .default([])
      .meta({
        description: 'Exact URIs, such as SPIFFE ids, one of which the certificate has to carry',
        examples: [['spiffe://cluster.local/ns/edge/sa/proxy']],
      }),
  }).refine((given) => given.dns_sans.length + given.uri_sans.length > 0, {
    path: ['dns_sans'],
    error: NO_SAN,
  });

const PROOFS = {
  peers: z
    .array(textWith(findCidrProblem))
    .default([])
    .meta({
      description:
        'Address ranges of the proxy, compared with the TCP peer and never with a header',
      examples: [['127.0.0.1/32', '::1/128']],
    }),
  allow_wide: z.boolean().default(false).meta({
    description: 'Accept ranges wider than /24 or /64 although nothing else proves the proxy',
  }),
  secret: section({
    header: headerName()
      .default('X-Asteroid-Upstream-Secret')
      .meta({ description: 'Header in which the proxy sends the secret' }),
    files: z
      .array(fileName())
      .min(1)
      .meta({
        description:
          'Files of one secret each, of 32 bytes at least; any of them matches, for rotation',
        examples: [['/run/secrets/upstream']],
      }),
  })
    .optional()
    .meta({ description: 'A secret that the proxy adds to every request' }),
  unix_socket: z.boolean().default(false).meta({
    description: 'The permissions of the Unix socket are the proof',
  }),
};

/** What a proxy proves itself by at a listener that asks nobody for a certificate. */
export const peerTrust = () => section(PROOFS);

export const trust = () =>
  section({
    ...PROOFS,
    mtls: later(mtls)
      .optional()
      .meta({ description: 'The client certificate of the proxy is the proof' }),
  });
