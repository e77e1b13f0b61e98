// From the words of asteroid.yaml to the token hook, and from what it reports to the log.

import type { Config } from '../config/config.ts';
import type { HookQuestion, TokenHook } from '../hook/hook.ts';
import type { HookEvent } from '../hook/http.ts';
import type { Snapshot } from '../loader/load.ts';
import { anyAddress } from '../outbound/addresses.ts';
import { createOutbound } from '../outbound/client.ts';
import type { Log } from '../telemetry/log.ts';
import { type Terms, watchOutbound } from './parts.ts';

export type OpenedTokenHook = {
  readonly ask: TokenHook;
  /** Ends connections that wait to be used again. */
  readonly close: () => void;
};

/** @param snapshot that of the moment: a rotated secret counts from the next question on. */
export async function openConfiguredTokenHook(
  { issuer, token_hook: hook }: Config,
  snapshot: () => Snapshot,
  terms: Terms,
): Promise<OpenedTokenHook | undefined> {
  if (hook === undefined) return undefined;
  const { log, now } = terms;
  const { createTokenHook } = await import('../hook/http.ts');
  const { url, timeout, on_failure: onFailure } = hook;
  // The loader refuses a configuration whose secret it cannot read.
  const secret = () => snapshot().tokenHookSecret ?? new Uint8Array();
  const outbound = createOutbound(anyAddress, { keepAlive: true });
  const report = (event: HookEvent, question: HookQuestion) =>
    reportHookEvent(event, question, log);
  const ask = createTokenHook(
    { url, timeout, onFailure, secret },
    { issuer, now, outbound: watchOutbound(terms, 'token_hook', outbound), report },
  );
  return { ask, close: outbound.close };
}

function reportHookEvent({ type, ...facts }: HookEvent, question: HookQuestion, log: Log): void {
  const about = { client: question.clientId, request_id: question.requestId };
  if (type === 'token_hook.failed') log.error({ ...about, ...facts }, type);
  else if (type === 'token_hook.refused') log.info({ ...about, ...facts }, type);
  else log.warn({ ...about, ...facts }, type);
}
