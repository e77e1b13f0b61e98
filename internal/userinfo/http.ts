// An HTTP service that knows the End-Users: one JSON object per subject, by GET. Relies on nothing
// the service does: not on its speed, its size, its honesty about the subject, nor its being up.

import type { Outbound } from '../outbound/outbound.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Answer } from './answers.ts';
import { checkUsername, type HttpAuthentication, toHeaders } from './authorization.ts';
import type { Backend } from './backend.ts';
import {
  createRemoteBackend,
  MAX_CLAIMS,
  type RemoteDeps,
  type RemoteOptions,
  TIMEOUT,
} from './remote.ts';
import { readAnswer } from './remote-answer.ts';
import { parseRemoteClaims } from './remote-claims.ts';
import { malformed } from './source-error.ts';
import { parseSubjectUrl } from './subject-url.ts';

export type HttpBackendOptions = RemoteOptions & {
  /** With `{sub}` where the percent-encoded subject belongs. */
  readonly url: string;
  readonly authentication?: HttpAuthentication | undefined;
};

export type HttpBackendDeps = RemoteDeps & { readonly outbound: Outbound };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i;

/** Throws when the URL template or the user name can never be right. */
export function createHttpBackend(options: HttpBackendOptions, deps: HttpBackendDeps): Backend {
  const { url, authentication, ...terms } = options;
  const toUrl = parseSubjectUrl(url);
  checkUsername(authentication, 'http');

  async function ask(subject: Subject, signal: AbortSignal): Promise<Answer | undefined> {
    const target = toUrl(subject);
    if (target === undefined) return undefined;
    const headers = { accept: 'application/json', ...(await toHeaders(authentication)) };
    const limits = { timeout: terms.timeout ?? TIMEOUT, maxBytes: MAX_CLAIMS, signal };
    const answer = await deps.outbound({ url: target, headers, ...limits });
    const body = readAnswer(answer);
    if (body === undefined) return undefined;
    if (!JSON_TYPE.test(answer.headers['content-type'] ?? '')) {
      throw malformed('the answer is not of a JSON media type');
    }
    return { claims: parseRemoteClaims(body, subject), size: answer.body.byteLength };
  }

  // Not probed: nobody knows what a service of somebody's own does with a name that is made up.
  return createRemoteBackend(terms, { type: 'http', ask, isProbed: false }, deps);
}
