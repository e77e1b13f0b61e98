// What one issuer saw, from wherever the caller wants it to begin.

import type { Step, TestIssuer } from '../api.ts';

export type FlowLog = {
  list(): readonly Step[];
  /** What was seen so far is not told again. */
  clear(): void;
};

export function createFlowLog(issuer: Pick<TestIssuer, 'flows'>): FlowLog {
  let last: Step | undefined;
  return {
    list() {
      const all = issuer.flows();
      // The issuer forgets the oldest of very many: what is not there any more was before all of them.
      return last === undefined ? all : all.slice(all.lastIndexOf(last) + 1);
    },
    clear() {
      last = issuer.flows().at(-1);
    },
  };
}
