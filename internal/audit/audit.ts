// Standard output as a sink: one line of the log an event, by the names the standards use.

import type { Audit, AuditEvent } from './events.ts';
import type { Facts } from './filter.ts';
import { toSnakeCase } from './names.ts';
import type { AuditRecord } from './trail.ts';

/** The part of a log that the audit trail needs. */
type Write = (fields: Readonly<Record<string, Fact>>, message: string) => void;
export type AuditLog = { readonly info: Write; readonly warn: Write };

type Fact = NonNullable<Facts[string]>;

/** Somebody spoke in a name that is not theirs, or used again what was used up: worth a look. */
const ALARMING: ReadonlySet<AuditEvent['type']> = new Set([
  'identity.refused',
  'certificate.refused',
  'rate_limit.exceeded',
]);

/** Whether somebody may want to look at once. */
export const isAlarming = ({ type }: AuditEvent): boolean => ALARMING.has(type);

/** Writes every event as one line whose message is the event's type; what is absent is left out. */
export const createLogSink =
  (log: AuditLog): ((record: AuditRecord) => void) =>
  ({ event, peer }) =>
    log[isAlarming(event) ? 'warn' : 'info'](toFields(event, peer), event.type);

/** The same without a trail: for a process that serves nothing itself. */
export const createLogAudit = (log: AuditLog): Audit => {
  const write = createLogSink(log);
  return (event) => write({ id: '', at: 0, event });
};

function toFields(event: AuditEvent, peer: string | undefined): Readonly<Record<string, Fact>> {
  const facts: Facts = event;
  const fields: Record<string, Fact> = { audit: true };
  for (const name in facts) {
    const value = facts[name];
    if (value !== undefined && name !== 'type') fields[toSnakeCase(name)] = value;
  }
  if (peer !== undefined) fields['peer'] = peer;
  return fields;
}
