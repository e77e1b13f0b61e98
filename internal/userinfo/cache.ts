// Answers of a remote backend, remembered for a bounded time in bounded memory. Keeps a slow or
// broken service from being asked more than it can answer, and an outage from being taken for a
// deletion.

import type { Claims } from '../protocol/claims.ts';
import { Unavailable } from '../protocol/errors.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import { type Answer, type CacheTerms, createAnswers } from './answers.ts';
import type { Remembered } from './backend.ts';
import { SourceError } from './source-error.ts';

/** Questions under way at once; further ones are refused rather than queued without end. */
const MAX_QUESTIONS = 128;
const FULL = new SourceError('overloaded', `${MAX_QUESTIONS} questions are under way`);

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
  const answers = createAnswers(terms, now);
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
      if (asOf === forgotten) answers.keep(subject, answer, askedAt);
      covering = false;
      onFind('asked');
      return answer.claims;
    } catch (error) {
      return cover(subject, new Unavailable('userinfo', `ask the ${type} backend`, error));
    }
  }

  function cover(subject: Subject, problem: Unavailable): Claims {
    const claims = answers.cover(subject);
    if (claims === undefined) {
      onFind('refused');
      throw problem;
    }
    onFind('stale');
    if (!covering) onProblem(problem);
    covering = true;
    return claims;
  }

  return {
    async find(subject) {
      const last = answers.findFresh(subject);
      if (last !== undefined) {
        onFind('fresh');
        return last.claims;
      }
      const underWay = questions.get(subject);
      if (underWay !== undefined) {
        onFind('shared');
        return underWay;
      }
      if (questions.size >= MAX_QUESTIONS) {
        return cover(subject, new Unavailable('userinfo', 'too many questions under way', FULL));
      }
      const asked = question(subject).finally(() => {
        if (questions.get(subject) === asked) questions.delete(subject);
      });
      questions.set(subject, asked);
      return asked;
    },
    recall: answers.recall,
    forget(subject) {
      forgotten += 1;
      if (subject === undefined) questions.clear();
      else questions.delete(subject);
      return answers.forget(subject);
    },
    clear: () => void answers.forget(undefined),
  };
}
