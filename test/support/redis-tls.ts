import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from './certificates.ts';

/** A CA, and what tells a redis-server to answer with a certificate of it. */
export type RedisTls = {
  /** PEM. */
  readonly ca: string;
  /** Lines of redis.conf for TLS on this port, beside the port without. */
  directives(tlsPort: number): readonly (readonly [name: string, value: string])[];
  remove(): Promise<void>;
};

/** The certificate is one for 127.0.0.1. */
export async function createRedisTls(): Promise<RedisTls> {
  const authority = createAuthority('CA of Redis');
  const { cert, key } = authority.issue({ commonName: 'redis', ips: [[127, 0, 0, 1]] });
  const folder = await mkdtemp(join(tmpdir(), 'asteroid-redis-tls-'));
  const files = { cert: join(folder, 'cert'), key: join(folder, 'key'), ca: join(folder, 'ca') };
  await writeFile(files.cert, cert);
  await writeFile(files.key, key, { mode: 0o600 });
  await writeFile(files.ca, authority.cert);
  return {
    ca: authority.cert,
    directives: (tlsPort) => [
      ['tls-port', String(tlsPort)],
      ['tls-cert-file', files.cert],
      ['tls-key-file', files.key],
      ['tls-ca-cert-file', files.ca],
      ['tls-auth-clients', 'no'],
    ],
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Lines of redis.conf as arguments of the program. */
export const toArguments = (
  directives: readonly (readonly [name: string, value: string])[],
): readonly string[] => directives.flatMap(([name, value]) => [`--${name}`, value]);
