// What each backend says of one End-User, for an operator who asks why somebody is not let in, or lacks a group.
// A backend that fails is told as that, and the others are asked all the same.

import type { Claims } from '../protocol/claims.ts';
import type { Subject } from '../protocol/ids.ts';
import { BARRED, type Backend, type Remembered } from './backend.ts';
import { findProblem, type SourceProblem } from './source-error.ts';

export type Lookup = {
  readonly type: string;
  readonly outcome: 'known' | 'unknown' | 'disabled' | 'failed';
  readonly provesExistence: boolean;
  /** What it gives; undefined unless it knows the subject. */
  readonly claims: Claims | undefined;
  /** What it remembered before it was asked; undefined where it remembers nothing. */
  readonly remembered: Remembered | undefined;
  /** Why it failed; the log has more. */
  readonly problem: SourceProblem | undefined;
};

/** What the upstream said is of a sign-in, and there is none here: `headers` says nothing. */
const NO_SNAPSHOT: Claims = Object.freeze({});

export const lookUp = (
  backends: readonly Backend[],
  subject: Subject,
): Promise<readonly Lookup[]> => Promise.all(backends.map((backend) => lookUpIn(backend, subject)));

async function lookUpIn(backend: Backend, subject: Subject): Promise<Lookup> {
  const { type, provesExistence } = backend;
  const remembered = backend.recall?.(subject);
  const facts = { type, provesExistence, remembered };
  try {
    const claims = await backend.find(subject, NO_SNAPSHOT);
    if (claims === BARRED)
      return { ...facts, outcome: 'disabled', claims: undefined, problem: undefined };
    const outcome = claims === undefined ? 'unknown' : 'known';
    return { ...facts, outcome, claims, problem: undefined };
  } catch (error) {
    return { ...facts, outcome: 'failed', claims: undefined, problem: findProblem(error) };
  }
}
