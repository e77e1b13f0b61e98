// Questions of one worker to all others, through the primary: who is asked, who answered, and when
// nobody waits any longer.

import type { Question } from '../others.ts';

/** Longer than a store has to answer by default; a probe that waits longer has given up. */
const PATIENCE_MS = 2000;

/** One of those that are asked. */
export type Asked = { readonly ask: (id: number, question: Question) => void };

export type Questions = {
  /** One answer for each, in their order; undefined for who is not there, or says nothing in time. */
  ask(question: Question, members: readonly (Asked | undefined)[]): Promise<readonly unknown[]>;
  answer(member: Asked, id: number, answer: unknown): void;
  /** Nobody waits for who is gone. */
  forget(member: Asked): void;
};

type Waiting = { readonly member: Asked; readonly settle: (answer: unknown) => void };

export function createQuestions(patienceMs = PATIENCE_MS): Questions {
  const waiting = new Map<number, Waiting>();
  let last = 0;

  const askOne = (question: Question, member: Asked | undefined): Promise<unknown> =>
    new Promise((resolve) => {
      if (member === undefined) return resolve(undefined);
      last += 1;
      const id = last;
      const settle = (answer: unknown): void => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(undefined), patienceMs);
      waiting.set(id, { member, settle });
      member.ask(id, question);
    });

  return {
    ask: (question, members) => Promise.all(members.map((member) => askOne(question, member))),
    answer(member, id, answer) {
      const found = waiting.get(id);
      if (found?.member === member) found.settle(answer);
    },
    forget(member) {
      for (const { member: asked, settle } of [...waiting.values()]) {
        if (asked === member) settle(undefined);
      }
    },
  };
}
