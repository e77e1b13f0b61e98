// The faults that were added to one issuer, in that order, and how often each has happened.

import type { AddedFault, Fault, FaultName } from '../api.ts';
import { Misuse } from '../misuse.ts';
import { checkFault } from './check.ts';
import type { Act, FaultEntry, Tools } from './entry.ts';
import { type Count, isOver, meet, NEVER, type Occasion } from './match.ts';

/** One that may still happen. */
type Active = {
  readonly fault: Fault;
  readonly act: Act;
  readonly steps: FaultEntry['steps'];
  count: Count;
};

/** One request, in which a fault happens in all of its tokens or in none. */
export type Decided = Map<Active, boolean>;

type ActOf<Kind extends Act['kind']> = Extract<Act, { readonly kind: Kind }>;

export type ActiveFaults = {
  add(fault: Fault): AddedFault;
  list(): readonly Fault[];
  clear(): void;
  /** Those of one kind that happen now; who asks is counted. */
  happening<Kind extends Act['kind']>(
    kind: Kind,
    fits: (act: ActOf<Kind>) => boolean,
    occasion: Occasion,
    decided: Decided,
  ): Generator<ActOf<Kind>>;
};

/** @param applied told of each that happens, by name, in the request that it happens in. */
export function createActiveFaults(tools: Tools, applied: (name: FaultName) => void): ActiveFaults {
  let active: readonly Active[] = [];
  const remove = (gone: Active): void => {
    active = active.filter((one) => one !== gone);
  };
  /** At once, and never later: of two requests at the same time one is the third. */
  function decide(one: Active, occasion: Occasion, decided: Decided): boolean {
    const known = decided.get(one);
    if (known !== undefined) return known;
    const { count, happens } = meet(one.fault, occasion, one.count);
    one.count = count;
    decided.set(one, happens);
    if (isOver(one.fault, count)) remove(one);
    if (happens) applied(one.fault.do);
    return happens;
  }
  return {
    add(fault) {
      const { entry, values } = checkFault(fault);
      if (entry.needsOwnKeys && !tools.ownsKeys()) {
        throw new Misuse(
          `the fault ${fault.do} needs keys that die with the process (keys.source: ephemeral)`,
        );
      }
      const { steps } = entry;
      const one: Active = { fault, act: entry.make(values, tools), steps, count: NEVER };
      active = [...active, one];
      return { remove: () => remove(one) };
    },
    list: () => active.map(({ fault }) => fault),
    clear() {
      active = [];
    },
    *happening(kind, fits, occasion, decided) {
      // What is over for others still concerns the request in which it happened.
      for (const one of new Set([...decided.keys(), ...active])) {
        if (!isOf(one.act, kind) || !isAt(one, occasion) || !fits(one.act)) continue;
        if (decide(one, occasion, decided)) yield one.act;
      }
    },
  };
}

/** What nobody asked for happens at no step. */
const isAt = ({ steps }: Active, { step }: Occasion): boolean =>
  step === undefined || steps.includes(step);

const isOf = <Kind extends Act['kind']>(act: Act, kind: Kind): act is ActOf<Kind> =>
  act.kind === kind;
