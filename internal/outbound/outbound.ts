// What Asteroid asks of others over HTTP: keys of a proxy, claims of End-Users, logout tokens for
// clients. One request at a time, bounded in time and size, never redirected, and never to an address
// that the caller's rule forbids. Knows nothing of what is asked, or why.

export type OutboundRequest = {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Seconds for a whole answer, looking up the name and the last byte included. */
  readonly timeout: number;
  /** A longer answer is a failure, never half an answer. */
  readonly maxBytes: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
};

export type OutboundAnswer = {
  readonly status: number;
  /** Lower-case names; of a repeated one all values, joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

/**
 * Answers whatever status came back; rejects with an `OutboundError` when none did in time and size.
 * A redirect is an answer like any other: where it leads was nobody's decision here.
 */
export type Outbound = (request: OutboundRequest) => Promise<OutboundAnswer>;

export type OutboundFailure =
  /** The name has no address, or one that may not be reached. */
  'address_forbidden' | 'unreachable' | 'timeout' | 'too_large' | 'url_unusable';

/** Says what went wrong without the URL: that one may hold what is nobody's business. */
export class OutboundError extends Error {
  readonly failure: OutboundFailure;

  constructor(failure: OutboundFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'OutboundError';
    this.failure = failure;
  }
}

const ABSENT: ReadonlySet<number> = new Set([404, 410]);

/**
 * What an answer says, as text; undefined when it says that there is nothing. Throws for every answer
 * but a plain 200 in UTF-8, a redirect too: it could lead to whoever wants to be asked instead.
 */
export function readText({ status, headers, body }: OutboundAnswer): string | undefined {
  if (ABSENT.has(status)) return undefined;
  if (status !== 200) throw new Error(`answered with status ${status}`);
  // None was asked for, and few bytes could unfold to many.
  if (headers['content-encoding'] !== undefined) throw new Error('the answer is compressed');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Error('the answer is not UTF-8');
  }
}
