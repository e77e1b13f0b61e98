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
import type { Random } from '../protocol/random.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer, Upstream } from '../upstream/upstream.ts';
import { createAdapter } from './adapter.ts';
import {
  type CertificateSources,
  createHeaderCertificates,
  createTlsCertificates,
} from './certificates.ts';
import { createSessionCookie } from './cookies.ts';
import { ownHosts, ownOrigins } from './host.ts';
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
  /** Absent: as many connections as there are. */
  readonly connections?: ConnectionLimit;
};

export type ConnectionLimit = {
  /** How many at a time; further ones are closed without an answer. */
  readonly most: number;
  /** Told of each, before. */
  readonly accepted: () => void;
  /** Told of each of those. */
  readonly dropped: () => void;
};

/** Functions are asked for each request, so that a reload takes effect with the next one. */
export type HttpDeps = Watching & {
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
};

/** The issuer, for a listener of the given group: paths of other groups are unknown on it. */
export function createPublicApp(deps: HttpDeps, group: ListenerGroup): HttpApp {
  const { issuerUrl, bases, allowedHosts, admin, upstream, certificates } = deps;
  const browserUrls = [issuerUrl, bases.browser];
  const programUrls = [bases.back, ...(bases.mtls === undefined ? [] : [bases.mtls])];
  const peers = new WeakMap<Socket, Peer>();
  const peerOf = ({ socket }: IncomingMessage) => peers.get(socket) ?? toPeer(socket, false);
  const create = group === 'mtls' ? createTlsCertificates : createHeaderCertificates;
  const request = createAdapter({
    ...deps,
    table: buildTable(issuerUrl, group),
    browserHosts: ownHosts(browserUrls, allowedHosts),
    hosts: ownHosts([...browserUrls, ...programUrls], allowedHosts),
    origins: ownOrigins(browserUrls, allowedHosts),
    cookie: createSessionCookie(issuerUrl),
    send: createSend(deps),
    peerOf,
    findCertificate: certificates && create(certificates, { peerOf, audit: deps.audit }),
    observer: admin && createObserver({ admin, upstream, peerOf }),
  });
  return {
    request,
    connections: { most: deps.maxConnections, ...deps.shedding },
    connection: (socket, unixSocket) => {
      const peer = toPeer(socket, unixSocket);
      // A client's certificate must never pass for that of the proxy.
      peers.set(socket, group === 'mtls' ? { ...peer, certificate: undefined } : peer);
    },
  };
}
