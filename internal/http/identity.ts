// Asks the upstream who a request is from, and makes a refusal as loud as a forged credential is.

import type { IncomingMessage } from 'node:http';
import type { Audit } from '../audit/events.ts';
import type { Identity } from '../protocol/identity.ts';
import type { RequestLimits } from '../ratelimit/limits.ts';
import type { Log } from '../telemetry/log.ts';
import type { Peer, Upstream, Verdict } from '../upstream/upstream.ts';
import { identityRefused } from './errors.ts';
import type { Exchange } from './exchange.ts';

export type IdentityDeps = {
  readonly upstream: () => Upstream;
  readonly peerOf: (request: IncomingMessage) => Peer;
  readonly audit: Audit;
};

/** Whom the upstream names, if anybody; throws when what it says is refused. */
export type ReadIdentity = () => Promise<Identity | undefined> | Identity | undefined;

/**
 * Throws at once when the peer is not proven or speaks unclearly. Something signed is verified when
 * the answer is called: it takes time, and everything else can be refused before it.
 */
export function readIdentity(
  { upstream, peerOf, audit }: IdentityDeps,
  { request, requestId }: Exchange,
  limits?: RequestLimits,
): ReadIdentity {
  const peer = peerOf(request);
  const judge = (verdict: Verdict): Identity | undefined => {
    switch (verdict.kind) {
      case 'identified':
        return verdict.identity;
      case 'anonymous':
        return undefined;
      case 'refused': {
        const { kind: _kind, status, ...refusal } = verdict;
        // Before it is on record: a flood of spoofs must not be one of events.
        limits?.identityRefused();
        audit({ type: 'identity.refused', ...refusal, peer: peer.address, requestId });
        throw identityRefused(status, refusal.reason);
      }
      default:
        return verdict satisfies never;
    }
  };
  const answer = upstream().identify({ rawHeaders: request.rawHeaders, peer });
  if (answer.kind === 'asserted') {
    return async () => {
      await limits?.arrived();
      return judge(await answer.verify());
    };
  }
  const identity = judge(answer);
  return () => identity;
}

/** Identity on a route that reads none has no effect; that it came at all is worth a line. */
export function noteIdentity(
  { upstream, log }: Pick<IdentityDeps, 'upstream'> & { readonly log: Log },
  { headers, requestId }: Exchange,
): void {
  for (const name of upstream().headerNames) {
    // An assertion may come in Authorization, which elsewhere is how clients authenticate.
    if (name !== 'authorization' && name in headers) {
      log.debug({ request_id: requestId, header: name }, 'identity header ignored');
      return;
    }
  }
}
