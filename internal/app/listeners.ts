// From the words of asteroid.yaml, systemd and the environment to where we listen.

import path from 'node:path';
import type { Config } from '../config/config.ts';
import { isSocket, type Listener } from '../config/sections/listen.ts';
import type { ListenAddress, ListenOptions } from '../http/listen.ts';
import type { TlsOptions } from '../http/secure.ts';
import type { Snapshot } from '../loader/load.ts';

export type ListenerName = keyof Config['listen'];
export type Environment = { readonly [name: string]: string | undefined };

/**
 * Every listener that is configured, in the order of the file. Sockets that systemd opened for us
 * (LISTEN_FDS) take the place of an address, by their FileDescriptorName.
 *
 * @param isShared a worker listens where the primary does, which has prepared the places.
 */
export function toListenOptions(
  snapshot: Snapshot,
  environment: Environment,
  pid: number,
  isShared = false,
): ReadonlyArray<readonly [ListenerName, ListenOptions]> {
  const { listen } = snapshot.config;
  const handedOver = findHandedOver(environment, pid);
  return NAMES.flatMap((name) => {
    const listener = listen[name];
    if (listener === undefined) return [];
    const tls = toTlsOptions(snapshot, name);
    const fd = handedOver.get(name);
    const address: ListenAddress =
      fd === undefined ? toAddress(listener, environment, isShared) : { kind: 'fd', fd };
    return [[name, { address, ...(tls === undefined ? {} : { tls }) }] as const];
  });
}

const NAMES = ['public', 'browser', 'mtls', 'admin', 'health'] as const;

/** What secures a listener; undefined where nothing does. */
export function toTlsOptions(
  { config: { listen, upstream }, listenerFiles }: Snapshot,
  name: ListenerName,
): TlsOptions | undefined {
  const tls: Listener['tls'] = listen[name]?.tls;
  if (tls === undefined) return undefined;
  // The listener that reads identity is the one that the proxy shows its certificate to.
  const proven = listen.browser === undefined ? 'public' : 'browser';
  const ca = name === proven ? upstream.trust.mtls?.ca_file : tls.client_ca_file;
  // The loader refuses a configuration of which it cannot read them.
  const read = (file: string): string => listenerFiles.get(file) ?? '';
  return {
    key: read(tls.key_file),
    cert: read(tls.cert_file),
    ...(name === 'mtls' ? { asksForCertificates: true } : {}),
    ...(ca === undefined ? {} : { clientCa: read(ca) }),
  };
}

function toAddress(listener: Listener, environment: Environment, isShared: boolean): ListenAddress {
  if (!isSocket(listener)) return { kind: 'tcp', host: listener.host, port: listener.port };
  const { socket, mode, group } = listener;
  // systemd may name several directories; the first is the one RuntimeDirectory= lists first.
  const base = environment['RUNTIME_DIRECTORY']?.split(':')[0] ?? '.';
  return {
    kind: 'unix',
    path: path.resolve(base, socket),
    mode,
    isShared,
    ...(group === undefined ? {} : { group }),
  };
}

/** The first descriptor systemd hands over (sd_listen_fds(3)). */
const FIRST_FD = 3;

function findHandedOver(environment: Environment, pid: number): ReadonlyMap<string, number> {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = environment;
  if (LISTEN_PID !== String(pid) || LISTEN_FDS === undefined) return new Map();
  const names = LISTEN_FDNAMES?.split(':') ?? [];
  // One socket without a name of ours can only be meant for the clients and the proxy.
  const single =
    LISTEN_FDS === '1' && !['browser', 'mtls', 'admin', 'health'].includes(names[0] ?? '');
  return single
    ? new Map([['public', FIRST_FD]])
    : new Map(names.map((name, index) => [name, FIRST_FD + index]));
}
