// Whether what proves the proxy proves anything (upstream-facing start-up refusals). A mistake here
// lets whoever finds it sign in as anybody.

import type { Config } from '../config.ts';
import { isLoopbackCidr, isWide, parseCidr } from '../sections/cidr.ts';
import { isSocket } from '../sections/listen.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import { identityListener } from './listeners.ts';
import { type Check, problem, type Remark, warning } from './remark.ts';

const TRUST = ['upstream', 'trust'] as const;

const hasProof = ({ secret, unix_socket, mtls }: Config['upstream']['trust']): boolean =>
  secret !== undefined || unix_socket || mtls !== undefined;

/** At least one entry, and addresses alone only where they prove something. */
export const trustCheck: Check = {
  reads: ['upstream.trust'],
  find({ upstream: { trust } }, { mode }) {
    if (hasProof(trust)) return [];
    if (trust.peers.length === 0) {
      const text =
        'is missing, and anybody could name any End-User; prove the proxy by secret, unix_socket, mtls or peers';
      return mode === 'dev' ? [] : [problem(TRUST, text)];
    }
    return trust.peers.flatMap((peer, index) => {
      const remark = judgePeer(peer, [...TRUST, 'peers', index], mode, trust.allow_wide);
      return remark === undefined ? [] : [remark];
    });
  },
};

/** Whether the listener that reads identities can see the proof. */
export const provenListenerCheck: Check = {
  reads: ['upstream.trust', 'listen'],
  find: (config, { mode }) => [
    ...(mode === 'serve' ? judgeExposure(config) : []),
    ...judgeSocket(config),
    ...judgeCertificates(config),
  ],
};

function judgeExposure(config: Config): readonly Remark[] {
  const { trust } = config.upstream;
  const { name, listener } = identityListener(config);
  if (hasProof(trust) || trust.peers.length === 0) return [];
  if (isSocket(listener) || isLoopbackHost(listener.host)) return [];
  const text = `is the only proof while listen.${name} is on the network; add secret, so that a program beside the proxy cannot speak for it`;
  return [warning([...TRUST, 'peers'], text)];
}

/** An address range that is the only proof. */
export function judgePeer(
  peer: string,
  path: readonly (string | number)[],
  mode: 'serve' | 'dev',
  allowWide: boolean,
): Remark | undefined {
  const cidr = parseCidr(peer);
  if (cidr === undefined) return undefined;
  if (isLoopbackCidr(cidr)) {
    if (mode === 'dev') return undefined;
    const text =
      'is loopback, where every program of this machine or pod could be the proxy; add secret, or use unix_socket';
    return problem(path, text);
  }
  if (!isWide(cidr)) return undefined;
  const text = 'is wider than /24 or /64 and the only proof';
  return allowWide
    ? warning(path, `${text}, as allow_wide permits`)
    : problem(path, `${text}; add secret, unix_socket or mtls, or set allow_wide: true`);
}

function judgeSocket(config: Config): readonly Remark[] {
  const { peers, unix_socket } = config.upstream.trust;
  const { name, listener } = identityListener(config);
  if (!isSocket(listener)) {
    if (!unix_socket) return [];
    const text = `proves nothing, since listen.${name} is not a Unix socket; set listen.${name}.socket`;
    return [problem([...TRUST, 'unix_socket'], text)];
  }
  const remarks: Remark[] = [];
  if (peers.length > 0) {
    const text = `can never match, since listen.${name} is a Unix socket and has no addresses; remove it`;
    remarks.push(problem([...TRUST, 'peers'], text));
  }
  if (unix_socket && (listener.mode & 0o002) !== 0) {
    const text =
      'lets everybody write to the socket, which then proves nothing; use "0660" and a group';
    remarks.push(problem(['listen', name, 'mode'], text));
  }
  return remarks;
}

function judgeCertificates(config: Config): readonly Remark[] {
  const { mtls } = config.upstream.trust;
  if (mtls === undefined) return [];
  const { name, listener } = identityListener(config);
  if (listener.tls !== undefined) return [];
  return [problem([...TRUST, 'mtls'], `needs TLS on that listener; set listen.${name}.tls`)];
}
