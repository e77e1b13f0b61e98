// The answers of one backend that are remembered: a bounded number and a bounded sum of bytes, and for each how
// long it counts. Asks nobody.

import { LRUCache } from 'lru-cache';
import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import type { Remembered } from './backend.ts';

/** Durations in seconds. */
export type CacheTerms = {
  /** How long a known subject's claims are answered without asking. */
  readonly ttl: number;
  /** How long an unknown subject stays unknown without asking; never longer than `ttl`. */
  readonly negativeTtl: number;
  /** How long past `ttl` the last claims still count while the service is down. */
  readonly staleIfError: number;
  readonly maxEntries: number;
};

/** `size` in bytes, of which a bounded sum is held. */
export type Answer = { readonly claims: Claims | undefined; readonly size: number };

type Kept = Answer & { readonly askedAt: number; readonly retryAt?: number };

const MAX_BYTES = 32 * 1024 * 1024;
/** What an entry costs beside its claims. */
const ENTRY_BYTES = 128;
/** Seconds for which a stale answer is given without waiting for the next failure. */
const RETRY_AFTER = 5;

type Answers = {
  readonly keep: (subject: Subject, answer: Answer, askedAt: number) => void;
  /** Undefined where somebody has to be asked. */
  readonly findFresh: (subject: Subject) => Answer | undefined;
  /** What counts in place of an answer that could not be had, for a while without asking again. */
  readonly cover: (subject: Subject) => Claims | undefined;
  readonly recall: (subject: Subject) => Remembered | undefined;
  /** One or all; answers how many. */
  readonly forget: (subject: Subject | undefined) => number;
};

/** The clock is asked with each question: nothing runs by itself. */
export function createAnswers(terms: CacheTerms, now: Clock): Answers {
  const kept = new LRUCache<Subject, Kept>({
    max: terms.maxEntries,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ size }) => size + ENTRY_BYTES,
  });
  return {
    keep: (subject, answer, askedAt) => void kept.set(subject, { ...answer, askedAt }),
    findFresh(subject) {
      const last = kept.get(subject);
      return last !== undefined && isFresh(last, terms, now()) ? last : undefined;
    },
    cover(subject) {
      const last = kept.get(subject);
      // "Unknown" is never covered: a stale one would refuse somebody who may exist by now.
      if (last?.claims === undefined || !isCovering(last, terms, now())) return undefined;
      kept.set(subject, { ...last, retryAt: now() + RETRY_AFTER });
      return last.claims;
    },
    recall(subject) {
      const last = kept.peek(subject);
      if (last === undefined) return undefined;
      const isKnown = last.claims !== undefined;
      return { age: now() - last.askedAt, isFresh: isFresh(last, terms, now()), isKnown };
    },
    forget(subject) {
      if (subject !== undefined) return kept.delete(subject) ? 1 : 0;
      const count = kept.size;
      kept.clear();
      return count;
    },
  };
}

function isFresh(last: Kept, terms: CacheTerms, at: number): boolean {
  const ttl = last.claims === undefined ? Math.min(terms.negativeTtl, terms.ttl) : terms.ttl;
  if (isWithin(last, ttl, at)) return true;
  return last.retryAt !== undefined && at < last.retryAt && isCovering(last, terms, at);
}

const isCovering = (last: Kept, terms: CacheTerms, at: number): boolean =>
  isWithin(last, terms.ttl + terms.staleIfError, at);

function isWithin({ askedAt }: Kept, seconds: number, at: number): boolean {
  const age = at - askedAt;
  // A clock set back makes ages negative: such answers are not trusted.
  return age >= 0 && age < seconds;
}
