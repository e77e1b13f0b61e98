// What the processes of one issuer ask each other, where it is more than one.

import type { Admin } from '../admin/admin.ts';
import { type AdminQuestion, type AskOthers, answerAdmin } from '../admin/operations.ts';
import type { Readiness } from '../http/admin.ts';
import type { Subject } from '../protocol/ids.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';

export type Question =
  | AdminQuestion
  | { readonly kind: 'ready' }
  /** Forget what userinfo backends remember of one End-User, or of all. */
  | { readonly kind: 'forget_users'; readonly subject: Subject | undefined };

/** Absent where one process is the whole issuer. */
export type Others = {
  /** An answer of each; undefined for one that is not there, or does not answer in time. */
  readonly ask: (question: Question) => Promise<readonly unknown[]>;
  /** Known to the processes of this issuer, and to nobody else. */
  readonly identityKey: string;
};

/** What another process of this issuer is told. */
export const answerOthers = async (
  question: Question,
  ready: () => Promise<readonly Readiness[]>,
  admin: Admin,
  backends: Pick<OpenedUserinfo, 'forget'>,
): Promise<unknown> => {
  if (question.kind === 'ready') return (await ready()).every(isReady);
  if (question.kind === 'forget_users') return backends.forget?.(question.subject) ?? 0;
  return answerAdmin(question, admin);
};

const isReady = ({ ready }: Readiness): boolean => ready;

/** Ready is who can serve, and the issuer is when everybody is: nobody chooses who gets a connection. */
export async function readyTogether(
  ready: () => Promise<readonly Readiness[]>,
  others: Others | undefined,
): Promise<readonly Readiness[]> {
  if (others === undefined) return ready();
  const [own, answers] = await Promise.all([ready(), others.ask({ kind: 'ready' })]);
  return [...own, { name: 'workers', ready: answers.every((answer) => answer === true) }];
}

// Whoever answers runs the same code, and what is asked decides the form of the answer.
export const toAskOthers = (others: Others | undefined): AskOthers | undefined =>
  others && ((question) => others.ask(question) as Promise<never[]>);
