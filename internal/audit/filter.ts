// Which records a question is about.

import type { AuditFilter, AuditRecord } from './trail.ts';

/** The facts of an event by name, whatever its type. */
export type Facts = {
  readonly [name: string]: string | boolean | number | readonly string[] | undefined;
};

const NAMES = ['type', 'clientId', 'subject', 'requestId'] as const;

/** Whether a record is one of those that were asked for. */
export function fits({ at, event }: AuditRecord, filter: AuditFilter): boolean {
  if (filter.from !== undefined && at < filter.from) return false;
  if (filter.until !== undefined && at > filter.until) return false;
  const facts: Facts = event;
  return NAMES.every((name) => filter[name] === undefined || facts[name] === filter[name]);
}
