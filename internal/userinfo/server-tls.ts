// What proves a directory or a database, read from its files whenever a connection is made: a renewed
// certificate needs no restart.

import { isIP } from 'node:net';
import type { ReadSecret } from './authorization.ts';

export type ServerTls = {
  /** PEM of the CA that alone counts; without it those of Node. */
  readonly ca?: ReadSecret | undefined;
  /** PEM of a certificate and its key to show to the server. */
  readonly cert?: ReadSecret | undefined;
  readonly key?: ReadSecret | undefined;
};

/** Options of `tls.connect` that verify the certificate and the name in it. */
export async function readServerTls({ ca, cert, key }: ServerTls, host: string) {
  return {
    // Said again, because NODE_TLS_REJECT_UNAUTHORIZED is somebody else's business.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    host,
    // An address is no name (RFC 6066 §3); the certificate is held against `host` then.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: await ca() }),
    ...(cert === undefined ? {} : { cert: await cert() }),
    ...(key === undefined ? {} : { key: await key() }),
  } as const;
}
