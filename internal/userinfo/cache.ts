// Answers of a remote backend, remembered for a bounded time in bounded memory. Keeps a slow or
// broken service from being asked more than it can answer, and an outage from being taken for a
// deletion.

import { LRUCache } from 'lru-cache';
import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
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

/** `size` in bytes, of which the cache holds a bounded sum. */
export type Answer = { readonly claims: Claims | undefined; readonly size: number };

type Kept = Answer & { readonly askedAt: number; readonly retryAt?: number };

const MAX_BYTES = 32 * 1024 * 1024;
/** What an entry costs beside its claims. */
const ENTRY_BYTES = 128;
/** Questions under way at once; further ones are refused rather than queued without end. */
const MAX_QUESTIONS = 128;
/** Seconds for which a stale answer is given without waiting for the next failure. */
const RETRY_AFTER = 5;

export type Cache = {
  /** Throws `Unavailable` when the service fails and nothing usable is remembered. */
  find(subject: Subject): Promise<Claims | undefined>;
  recall(subject: Subject): Remembered | undefined;
  /** One or all; answers how many. Answers to what was asked before are not kept. */
  forget(subject: Subject | undefined): number;
  clear(): void;
};

export type CacheDeps = {
  /** The type of the backend, for whoever reads of its failures. */
  readonly type: string;
  readonly ask: (subject: Subject) => Promise<Answer>;
  readonly now: Clock;
  /** Hears of the first failure that a remembered answer covered, until the service is back. */
  readonly onProblem: (problem: Unavailable) => void;
  /** Told how each question was answered. */
  readonly onFind?: ((outcome: CacheOutcome) => void) | undefined;
};

/** Remembered and fresh, asked for, asked for by somebody else at the moment, remembered and stale, or none of it. */
export type CacheOutcome = 'fresh' | 'asked' | 'shared' | 'stale' | 'refused';

/** Asks at most one question per subject at a time, and shares its answer. */
export function createCache(
  terms: CacheTerms,
  { type, ask, now, onProblem, onFind = () => undefined }: CacheDeps,
): Cache {
  const kept = new LRUCache<Subject, Kept>({
    max: terms.maxEntries,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ size }) => size + ENTRY_BYTES,
  });
  const questions = new Map<Subject, Promise<Claims | undefined>>();
  let covering = false;
  let forgotten = 0;

  async function question(subject: Subject): Promise<Claims | undefined> {
    // The answer is as old as the question: the End-User may be deleted while it travels.
    const askedAt = now();
    const asOf = forgotten;
    try {
      const answer = await ask(subject);
      // Somebody wants to know what is so from here on: this may be what was so before.
      if (asOf === forgotten) kept.set(subject, { ...answer, askedAt });
      covering = false;
      onFind('asked');
      return answer.claims;
    } catch (error) {
      return cover(subject, new Unavailable('userinfo', `ask the ${type} backend`, error));
    }
  }

  function cover(subject: Subject, problem: Unavailable): Claims {
    const last = kept.get(subject);
    // "Unknown" is never covered: a stale one would refuse somebody who may exist by now.
    if (last?.claims === undefined || !isWithin(last, terms.ttl + terms.staleIfError)) {
      onFind('refused');
      throw problem;
    }
    onFind('stale');
    kept.set(subject, { ...last, retryAt: now() + RETRY_AFTER });
    if (!covering) onProblem(problem);
    covering = true;
    return last.claims;
  }

  function isFresh(last: Kept): boolean {
    const ttl = last.claims === undefined ? Math.min(terms.negativeTtl, terms.ttl) : terms.ttl;
    if (isWithin(last, ttl)) return true;
    const waiting = last.retryAt !== undefined && now() < last.retryAt;
    return waiting && isWithin(last, terms.ttl + terms.staleIfError);
  }

  function isWithin(last: Kept, seconds: number): boolean {
    const age = now() - last.askedAt;
    // A clock set back makes ages negative: such answers are not trusted.
    return age >= 0 && age < seconds;
  }

  return {
    async find(subject) {
      const last = kept.get(subject);
      if (last !== undefined && isFresh(last)) {
        onFind('fresh');
        return last.claims;
      }
      const underWay = questions.get(subject);
      if (underWay !== undefined) {
        onFind('shared');
        return underWay;
      }
      if (questions.size >= MAX_QUESTIONS) {
        return cover(subject, new Unavailable('userinfo', 'too many questions under way'));
      }
      const asked = question(subject).finally(() => {
        if (questions.get(subject) === asked) questions.delete(subject);
      });
      questions.set(subject, asked);
      return asked;
    },
    recall(subject) {
      const last = kept.peek(subject);
      if (last === undefined) return undefined;
      const isKnown = last.claims !== undefined;
      return { age: now() - last.askedAt, isFresh: isFresh(last), isKnown };
    },
    forget(subject) {
      forgotten += 1;
      if (subject !== undefined) {
        questions.delete(subject);
        return kept.delete(subject) ? 1 : 0;
      }
      questions.clear();
      const count = kept.size;
      kept.clear();
      return count;
    },
    clear: () => kept.clear(),
  };
}
