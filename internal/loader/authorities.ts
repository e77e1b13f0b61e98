// CAs that must not be one: whoever has a certificate of the proxy may name any End-User, whoever has one of an
// operator may write clients, and whoever has one of a client may do neither. Two files can hold the same CA.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { readBytes } from './read.ts';

type Say = (path: Path, problem: string) => void;

type Authority = {
  readonly path: Path;
  readonly file: string | undefined;
  readonly of: 'proxy' | 'client' | 'operator';
  /** For people. */
  readonly name: string;
};

export async function checkAuthorities(config: Config, say: Say): Promise<void> {
  const authorities = listAuthorities(config);
  const certificates = await Promise.all(authorities.map(({ file }) => readCertificates(file)));
  for (const [index, { path, file, of }] of authorities.entries()) {
    const other = authorities
      .slice(0, index)
      // The same file was found before any was read.
      .find(
        (one, before) =>
          one.of !== of &&
          one.file !== file &&
          certificates[before]?.some((own) => certificates[index]?.includes(own)),
      );
    if (other !== undefined)
      say(path, `${file} holds the CA of ${other.name} too; use a CA of its own`);
  }
}

const listAuthorities = ({ listen, mtls, upstream, admin }: Config): readonly Authority[] => [
  {
    path: ['upstream', 'trust', 'mtls', 'ca_file'],
    file: upstream.trust.mtls?.ca_file,
    ...{ of: 'proxy', name: 'the proxy in upstream.trust.mtls' },
  },
  {
    path: ['listen', 'mtls', 'tls', 'client_ca_file'],
    file: listen.mtls?.tls.client_ca_file,
    ...{ of: 'client', name: 'clients in listen.mtls' },
  },
  {
    path: ['mtls', 'proxy', 'client_ca_file'],
    file: mtls?.proxy?.client_ca_file,
    ...{ of: 'client', name: 'clients in mtls.proxy' },
  },
  {
    path: ['admin', 'certificates', 'ca_file'],
    file: admin?.certificates?.ca_file,
    ...{ of: 'operator', name: 'operators in admin.certificates' },
  },
];

/** Without the blanks in which two copies may differ; none where the file cannot be read. */
async function readCertificates(file: string | undefined): Promise<readonly string[]> {
  const read = file === undefined ? undefined : await readBytes(file);
  if (!read?.ok) return [];
  const text = Buffer.from(read.bytes).toString('latin1');
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => pem.replace(/\s/g, ''),
  );
}
