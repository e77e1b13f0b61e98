// The last records of this process, for questions where nothing else keeps them: a ring, whose
// oldest record goes when a further one comes.

import { fits } from './filter.ts';
import type { AuditPage, AuditQuery, AuditRecord } from './trail.ts';

export type Ring = {
  add(record: AuditRecord): void;
  query(query: AuditQuery): AuditPage;
  /** So many are kept from here on; of what there is, the newest. */
  resize(size: number): void;
};

/** @param first how many are kept; 0: none. */
export function createRing(first: number): Ring {
  let size = first;
  let records: AuditRecord[] = [];
  let next = 0;
  return {
    add(record) {
      if (size === 0) return;
      records[next] = record;
      next = (next + 1) % size;
    },
    query: (query) => toPage(newestFirst(records, next), query),
    resize(wanted) {
      if (wanted === size) return;
      const kept = [...newestFirst(records, next)].slice(0, wanted);
      records = kept.reverse();
      size = wanted;
      next = size === 0 ? 0 : records.length % size;
    },
  };
}

function* newestFirst(records: readonly AuditRecord[], next: number): Iterable<AuditRecord> {
  for (let back = 1; back <= records.length; back += 1) {
    const record = records[(next - back + records.length) % records.length];
    if (record !== undefined) yield record;
  }
}

/** @param records newest first. */
function toPage(
  records: Iterable<AuditRecord>,
  { before, limit, ...filter }: AuditQuery,
): AuditPage {
  const found: AuditRecord[] = [];
  for (const record of records) {
    if (before !== undefined && record.id >= before) continue;
    if (!fits(record, filter)) continue;
    const oldest = found.at(-1);
    if (found.length === limit && oldest !== undefined) return { records: found, next: oldest.id };
    found.push(record);
  }
  return { records: found };
}
