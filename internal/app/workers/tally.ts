// What the processes of an issuer counted, as far as the primary heard. A counter that falls has begun
// again for whoever reads it, and all that the others ever counted would seem to have happened at once:
// so what a worker counted stays when it is gone, and one that does not answer says what it said last.

import { combine, type Family, onlyTotals } from '../../telemetry/families.ts';

export type Tally<Member> = {
  note(member: Member, families: readonly Family[]): void;
  /** It is gone, and will not say anything any more. */
  forget(member: Member): void;
  /** The answers of those that were asked, and what is known of the others. */
  complete(
    asked: readonly (Member | undefined)[],
    answers: readonly unknown[],
  ): readonly (readonly Family[])[];
};

export function createTally<Member extends object>(): Tally<Member> {
  const last = new Map<Member, readonly Family[]>();
  const ended = new WeakSet<Member>();
  let gone: readonly Family[] = [];
  return {
    note(member, families) {
      last.set(member, families);
    },
    forget(member) {
      const families = last.get(member);
      if (families !== undefined) gone = combine([gone, onlyTotals(families)]);
      last.delete(member);
      ended.add(member);
    },
    complete(asked, answers) {
      for (const [index, member] of asked.entries()) {
        const answer = answers[index];
        // Only what a worker said, which runs this code. What it said last of all is counted already.
        const isThere = member !== undefined && !ended.has(member);
        if (isThere && Array.isArray(answer)) last.set(member, answer);
      }
      const known = asked.map((member) => (member && last.get(member)) ?? []);
      return [...known, gone];
    },
  };
}
