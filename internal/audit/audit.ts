// Where events go. The log is the first sink: one line an event, by the names the standards use.

import type { Audit, AuditEvent } from './events.ts';

/** The part of a log that the audit trail needs. */
export type AuditLog = {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
};

/** Writes every event as one line whose message is the event's type; what is absent is left out. */
export const createLogAudit =
  (log: AuditLog): Audit =>
  (event) =>
    log.info(toFields(event), event.type);

const toFields = ({ type, ...facts }: AuditEvent): Readonly<Record<string, unknown>> => ({
  audit: true,
  ...Object.fromEntries(
    Object.entries(facts)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [toSnakeCase(name), value]),
  ),
});

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
