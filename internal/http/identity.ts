// Asks the upstream who a request is from, and makes a refusal as loud as a forged credential is.

import type { IncomingMessage } from 'node:http';
import type { Audit } from '../audit/events.ts';
import type { Identity } from '../protocol/identity.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer, Upstream } from '../upstream/upstream.ts';
import { identityRefused } from './errors.ts';
import type { Exchange } from './exchange.ts';

export type IdentityDeps = {
  readonly upstream: () => Upstream;
  readonly peerOf: (request: IncomingMessage) => Peer;
  readonly audit: Audit;
};

/** Undefined when the peer is proven and names nobody; throws when it is not, or speaks unclearly. */
export function readIdentity(
  { upstream, peerOf, audit }: IdentityDeps,
  { request, requestId }: Exchange,
): Identity | undefined {
  const peer = peerOf(request);
  const answer = upstream().identify({ rawHeaders: request.rawHeaders, peer });
  switch (answer.kind) {
    case 'identified':
      return answer.identity;
    case 'anonymous':
      return undefined;
    case 'refused': {
      const { status, reason, header } = answer;
      audit({ type: 'identity.refused', reason, header, peer: peer.address, requestId });
      throw identityRefused(status, reason);
    }
    default:
      return answer satisfies never;
  }
}

/** Identity on a route that reads none has no effect; that it came at all is worth a line. */
export function noteIdentity(
  { upstream, log }: Pick<IdentityDeps, 'upstream'> & { readonly log: Log },
  { headers, requestId }: Exchange,
): void {
  for (const name of upstream().headerNames) {
    if (name in headers) {
      log.debug({ request_id: requestId, header: name }, 'identity header ignored');
      return;
    }
  }
}
