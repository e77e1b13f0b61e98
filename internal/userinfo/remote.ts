// What backends that ask somebody else have in common: a deadline for the whole answer, a cache that
// covers outages, one question per subject at a time, and no question for a name that nobody can have.

import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Answer, CacheTerms } from './answers.ts';
import type { Backend } from './backend.ts';
import { type CacheDeps, createCache } from './cache.ts';
import { withDeadline } from './deadline.ts';
import { readRemoteClaims } from './remote-claims.ts';
import { SourceError } from './source-error.ts';

export type RemoteOptions = Partial<CacheTerms> & {
  /** Seconds for a whole answer, its last byte included. */
  readonly timeout?: number;
};

export type RemoteDeps = {
  readonly now: Clock;
  /** Hears when remembered claims are answered because the source is down, once per outage. */
  readonly onProblem: (problem: Unavailable) => void;
  /** Told how each question was answered. */
  readonly onFind?: CacheDeps['onFind'];
};

export type Source = {
  readonly type: string;
  /** @param signal aborted at the deadline; undefined says that the subject is unknown. */
  ask(subject: Subject, signal: AbortSignal): Promise<Answer | undefined>;
  /** Asking about somebody who does not exist harms nobody, and says whether it would work. */
  readonly isProbed: boolean;
  close?(): Promise<void>;
};

export const TIMEOUT = 2;
/** Bytes of JSON about one End-User; more are a failure, never half of them. */
export const MAX_CLAIMS = 64 * 1024;
const TERMS: CacheTerms = { ttl: 60, negativeTtl: 5, staleIfError: 300, maxEntries: 10_000 };
const UNKNOWN: Answer = { claims: undefined, size: 0 };
/** Whoever has this name is told nothing about: the answer is thrown away. */
const NOBODY = toSubject('asteroid-asks-whether-this-works');

/** A backend whose `find` answers from memory where it may. */
export function createRemoteBackend(
  { timeout = TIMEOUT, ...terms }: RemoteOptions,
  source: Source,
  deps: RemoteDeps,
): Backend {
  const { type } = source;
  const ask = async (subject: Subject): Promise<Answer> => {
    // No source can have these: an empty name would ask for everybody, a lone surrogate has no UTF-8.
    if (subject === '' || /\p{Surrogate}/u.test(subject)) return UNKNOWN;
    return (await withDeadline(timeout, (signal) => source.ask(subject, signal))) ?? UNKNOWN;
  };
  const cache = createCache({ ...TERMS, ...terms }, { ...deps, type, ask });

  return {
    type,
    provesExistence: true,
    remote: true,
    find: (subject) => cache.find(subject),
    recall: cache.recall,
    forget: cache.forget,
    ...(source.isProbed ? { probe: () => probe(type, ask) } : {}),
    async close() {
      cache.clear();
      await source.close?.();
    },
  };
}

async function probe(type: string, ask: (subject: Subject) => Promise<Answer>): Promise<void> {
  try {
    await ask(NOBODY);
  } catch (error) {
    throw new Unavailable('userinfo', `ask the ${type} backend`, error);
  }
}

/**
 * Claims that were put together from somebody else's values, held to the same types as those of an
 * HTTP service. @param constants what the operator says of everybody, unless the source says otherwise.
 */
export function toAnswer(
  found: Readonly<Record<string, unknown>>,
  subject: Subject,
  constants: Claims = {},
): Answer {
  const said = Object.entries(found).filter(([, value]) => value !== undefined && value !== null);
  const text = JSON.stringify({ ...constants, ...Object.fromEntries(said) });
  const size = Buffer.byteLength(text);
  if (size > MAX_CLAIMS)
    throw new SourceError('too_large', `the claims are longer than ${MAX_CLAIMS} bytes`);
  return { claims: readRemoteClaims(JSON.parse(text), subject), size };
}
