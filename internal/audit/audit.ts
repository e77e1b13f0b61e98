// Where events go. The log is the first sink: one line an event, by the names the standards use.

import type { Audit, AuditEvent } from './events.ts';

/** The part of a log that the audit trail needs. */
type Write = (fields: Readonly<Record<string, AuditFact>>, message: string) => void;
export type AuditLog = { readonly info: Write; readonly warn: Write };

type AuditFact = string | boolean;

/** Somebody spoke in a name that is not theirs, or used again what was used up: worth a look. */
const ALARMING: ReadonlySet<AuditEvent['type']> = new Set(['identity.refused']);

/** Writes every event as one line whose message is the event's type; what is absent is left out. */
export const createLogAudit =
  (log: AuditLog): Audit =>
  (event) =>
    log[ALARMING.has(event.type) ? 'warn' : 'info'](toFields(event), event.type);

const toFields = ({ type, ...facts }: AuditEvent): Readonly<Record<string, AuditFact>> => ({
  audit: true,
  ...Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [toSnakeCase(name), value]),
  ),
});

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
