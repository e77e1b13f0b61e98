// A record as a message of syslog (RFC 5424 §6): the header that collectors sort by, and the line that
// every other sink has too. No structured data: its names would need a number of our own (§6.3.2).

import { isAlarming } from '../audit.ts';
import type { AuditEvent } from '../events.ts';
import { printRecord } from '../line.ts';
import { FACILITIES } from '../options.ts';
import type { AuditRecord } from '../trail.ts';

/** RFC 5424 §6.2.1, table 2. */
const WARNING = 4;
const NOTICE = 5;
const INFORMATIONAL = 6;

/** What a refusal is called, whatever was refused. */
const REFUSED = /\.(?:refused|denied|failed)$/;

export type Sender = {
  readonly facility: keyof typeof FACILITIES;
  readonly hostname: string;
  readonly appName: string;
  readonly pid: number;
};

/** One message, without any framing. */
export function printMessage(record: AuditRecord, sender: Sender): string {
  const { at, event } = record;
  const priority = FACILITIES[sender.facility] * 8 + severityOf(event);
  const time = new Date(at).toISOString();
  const host = printable(sender.hostname, 255);
  const app = printable(sender.appName, 48);
  const type = printable(event.type, 32);
  return `<${priority}>1 ${time} ${host} ${app} ${sender.pid} ${type} - ${printRecord(record)}`;
}

function severityOf(event: AuditEvent): number {
  if (isAlarming(event)) return WARNING;
  return REFUSED.test(event.type) ? NOTICE : INFORMATIONAL;
}

/** PRINTUSASCII, or the NILVALUE where nothing is left. */
function printable(text: string, most: number): string {
  const clean = text.replaceAll(/[^!-~]/g, '').slice(0, most);
  return clean === '' ? '-' : clean;
}
