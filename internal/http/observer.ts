// What an operator may see of requests on the public listeners: those that the doctor sent, and what
// lately arrived where an identity is read. Changes the answer of no request but the doctor's own.

import type { IncomingMessage } from 'node:http';
import type { Admin } from '../admin/admin.ts';
import type { Peer, Upstream, UpstreamRequest, Verdict } from '../upstream/upstream.ts';
import type { Exchange } from './exchange.ts';

type Part = Pick<Exchange, 'request' | 'requestId' | 'target' | 'entry'>;

export type Observer = {
  /** The attempt of the doctor that this request is; undefined for all others. */
  probeOf(exchange: Part): string | undefined;
  /** @param refusal why it would be refused before the upstream is asked. */
  observe(exchange: Part, probe: string, refusal: string | undefined): Promise<void>;
  /** A request in what follows a malformed one is not answered; the doctor wants to know of it. */
  overhear(exchange: Part): void;
  /** @param refusal why nobody was asked, or nobody was believed. */
  remember(exchange: Part, outcome: Outcome, refusal: string | undefined): void;
};

/** How far a request came: what the upstream said, or that it was refused before or by that. */
export type Outcome = Verdict['kind'];

export type ObserverDeps = {
  readonly admin: Admin;
  readonly upstream: () => Upstream;
  readonly peerOf: (request: IncomingMessage) => Peer;
};

export function createObserver({ admin, upstream, peerOf }: ObserverDeps): Observer {
  const { recorder, identityLog } = admin;
  // Keys that cannot be had believe nobody.
  async function judge(question: UpstreamRequest): Promise<Verdict | undefined> {
    const answer = upstream().identify(question);
    return answer.kind === 'asserted' ? answer.verify().catch(() => undefined) : answer;
  }
  const probeOf: Observer['probeOf'] = ({ target, request }) =>
    recorder.recognise(target, request.rawHeaders);

  return {
    probeOf,
    async observe({ entry, request }, probe, refusal) {
      const { rawHeaders, method = '' } = request;
      const reads = entry?.byMethod.get(method)?.readsIdentity === true && refusal === undefined;
      recorder.note({
        probe,
        route: entry?.endpoint,
        refused: refusal,
        rawHeaders,
        verdict: reads ? await judge({ rawHeaders, peer: peerOf(request) }) : undefined,
      });
    },
    overhear(exchange) {
      const probe = probeOf(exchange);
      if (probe === undefined) return;
      const { entry, request } = exchange;
      recorder.note({
        probe,
        route: entry?.endpoint,
        refused: 'not_answered',
        rawHeaders: request.rawHeaders,
        verdict: undefined,
      });
    },
    remember({ entry, request, requestId }, outcome, refusal) {
      if (entry?.readsIdentity !== true) return;
      identityLog.remember({
        requestId,
        route: entry.endpoint,
        peer: peerOf(request).address,
        rawHeaders: request.rawHeaders,
        outcome,
        failed: outcome === 'refused' ? refusal : undefined,
      });
    },
  };
}
