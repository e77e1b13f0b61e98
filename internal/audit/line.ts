// A record as one line of JSON, the same in every sink but standard output, and back again. Facts are
// named as the standards write: `clientId` is `client_id`.

import { spellUnseen } from '../protocol/unseen.ts';
import { isAlarming } from './audit.ts';
import type { AuditEvent } from './events.ts';
import type { Facts } from './filter.ts';
import { toCamelCase, toSnakeCase } from './names.ts';
import type { AuditRecord } from './trail.ts';

type WithPeer = Extract<AuditEvent, { readonly peer: string | undefined }>['type'];

/** Of these events the peer is a fact of their own. */
const WITH_PEER: ReadonlySet<string> = new Set(
  Object.keys({
    'admin.refused': true,
    'certificate.refused': true,
    'console.signed_in': true,
    'console.signed_out': true,
    'identity.refused': true,
    'rate_limit.exceeded': true,
  } satisfies Record<WithPeer, true>),
);

/** One line, without its end: JSON has no line end inside. */
export function printRecord({ id, at, event, peer, trace_id, worker }: AuditRecord): string {
  const line: Record<string, Facts[string]> = {
    time: new Date(at).toISOString(),
    id,
    type: event.type,
    level: isAlarming(event) ? 'warn' : 'info',
  };
  const facts: Facts = event;
  for (const name in facts) {
    if (name !== 'type' && name !== 'peer') line[toSnakeCase(name)] = facts[name];
  }
  return spellUnseen(JSON.stringify({ ...line, peer, trace_id, worker }));
}

/** Undefined for what no sink of ours wrote. */
export function parseRecord(text: string): AuditRecord | undefined {
  const line = readObject(text);
  if (line === undefined) return undefined;
  const { time, id, type, level: _level, peer, trace_id, worker, ...facts } = line;
  const at = Date.parse(String(time));
  if (typeof id !== 'string' || typeof type !== 'string' || Number.isNaN(at)) return undefined;
  const named = Object.entries(facts).map(([name, value]) => [toCamelCase(name), value]);
  const own = WITH_PEER.has(type) && peer !== undefined ? { peer } : {};
  return {
    id,
    at,
    // What printed it had the type, and a type that is gone since is still shown.
    event: { type, ...Object.fromEntries(named), ...own } as AuditEvent,
    ...(typeof peer === 'string' ? { peer } : {}),
    ...(typeof trace_id === 'string' ? { trace_id } : {}),
    ...(typeof worker === 'number' ? { worker } : {}),
  };
}

function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
