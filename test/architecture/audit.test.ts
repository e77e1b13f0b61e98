// docs/audit.md against the types of the events, and the list of their names.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { toSnakeCase } from '../../internal/audit/names.ts';
import { AUDIT_EVENT_TYPES } from '../../internal/protocol/audit-events.ts';
import { ROOT } from './sources.ts';

const read = (name: string): string => readFileSync(path.join(ROOT, name), 'utf8');

/** Type → its facts, of the union in events.ts. */
function readEvents(): ReadonlyMap<string, readonly string[]> {
  const text = read('internal/audit/events.ts').replace(/\/\*\*[\s\S]*?\*\//g, '');
  const events = new Map<string, readonly string[]>();
  for (const [, member = ''] of text.matchAll(/\|\s*\{([^}]*)\}/g)) {
    const [, types = ''] = /readonly type:([^;]*);/.exec(member) ?? [];
    const names = [...member.matchAll(/readonly (\w+)\??:/g)].map(([, name = '']) => name);
    const facts = names.filter((name) => name !== 'type').map(toSnakeCase);
    for (const [, type = ''] of types.matchAll(/'([^']+)'/g)) events.set(type, facts);
  }
  return events;
}

const documented = new Map(
  [...read('docs/audit.md').matchAll(/^\| `([a-z_]+\.[a-z_]+)` \| (.*) \|$/gm)].map(
    ([, type = '', facts = '']) => [type, facts.replaceAll('`', '').split(' ')] as const,
  ),
);

describe('audit events', () => {
  const events = readEvents();

  it('are all in the list of their names', () => {
    expect([...events.keys()].sort()).toEqual([...AUDIT_EVENT_TYPES].sort());
    expect(events.size).toBeGreaterThan(30);
  });

  it('are in docs/audit.md with all their facts, and no other is', () => {
    const sorted = (map: ReadonlyMap<string, readonly string[]>) =>
      Object.fromEntries([...map].map(([type, facts]) => [type, [...facts].sort()]));

    expect(sorted(documented)).toEqual(sorted(events));
  });
});
