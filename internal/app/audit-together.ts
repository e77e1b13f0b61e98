// Questions about what was on record, where several processes each remember their own.

import type { OpenTrail } from '../audit/open.ts';
import type { AuditPage, AuditQuery } from '../audit/trail.ts';
import type { Others } from './others.ts';

/** The records of all; those of a process that does not answer in time are missing. */
export async function queryTogether(
  query: AuditQuery,
  trail: Pick<OpenTrail, 'query' | 'isShared'>,
  others: Others | undefined,
): Promise<AuditPage> {
  const asksOthers = others !== undefined && !trail.isShared();
  const [own, answers] = await Promise.all([
    trail.query(query),
    asksOthers ? others.ask({ kind: 'audit', query }) : [],
  ]);
  // Whoever answers runs the same code.
  const pages = [own, ...answers.filter((page) => page !== undefined)] as readonly AuditPage[];
  return pages.length === 1 ? own : mergePages(pages, query.limit);
}

/** Each page is the newest of its process, so that the newest of all are among them. */
export function mergePages(pages: readonly AuditPage[], limit: number): AuditPage {
  const all = pages.flatMap(({ records }) => records);
  const records = all.sort((left, right) => (left.id < right.id ? 1 : -1)).slice(0, limit);
  const oldest = records.at(-1);
  const hasMore = all.length > limit || pages.some(({ next }) => next !== undefined);
  return hasMore && oldest !== undefined ? { records, next: oldest.id } : { records };
}
