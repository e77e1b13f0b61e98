// Where events go. The log is the first sink: one line an event, by the names the standards use.

import type { Audit, AuditEvent } from './events.ts';

/** The part of a log that the audit trail needs. */
type Write = (fields: Readonly<Record<string, AuditFact>>, message: string) => void;
export type AuditLog = { readonly info: Write; readonly warn: Write };

type AuditFact = string | boolean;

/** Somebody spoke in a name that is not theirs, or used again what was used up: worth a look. */
const ALARMING: ReadonlySet<AuditEvent['type']> = new Set([
  'identity.refused',
  'certificate.refused',
  'rate_limit.exceeded',
]);

/** Writes every event as one line whose message is the event's type; what is absent is left out. */
export const createLogAudit =
  (log: AuditLog): Audit =>
  (event) =>
    log[ALARMING.has(event.type) ? 'warn' : 'info'](toFields(event), event.type);

function toFields(event: AuditEvent): Readonly<Record<string, AuditFact>> {
  const facts: Readonly<Record<string, AuditFact | undefined>> = event;
  const fields: Record<string, AuditFact> = { audit: true };
  for (const name in facts) {
    const value = facts[name];
    if (value !== undefined && name !== 'type') fields[toSnakeCase(name)] = value;
  }
  return fields;
}

// A dozen names, and two events for each sign-in.
const spelled = new Map<string, string>();

function toSnakeCase(name: string): string {
  const known = spelled.get(name);
  if (known !== undefined) return known;
  const spelling = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  spelled.set(name, spelling);
  return spelling;
}
