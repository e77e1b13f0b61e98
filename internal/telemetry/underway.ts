// Where the requests that are under way came from, by their ids: whoever writes a line or an event has
// the id anyway, and so need not be handed the rest. Owns nothing that outlives an answer.

/** What is known of a request whatever becomes of it. */
export type Origin = {
  /** The address at the other end of the connection; undefined on a Unix socket. */
  readonly peer: string | undefined;
  /** Absent where nothing is traced. */
  readonly traceId: string | undefined;
};

export type Underway = {
  begin(requestId: string, origin: Origin): void;
  /** Called for each that began: what is forgotten here is remembered for ever. */
  end(requestId: string): void;
  /** Undefined once it is answered, and for what no request is behind. */
  find(requestId: string): Origin | undefined;
  size(): number;
};

/** One for all listeners of a process. */
export function createUnderway(): Underway {
  const origins = new Map<string, Origin>();
  return {
    begin(requestId, origin) {
      origins.set(requestId, origin);
    },
    end(requestId) {
      origins.delete(requestId);
    },
    find: (requestId) => origins.get(requestId),
    size: () => origins.size,
  };
}
