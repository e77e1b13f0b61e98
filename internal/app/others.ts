// What the processes of one issuer ask each other, where it is more than one.

import type { Admin } from '../admin/admin.ts';
import { type AdminQuestion, type AskOthers, answerAdmin } from '../admin/operations.ts';
import type { AuditQuery, AuditTrail } from '../audit/trail.ts';
import type { Readiness } from '../http/admin.ts';
import type { Subject } from '../protocol/ids.ts';
import type { Family } from '../telemetry/families.ts';
import type { Step } from '../telemetry/samples.ts';
import type { OpenedUserinfo } from '../userinfo/open.ts';

export type Question =
  | AdminQuestion
  | { readonly kind: 'ready' }
  /** Forget what userinfo backends remember of one End-User, or of all. */
  | { readonly kind: 'forget_users'; readonly subject: Subject | undefined }
  /** Keys are other ones than before: they are read again. */
  | { readonly kind: 'reload_keys' }
  /** For whoever follows the files: they are read again. */
  | { readonly kind: 'reload' }
  /** The last hour of each, where there is a console. */
  | { readonly kind: 'samples' }
  /** Of what it remembers itself. */
  | { readonly kind: 'audit'; readonly query: AuditQuery }
  /** Says what this process counted as well, since whoever passes it on keeps that. */
  | { readonly kind: 'metrics'; readonly own: readonly Family[] };

/** Absent where one process is the whole issuer. */
export type Others = {
  /** An answer of each; undefined for one that is not there, or does not answer in time. */
  readonly ask: (question: Question) => Promise<readonly unknown[]>;
  /** Known to the processes of this issuer, and to nobody else. */
  readonly identityKey: string;
};

/** What another process of this issuer is told. */
export async function answerOthers(question: Question, known: Known): Promise<unknown> {
  if (question.kind === 'ready') return (await known.ready()).every(isReady);
  if (question.kind === 'metrics') return known.metrics?.();
  if (question.kind === 'reload_keys') return known.reloadKeys();
  if (question.kind === 'forget_users') return known.backends.forget?.(question.subject) ?? 0;
  if (question.kind === 'reload') return undefined;
  if (question.kind === 'samples') return known.samples();
  if (question.kind === 'audit') return known.trail.query(question.query);
  return answerAdmin(question, known.admin);
}

/** What a process knows of itself. */
type Known = {
  readonly ready: () => Promise<readonly Readiness[]>;
  readonly admin: Admin;
  readonly backends: Pick<OpenedUserinfo, 'forget'>;
  readonly reloadKeys: () => Promise<void>;
  readonly trail: Pick<AuditTrail, 'query'>;
  readonly metrics: (() => Promise<readonly Family[]>) | undefined;
  readonly samples: () => readonly Step[];
};

const isReady = ({ ready }: Readiness): boolean => ready;

export type Together = {
  readonly dependencies: readonly Readiness[];
  /** That should serve, this one included. */
  readonly processes: number;
};

/** Ready is who can serve, and the issuer is when everybody is: nobody chooses who gets a connection. */
export async function readyTogether(
  ready: () => Promise<readonly Readiness[]>,
  others: Others | undefined,
): Promise<Together> {
  if (others === undefined) return { dependencies: await ready(), processes: 1 };
  const [own, answers] = await Promise.all([ready(), others.ask({ kind: 'ready' })]);
  const workers = { name: 'workers', ready: answers.every((answer) => answer === true) };
  return { dependencies: [...own, workers], processes: 1 + answers.length };
}

// Whoever answers runs the same code, and what is asked decides the form of the answer.
export const toAskOthers = (others: Others | undefined): AskOthers | undefined =>
  others && ((question) => others.ask(question) as Promise<never[]>);
