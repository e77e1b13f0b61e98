// Whether certificates of clients prove anything. A header counts from a proxy that proves itself, and
// the CA of the upstream never vouches for clients: whoever has a certificate of one could be the other.

import type { Config } from '../config.ts';
import type { Path } from '../finding.ts';
import { printPath } from '../finding.ts';
import { foldHeaderName } from '../sections/header-name.ts';
import { isSocket } from '../sections/listen.ts';
import { namedHeaders } from './headers.ts';
import { type Check, problem, type Remark } from './remark.ts';
import { judgePeer } from './trust.ts';

const PROXY = ['mtls', 'proxy'] as const;
const TRUST = [...PROXY, 'trust'] as const;

export const mtlsCheck: Check = {
  reads: [
    'mtls',
    'listen',
    'endpoints',
    'upstream.trust',
    'upstream.headers',
    'upstream.assertion',
  ],
  find: (config, { mode }) => [
    ...findSharedAuthority(config),
    ...findAlias(config),
    ...findTrust(config, mode),
    ...findHeader(config),
    ...(config.mtls?.proxy?.verified_by_proxy === true &&
    config.mtls.proxy.client_ca_file !== undefined
      ? [
          problem(
            [...PROXY, 'client_ca_file'],
            'cannot be combined with verified_by_proxy; remove one of the two',
          ),
        ]
      : []),
  ],
};

function findSharedAuthority({ listen, mtls, upstream }: Config): readonly Remark[] {
  const own = upstream.trust.mtls?.ca_file;
  if (own === undefined) return [];
  const named: readonly { readonly path: Path; readonly file: string | undefined }[] = [
    { path: ['listen', 'mtls', 'tls', 'client_ca_file'], file: listen.mtls?.tls.client_ca_file },
    { path: [...PROXY, 'client_ca_file'], file: mtls?.proxy?.client_ca_file },
  ];
  const text =
    'is the CA of the proxy in upstream.trust.mtls, and a client could name any End-User; use a CA of its own';
  return named.flatMap(({ path, file }) => (file === own ? [problem(path, text)] : []));
}

/** Discovery must not send clients where nobody asks for their certificate (RFC 8705 §5). */
function findAlias({ endpoints, listen, mtls }: Config): readonly Remark[] {
  const base = endpoints?.mtls_base;
  const at = ['endpoints', 'mtls_base'];
  if (base === undefined) return [];
  if (listen.mtls === undefined && mtls?.proxy === undefined) {
    return [problem(at, 'leads to no certificates; set listen.mtls or mtls.proxy, or remove it')];
  }
  return base.startsWith('https://')
    ? []
    : [problem(at, 'is http://, where no certificate is shown; use https://')];
}

function findTrust({ listen, mtls }: Config, mode: 'serve' | 'dev'): readonly Remark[] {
  if (mtls?.proxy === undefined) return [];
  const { peers, secret, unix_socket, allow_wide } = mtls.proxy.trust;
  const isOnSocket = isSocket(listen.public);
  if (unix_socket && !isOnSocket) {
    const text =
      'proves nothing, since listen.public is not a Unix socket; set listen.public.socket';
    return [problem([...TRUST, 'unix_socket'], text)];
  }
  if (isOnSocket && peers.length > 0) {
    const text =
      'can never match, since listen.public is a Unix socket and has no addresses; remove it';
    return [problem([...TRUST, 'peers'], text)];
  }
  if (secret !== undefined || unix_socket) return [];
  if (peers.length === 0) {
    const text =
      'is missing, and anybody could send any certificate; prove the proxy by secret, unix_socket or peers';
    return [problem(TRUST, text)];
  }
  return peers.flatMap((peer, index) => {
    const remark = judgePeer(peer, [...TRUST, 'peers', index], mode, allow_wide);
    return remark === undefined ? [] : [remark];
  });
}

/** The secret may come in the header that proves the upstream, since the same proxy may send it. */
function findHeader({ mtls, upstream }: Config): readonly Remark[] {
  if (mtls?.proxy === undefined) return [];
  const { header, trust } = mtls.proxy;
  const secret = trust.secret?.header;
  const others = namedHeaders(upstream);
  const owned = (name: string, path: Path, mayShare: Path | undefined): readonly Remark[] => {
    const owner = others.find((other) => foldHeaderName(other.header) === foldHeaderName(name));
    if (owner === undefined) return [];
    if (mayShare !== undefined && printPath(owner.path) === printPath(mayShare)) return [];
    const text = `is the header of ${printPath(owner.path)} too, as far as some programs can tell; use another`;
    return [problem(path, text)];
  };
  const at = [...TRUST, 'secret', 'header'];
  return [
    ...owned(header, [...PROXY, 'header'], undefined),
    ...(secret === undefined ? [] : owned(secret, at, ['upstream', 'trust', 'secret', 'header'])),
    ...(secret !== undefined && foldHeaderName(secret) === foldHeaderName(header)
      ? [problem(at, 'is the header of the certificate too; use another')]
      : []),
  ];
}
