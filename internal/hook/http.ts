// The token hook over HTTP: one POST of JSON, signed. Relies on nothing the service does: not on its
// speed, its size, nor its being up.

import {
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  readText,
} from '../outbound/outbound.ts';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Clock } from '../protocol/time.ts';
import { readAnswer } from './answer.ts';
import type { HookAnswer, HookQuestion, TokenHook } from './hook.ts';
import { SIGNATURE_HEADER, signQuestion } from './signature.ts';

export type TokenHookOptions = {
  readonly url: string;
  /** Of the moment, so that a rotated file needs no restart. */
  readonly secret: () => Uint8Array;
  /** Seconds for a whole answer, its last byte included. */
  readonly timeout: number;
  /** What becomes of tokens when the hook cannot tell. */
  readonly onFailure: 'refuse' | 'continue';
};

export type HookEvent =
  | { readonly type: 'token_hook.refused'; readonly said: string | undefined }
  /** `continued`: tokens were made all the same. */
  | { readonly type: 'token_hook.failed'; readonly error: Error; readonly continued: boolean }
  | { readonly type: 'token_hook.reserved_claims'; readonly claims: readonly string[] };

export type TokenHookDeps = {
  readonly issuer: string;
  readonly now: Clock;
  readonly outbound: Outbound;
  /** Never throws. */
  readonly report: (event: HookEvent, question: HookQuestion) => void;
};

/** What is added travels in every token, and those are of use up to 16 KiB. */
const MAX_ANSWER = 8 * 1024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;
const NOTHING: Claims = Object.freeze({});

export function createTokenHook(options: TokenHookOptions, deps: TokenHookDeps): TokenHook {
  const continues = options.onFailure === 'continue';
  return async (question) => {
    try {
      return await ask(question, options, deps);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error('the token hook failed');
      deps.report({ type: 'token_hook.failed', error, continued: continues }, question);
      if (!continues) throw new Unavailable('hook', 'ask the token hook', error);
      return { kind: 'allowed', idTokenClaims: NOTHING, accessTokenClaims: NOTHING };
    }
  };
}

async function ask(
  question: HookQuestion,
  options: TokenHookOptions,
  deps: TokenHookDeps,
): Promise<HookAnswer> {
  const response = await send(printQuestion(question, deps.issuer), options, deps);
  const text = readText(response);
  if (text === undefined) throw new Error('there is nothing at this address');
  if (!JSON_TYPE.test(response.headers['content-type'] ?? '')) {
    throw new Error('the answer is not of a JSON media type');
  }
  const { answer, said, reserved } = readAnswer(text);
  if (answer.kind === 'refused') deps.report({ type: 'token_hook.refused', said }, question);
  if (reserved.length > 0) {
    deps.report({ type: 'token_hook.reserved_claims', claims: reserved }, question);
  }
  return answer;
}

/** Names as in OAuth; members without a value are left out. */
const printQuestion = (question: HookQuestion, issuer: string): string =>
  JSON.stringify({
    issuer,
    client_id: question.clientId,
    grant_type: question.grantType,
    subject: question.subject,
    scope: question.scope.join(' '),
    resource: question.resource,
    actor: question.actor,
    authorization_id: question.authorizationId,
    request_id: question.requestId,
    claims: question.claims,
  });

/** Asked once more where the connection broke: it may have been one that waited for too long. */
async function send(
  body: string,
  { url, secret, timeout }: TokenHookOptions,
  { now, outbound }: TokenHookDeps,
): Promise<OutboundAnswer> {
  const started = performance.now();
  const attempt = (seconds: number): Promise<OutboundAnswer> =>
    outbound({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        [SIGNATURE_HEADER]: signQuestion(body, secret(), now()),
      },
      body,
      timeout: seconds,
      maxBytes: MAX_ANSWER,
    });
  try {
    return await attempt(timeout);
  } catch (error) {
    const left = timeout - (performance.now() - started) / 1000;
    const isBroken = error instanceof OutboundError && error.failure === 'unreachable';
    if (!isBroken || left <= 0) throw error;
    return attempt(left);
  }
}
