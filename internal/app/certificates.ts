// From the words of asteroid.yaml to where certificates of clients come from.

import { createVouch } from '../certificates/authorities.ts';
import { createCertificateHeader } from '../certificates/header.ts';
import type { Config } from '../config/config.ts';
import type { CertificateSources } from '../http/certificates.ts';
import type { Snapshot } from '../loader/load.ts';
import { AssemblyError } from './upstream-options.ts';

/** Throws `AssemblyError` when the CA is none. @param snapshot that of the moment, for its secrets. */
export function createCertificateSources(
  { listen, mtls: { proxy } = {} }: Config,
  snapshot: () => Snapshot,
): CertificateSources {
  const verifiesChains = listen.mtls?.tls.client_ca_file !== undefined;
  if (proxy === undefined) return { verifiesChains };
  const { header, format, trust, verified_by_proxy } = proxy;
  const authorities = snapshot().clientAuthorities;
  const options = {
    header,
    format,
    trust: {
      peers: trust.peers,
      unixSocket: trust.unix_socket,
      secret: trust.secret && {
        header: trust.secret.header,
        secrets: () => snapshot().certificateSecrets,
      },
    },
    verification:
      authorities === undefined ? (verified_by_proxy ? 'proxy' : undefined) : vouch(authorities),
  } as const;
  return {
    verifiesChains,
    header: createCertificateHeader(options),
    strayHeader: createCertificateHeader({ ...options, trust: undefined }),
  };
}

function vouch(authorities: string) {
  try {
    return createVouch(authorities);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : 'cannot be read';
    throw new AssemblyError(`mtls.proxy.client_ca_file: ${text}`, { cause });
  }
}
