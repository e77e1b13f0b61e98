// Why a source of claims could not tell, as one word of a closed set: for operators who ask, where the text of an
// error may repeat names and values, and stays in the log.

import { OutboundError, type OutboundFailure } from '../outbound/outbound.ts';
import { Unavailable } from '../protocol/errors.ts';

export type SourceProblem =
  /** Nobody answers at the address, or the connection was lost. */
  | 'unreachable'
  | 'timeout'
  /** Its certificate does not prove it, or it speaks none of our TLS. */
  | 'tls'
  /** It does not take who we say we are. */
  | 'credentials'
  /** It answers that it does not tell, or not like this. */
  | 'refused'
  /** What it told is not what it has to be. */
  | 'malformed'
  /** It has more than one of this subject. */
  | 'ambiguous'
  | 'too_large'
  /** Too many questions are under way. */
  | 'overloaded'
  /** A file of ours, with End-Users, a secret or a certificate. */
  | 'unreadable'
  | 'failed';

/** @param message for the log; what the source itself said is not repeated in it. */
export class SourceError extends Error {
  readonly problem: SourceProblem;

  constructor(problem: SourceProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SourceError';
    this.problem = problem;
  }
}

/** The users file: its cause is what the loader says, in words of its own. */
export class FileUnavailable extends Unavailable {
  readonly problem = 'unreadable';
}

/** The same text, with a word. */
export const asSourceError = (problem: SourceProblem, error: unknown): SourceError =>
  new SourceError(problem, error instanceof Error ? error.message : String(error), error);

export const malformed = (message: string): SourceError => new SourceError('malformed', message);

/** Errors of ours have few. */
const MAX_CAUSES = 8;

/** Of the innermost error that has a word: whoever wraps one knows less than whoever met it. */
export function findProblem(error: unknown): SourceProblem {
  let problem: SourceProblem = 'failed';
  let at = error;
  for (let depth = 0; at instanceof Error && depth < MAX_CAUSES; depth += 1) {
    problem = problemOf(at) ?? problem;
    at = at.cause;
  }
  return problem;
}

const OUTBOUND: { readonly [Failure in OutboundFailure]: SourceProblem } = {
  address_forbidden: 'unreachable',
  url_unusable: 'unreachable',
  unreachable: 'unreachable',
  timeout: 'timeout',
  too_large: 'too_large',
};

const TLS = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO$|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;
const NETWORK =
  /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_\w+|EHOST\w+|ENET\w+|EADDRNOTAVAIL|ENOENT|EACCES)$/;
const FILE_CALLS: ReadonlySet<unknown> = new Set(['open', 'read', 'stat']);

function problemOf(error: Error): SourceProblem | undefined {
  if (error instanceof SourceError || error instanceof FileUnavailable) return error.problem;
  if (error instanceof OutboundError) return OUTBOUND[error.failure];
  if (error instanceof Unavailable) return error.dependency === 'store' ? 'unreachable' : undefined;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return undefined;
  if ('syscall' in error && FILE_CALLS.has(error.syscall)) return 'unreadable';
  if (TLS.test(code)) return 'tls';
  return NETWORK.test(code) ? 'unreachable' : undefined;
}
