// HTTP and nothing but: bytes to `ProtocolRequest`, `ProtocolResponse` to bytes. Knows Node's sockets,
// headers and HTML; decides nothing about OAuth. Every public path is a row of `routes.ts`, answered
// by one adapter in front of any router, because routers decode, fold and normalise; Express serves
// the operator's listener.

import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Admin } from '../admin/admin.ts';
import type { Audit } from '../audit/events.ts';
import type { Issuer } from '../oidc/issuer.ts';
import type { EndpointBases } from '../oidc/paths.ts';
import { rememberLast } from '../oidc/remember-last.ts';
import type { Random } from '../protocol/random.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer, Upstream } from '../upstream/upstream.ts';
import { type AdapterDeps, createAdapter } from './adapter.ts';
import {
  type CertificateSources,
  createHeaderCertificates,
  createTlsCertificates,
} from './certificates.ts';
import { createSessionCookie } from './cookies.ts';
import { ownHosts, ownOrigins } from './host.ts';
import type { LimitsDeps } from './limits.ts';
import { createObserver } from './observer.ts';
import type { Brand } from './pages/brand.ts';
import { toPeer } from './peer.ts';
import { buildTable, type ListenerGroup } from './routes.ts';
import { createSend } from './send.ts';
import type { Shedding } from './shedding.ts';
import type { Watching } from './watched.ts';

/** What `listen` serves. */
export type HttpApp = {
  readonly request: RequestListener;
  /** Told of each connection once, while it is certain who is at the other end. */
  readonly connection: (socket: Socket, unixSocket: boolean) => void;
  /** What its certificate proved counts no more. Absent: nothing here asks for one. */
  readonly disowned?: (socket: Socket) => void;
  /** Absent: as many connections as there are. */
  readonly connections?: ConnectionLimit;
};

export type ConnectionLimit = {
  /** How many at a time; further ones are closed without an answer. Asked for each. */
  readonly most: () => number;
  /** Told of each, before. */
  readonly accepted: () => void;
  /** Told of each of those. */
  readonly dropped: () => void;
};

/** What requests are answered by while one configuration is in force. */
export type HttpDeps = Watching & {
  /** Told of each request that begins by it; answers with what is to be called at its end. Absent: nobody counts. */
  readonly hold?: () => () => void;
  readonly issuerUrl: string;
  /** Where browsers and programs reach it. */
  readonly bases: EndpointBases;
  readonly issuer: () => Issuer;
  readonly upstream: () => Upstream;
  /** Hosts that are ours beside the issuer's own, each with its port if it has one. */
  readonly allowedHosts: readonly string[];
  /** Every route wants a Host of ours; else only those that people's browsers see. */
  readonly strictHost: boolean;
  /** One for all listeners. */
  readonly shedding: Shedding;
  /** How many connections each of them may have. */
  readonly maxConnections: number;
  readonly log: Log;
  readonly audit: Audit;
  readonly random: Random;
  /** Absent: pages look as they do without anybody's doing. */
  readonly brand?: () => Brand;
  /** Absent: nothing that a client shows is looked at. */
  readonly certificates?: CertificateSources;
  /** Absent: nothing is recorded, and nothing remembered. */
  readonly admin?: Admin;
  /** Absent: nothing is limited. */
  readonly limits?: LimitsDeps['limits'];
};

/**
 * The issuer, for a listener of the given group: paths of other groups are unknown on it.
 *
 * @param inForce asked for each request, which ends by what it was answered; the same object until the
 *   configuration is another one.
 */
export function createPublicApp(inForce: () => HttpDeps, group: ListenerGroup): HttpApp {
  const { issuerUrl, shedding, random, log } = inForce();
  const peers = new WeakMap<Socket, Peer>();
  const peerOf: PeerOf = ({ socket }) => peers.get(socket) ?? toPeer(socket, false);
  const table = buildTable(issuerUrl, group);
  const disowned = new WeakSet<Socket>();
  const isDisowned = (socket: Socket): boolean => disowned.has(socket);
  const adapterDepsFor = rememberLast((deps: HttpDeps) =>
    toAdapterDeps(deps, group, { peerOf, isDisowned }),
  );
  return {
    request: createAdapter({ table, random, log, inForce: () => adapterDepsFor(inForce()) }),
    connections: { most: () => inForce().maxConnections, ...shedding },
    connection: (socket, unixSocket) => {
      const peer = toPeer(socket, unixSocket);
      // A client's certificate must never pass for that of the proxy.
      peers.set(socket, group === 'mtls' ? { ...peer, certificate: undefined } : peer);
    },
    disowned: (socket) => {
      disowned.add(socket);
      const peer = peers.get(socket);
      if (peer !== undefined) peers.set(socket, { ...peer, certificate: undefined });
    },
  };
}

type PeerOf = (request: IncomingMessage) => Peer;
type Connections = {
  readonly peerOf: PeerOf;
  readonly isDisowned: (socket: Socket) => boolean;
};

function toAdapterDeps(
  deps: HttpDeps,
  group: ListenerGroup,
  { peerOf, isDisowned }: Connections,
): AdapterDeps {
  const { issuerUrl, bases, allowedHosts, admin, upstream, certificates } = deps;
  const browserUrls = [issuerUrl, bases.browser];
  const programUrls = [bases.back, ...(bases.mtls === undefined ? [] : [bases.mtls])];
  const create = group === 'mtls' ? createTlsCertificates : createHeaderCertificates;
  return {
    ...deps,
    browserHosts: ownHosts(browserUrls, allowedHosts),
    hosts: ownHosts([...browserUrls, ...programUrls], allowedHosts),
    origins: ownOrigins(browserUrls, allowedHosts),
    cookie: createSessionCookie(issuerUrl),
    send: createSend(deps),
    peerOf,
    findCertificate:
      certificates && create(certificates, { peerOf, isDisowned, audit: deps.audit }),
    observer: admin && createObserver({ admin, upstream, peerOf }),
  };
}
