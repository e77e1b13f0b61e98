// The workers that there are, by their numbers, and what they ask each other.

import type { Question } from '../others.ts';
import type { Prepared } from '../succession.ts';
import { createAgreement } from './agreement.ts';
import { fork, type Member } from './member.ts';
import type { Addresses, ToWorker, WorkerStart } from './messages.ts';
import { createQuestions } from './questions.ts';
import type { PackedSnapshot } from './snapshot.ts';
import { createTally } from './tally.ts';

type Begun = { readonly member: Member; readonly addresses: Addresses };

export type Crew = {
  /** Resolves once it serves; rejects with why it does not. */
  begin(number: number): Promise<Begun>;
  tell(message: ToWorker): void;
  /** False while nobody serves. */
  tellOne(message: ToWorker): boolean;
  /** In all of them, or in none: rejects with what keeps one from it. */
  prepare(snapshot: PackedSnapshot): Promise<Prepared>;
  /** At once, with whatever is under way. */
  kill(): void;
  /** Whether anybody serves: one that only starts holds no socket yet. */
  isServing(): boolean;
  /** Resolves when all of now have ended. */
  ended(): Promise<void>;
};

/** @param numbers of all that there should be: one that is not there cannot serve. */
export function createCrew(
  numbers: readonly number[],
  start: (number: number) => WorkerStart,
  reload: () => Promise<void>,
): Crew {
  const members = new Map<number, Member>();
  const serving = new Set<Member>();
  const questions = createQuestions();
  const tally = createTally<Member>();
  const agreement = createAgreement();

  const othersThan = (member: Member): readonly (Member | undefined)[] =>
    numbers
      .filter((number) => number !== member.number)
      .map((number) => members.get(number))
      .map((other) => (other !== undefined && serving.has(other) ? other : undefined));

  async function ask(question: Question, asking: Member): Promise<readonly unknown[]> {
    const asked = othersThan(asking);
    if (question.kind === 'reload') return [await reload()];
    if (question.kind !== 'metrics') return questions.ask(question, asked);
    tally.note(asking, question.own);
    const answers = await questions.ask({ kind: 'metrics', own: [] }, asked);
    return tally.complete(asked, answers);
  }

  return {
    async begin(number) {
      const member = fork({
        number,
        start: () => start(number),
        onAsk: (asking, { id, question }) =>
          void ask(question, asking).then((answers) =>
            asking.send({ kind: 'answers', id, answers }),
          ),
        onAnswer: (answering, { id, answer }) => questions.answer(answering, id, answer),
        onPrepared: (answering, message) => agreement.answer(answering, message),
      });
      members.set(number, member);
      void member.ended.then(() => {
        serving.delete(member);
        questions.forget(member);
        tally.forget(member);
        agreement.forget(member);
        if (members.get(number) === member) members.delete(number);
      });
      const addresses = await member.serving;
      serving.add(member);
      return { member, addresses };
    },
    tell: (message) => {
      for (const member of members.values()) member.send(message);
    },
    tellOne(message) {
      const [member] = serving;
      member?.send(message);
      return member !== undefined;
    },
    prepare: (snapshot) => agreement.prepare(snapshot, [...serving], () => members.values()),
    kill: () => {
      for (const member of members.values()) member.kill();
    },
    isServing: () => serving.size > 0,
    ended: async () => {
      await Promise.all([...members.values()].map(({ ended }) => ended));
    },
  };
}
