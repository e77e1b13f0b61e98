// Back-Channel Logout 1.0 §2.5: the clients of an ended session are told, server to server, while the
// End-User is long looking at the next page.

import type { Client } from '../../protocol/client.ts';
import type { Deps } from '../deps.ts';
import type { EndedSession } from './end.ts';
import { mintLogoutToken } from './logout-token.ts';

/** Seconds for a whole answer. */
const TIMEOUT = 5;

/** Nobody reads the answer. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Returns at once; how it went is on record later. Clients without a URI are not told. Their tokens are signed on the
 * way out: a client chooses by what (`id_token_signed_response_alg`), and one of which no key can be made must not keep
 * anybody's session or authorization from its end.
 */
export function notifyClients(
  clients: readonly Client[],
  session: EndedSession,
  requestId: string,
  deps: Deps,
): void {
  for (const client of clients) {
    if (client.backchannelLogoutUri !== undefined) {
      notify(client, client.backchannelLogoutUri, session, requestId, deps);
    }
  }
}

function notify(
  client: Client,
  url: string,
  session: EndedSession,
  requestId: string,
  deps: Deps,
): void {
  const facts = { clientId: client.clientId, sid: session.sid, requestId };
  deps.outbox({
    compose: async () => {
      await deps.keys.prepare(client.idTokenSignedResponseAlg);
      return {
        url,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `logout_token=${await mintLogoutToken(client, session, deps)}`,
        timeout: TIMEOUT,
        maxBytes: MAX_ANSWER_BYTES,
      };
    },
    onEnd: (outcome) => {
      const attempts = String(outcome.attempts);
      if (outcome.kind === 'delivered')
        deps.audit({ type: 'logout.delivered', ...facts, attempts });
      else deps.audit({ type: 'logout.failed', reason: outcome.reason, ...facts, attempts });
    },
  });
}
