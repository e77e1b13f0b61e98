// What sinks are tested with: records that differ, and an account of what a sink told of itself.

import { randomBytes } from 'node:crypto';
import type { SinkEvent, SinkTerms } from '../../internal/audit/sink.ts';
import { createStamp } from '../../internal/audit/stamp.ts';
import type { AuditRecord } from '../../internal/audit/trail.ts';

const random = (bytes: number): string => randomBytes(bytes).toString('base64url');

const stamp = createStamp({ now: Date.now, random, findOrigin: () => undefined });

export const recordOf = (requestId: string): AuditRecord =>
  stamp({ type: 'consent.given', clientId: 'app', subject: 'alice', requestId });

export const recordsOf = (count: number, prefix = 'r'): readonly AuditRecord[] =>
  Array.from({ length: count }, (_, index) => recordOf(`${prefix}${index}`));

export function createAccount(maxWaiting = 1000) {
  const events: SinkEvent[] = [];
  const lost = { count: 0 };
  const terms: SinkTerms = {
    name: 'the sink',
    maxWaiting,
    report: (event) => events.push(event),
    countLost: (_, count) => {
      lost.count += count;
    },
    random,
  };
  return { terms, events, lost, types: () => events.map(({ type }) => type) };
}

/** The request ids of lines of JSON, in their order. */
export const idsOf = (text: string): readonly unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).request_id);
