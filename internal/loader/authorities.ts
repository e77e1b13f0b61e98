// CAs that must not be one: whoever has a certificate of the proxy may name any End-User, and whoever
// has one of a client may not. Two files can hold the same CA.

import type { Config } from '../config/config.ts';
import type { Path } from '../config/finding.ts';
import { readBytes } from './read.ts';

type Say = (path: Path, problem: string) => void;

export async function checkAuthorities(
  { listen, mtls, upstream }: Config,
  say: Say,
): Promise<void> {
  const own = await readCertificates(upstream.trust.mtls?.ca_file);
  const named: readonly { readonly path: Path; readonly file: string | undefined }[] = [
    { path: ['listen', 'mtls', 'tls', 'client_ca_file'], file: listen.mtls?.tls.client_ca_file },
    { path: ['mtls', 'proxy', 'client_ca_file'], file: mtls?.proxy?.client_ca_file },
  ];
  for (const { path, file } of named) {
    // The same file was found before any was read.
    if (file === upstream.trust.mtls?.ca_file) continue;
    const theirs = await readCertificates(file);
    if (theirs.some((certificate) => own.includes(certificate))) {
      say(
        path,
        `${file} holds the CA of the proxy in upstream.trust.mtls too; use a CA of its own`,
      );
    }
  }
}

/** Without the blanks in which two copies may differ; none where the file cannot be read. */
async function readCertificates(file: string | undefined): Promise<readonly string[]> {
  const read = file === undefined ? undefined : await readBytes(file);
  if (!read?.ok) return [];
  const text = Buffer.from(read.bytes).toString('latin1');
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (pem) => pem.replace(/\s/g, ''),
  );
}
