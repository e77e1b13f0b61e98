// A configuration comes into force in every worker, or in none: all open it first, and only then is any
// told to take it.

import type { Prepared } from '../succession.ts';
import { AssemblyError } from '../upstream-options.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { PackedSnapshot } from './snapshot.ts';

/** One of those that have to agree. */
type Agreeing = { readonly send: (message: ToWorker) => void };

export type Agreement = {
  /**
   * Rejects with what keeps one of them from it; then none takes it.
   *
   * @param asked who serves. @param all asked when it is taken: who began to serve meanwhile takes it as it is.
   */
  prepare(
    snapshot: PackedSnapshot,
    asked: readonly Agreeing[],
    all: () => Iterable<Agreeing>,
  ): Promise<Prepared>;
  answer(member: Agreeing, message: Extract<FromWorker, { readonly kind: 'prepared' }>): void;
  /** Nobody waits for who is gone: who takes its place begins with what is in force then. */
  forget(member: Agreeing): void;
};

type Answer = Pick<Extract<FromWorker, { readonly kind: 'prepared' }>, 'problem'>;
type Waiting = { readonly id: number; readonly settle: (answer: Answer) => void };

/** Milliseconds; what is opened for a configuration asks nobody. */
const PATIENCE_MS = 30_000;

export function createAgreement(patienceMs = PATIENCE_MS): Agreement {
  const waiting = new Map<Agreeing, Waiting>();
  let last = 0;

  const askOne = (member: Agreeing, id: number, snapshot: PackedSnapshot): Promise<Answer> =>
    new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        clearTimeout(timer);
        waiting.delete(member);
        resolve(answer);
      };
      const timer = setTimeout(
        () => settle({ problem: 'a worker does not say whether it can' }),
        patienceMs,
      );
      waiting.set(member, { id, settle });
      member.send({ kind: 'prepare', id, snapshot });
    });

  return {
    async prepare(snapshot, asked, all) {
      last += 1;
      const id = last;
      const discard = (): void => {
        for (const member of asked) member.send({ kind: 'discard', id });
      };
      const answers = await Promise.all(asked.map((member) => askOne(member, id, snapshot)));
      const problem = answers.find((answer) => answer.problem !== undefined)?.problem;
      if (problem !== undefined) {
        discard();
        throw new AssemblyError(problem);
      }
      return {
        take() {
          for (const member of all()) {
            member.send(
              asked.includes(member) ? { kind: 'take', id } : { kind: 'replace', snapshot },
            );
          }
        },
        discard,
      };
    },
    answer(member, { id, problem }) {
      const found = waiting.get(member);
      if (found?.id === id) found.settle({ problem });
    },
    forget: (member) => waiting.get(member)?.settle({ problem: undefined }),
  };
}
