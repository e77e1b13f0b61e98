// What is kept of an event: strangers may choose some of its values, such as the name of a client that
// there is not, and a record is kept while it waits and while it is remembered.

import type { AuditEvent } from './events.ts';
import type { Facts } from './filter.ts';

const MAX_VALUE = 512;
/** Shorter ones are copied by whoever cuts them out of a text. */
const MIN_SLICE = 13;

/**
 * The same event with no value longer than that. Values are cut out of what was sent, and such a piece keeps
 * the whole of it in memory: each is a text of its own here.
 */
export function bound(event: AuditEvent): AuditEvent {
  const facts: Facts = event;
  const bounded: Record<string, Facts[string]> = {};
  for (const name in facts) {
    const value = facts[name];
    bounded[name] = typeof value === 'string' ? boundText(value) : value;
  }
  return bounded as AuditEvent;
}

function boundText(text: string): string {
  if (text.length < MIN_SLICE) return text;
  if (text.length <= MAX_VALUE) return copy(text);
  return copy(`${text.slice(0, MAX_VALUE)}… (${text.length} characters)`);
}

/** Of two texts that are put together, whatever is cut out of them is a copy. */
const copy = (text: string): string => ` ${text}`.slice(1);
