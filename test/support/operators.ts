// Operators who prove themselves by a certificate, at an admin listener that speaks TLS.

import { createAuthority } from './certificates.ts';
import type { RawTarget } from './raw-http.ts';

/** Issued the certificate of the listener. */
const SERVERS = createAuthority('servers');
/** The CA of `admin.certificates`. */
export const OPERATORS = createAuthority('operators');

/** What the listener is called, beside its address. */
export const ADMIN_NAME = 'admin.sso.svc';

const server = SERVERS.issue({ dns: [ADMIN_NAME] });

/** For `OPERATORS`, or another CA, to issue: whoever shows it is known by this name. */
export const nameOf = (name: string) => ({ dns: [dnsOf(name)] });

const dnsOf = (name: string): string => `${name}.example`;

/** Parts of a configuration that knows these by their certificates. */
export const knowing = (roles: Readonly<Record<string, 'read' | 'write'>>) => ({
  listen: {
    public: { port: 0 },
    admin: { port: 0, tls: { cert_file: 'cert', key_file: 'key' } },
  },
  admin: {
    hosts: [ADMIN_NAME],
    certificates: {
      ca_file: 'operators',
      names: Object.entries(roles).map(([name, role]) => ({ name, dns_san: dnsOf(name), role })),
    },
  },
  files: { cert: server.cert, key: server.key, operators: OPERATORS.cert },
});

/** The listener as somebody reaches it who shows this certificate; `{}` is none. */
export function showing(target: RawTarget, certificate: object): RawTarget {
  if (!('port' in target)) throw new Error('a port is listened at');
  const tls = { ca: SERVERS.cert, servername: ADMIN_NAME, ...certificate };
  return { port: target.port, tls };
}
