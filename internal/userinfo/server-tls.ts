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
  /** The name its certificate has to carry, where that is not the host of the URL. */
  readonly servername?: string | undefined;
};

/** Options of `tls.connect` that verify the certificate and the name in it. */
export async function readServerTls(tls: ServerTls, host: string) {
  const { ca, cert, key, servername = host } = tls;
  return {
    // Said again, because NODE_TLS_REJECT_UNAUTHORIZED is somebody else's business.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    host: servername,
    // An address is no name (RFC 6066 §3); the certificate is held against `host` then.
    ...(isIP(servername) === 0 ? { servername } : {}),
    ...(ca === undefined ? {} : { ca: await ca() }),
    ...(cert === undefined ? {} : { cert: await cert() }),
    ...(key === undefined ? {} : { key: await key() }),
  } as const;
}
