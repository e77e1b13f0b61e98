// The faults of one issuer that were added from outside, by names that can be said there.

import { AdminRefusal } from '../../admin/refusal.ts';
import type { AddedFault, Fault, TestIssuer } from '../api.ts';

type NamedFault = Fault & { readonly id: string };

export type FaultBook = {
  /** Throws what the issuer throws for a fault that cannot be. */
  add(fault: Fault): NamedFault;
  /** Those that may still happen. */
  list(): readonly NamedFault[];
  remove(id: string): void;
  clear(): void;
};

type Entry = { readonly fault: Fault; readonly added: AddedFault };

export function createFaultBook(faults: TestIssuer['faults']): FaultBook {
  const entries = new Map<string, Entry>();
  let count = 0;
  /** Forgets what happened as often as it was to. */
  const live = (): ReadonlyMap<string, Entry> => {
    const left = new Set(faults.list());
    for (const [id, { fault }] of entries) if (!left.has(fault)) entries.delete(id);
    return entries;
  };
  return {
    add(fault) {
      const before = new Set(faults.list());
      const added = faults.add(fault);
      const listed = faults.list().find((one) => !before.has(one)) ?? fault;
      count += 1;
      const id = `f${count}`;
      entries.set(id, { fault: listed, added });
      return { id, ...listed };
    },
    list: () => [...live()].map(([id, { fault }]) => ({ id, ...fault })),
    remove(id) {
      const entry = live().get(id);
      if (entry === undefined) {
        const description = 'there is no such fault any more; GET faults lists those that are left';
        throw new AdminRefusal('not_found', description);
      }
      entries.delete(id);
      entry.added.remove();
    },
    clear() {
      entries.clear();
      faults.clear();
    },
  };
}
