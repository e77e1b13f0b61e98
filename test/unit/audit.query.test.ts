import { describe, expect, it } from 'vitest';
import { mergePages } from '../../internal/app/audit-together.ts';
import type { AuditEvent } from '../../internal/audit/events.ts';
import { parseRecord, printRecord } from '../../internal/audit/line.ts';
import { createRing } from '../../internal/audit/ring.ts';
import { createStamp } from '../../internal/audit/stamp.ts';
import { recordsOf } from './audit.fixture.ts';

const FROM = { peer: '10.0.0.7', requestId: 'r' } as const;

const stamp = createStamp({ now: Date.now, random: () => 'AAAAAAAA', findOrigin: () => undefined });

describe('what is remembered', () => {
  it('is the newest so many records, page by page', () => {
    const ring = createRing(10);
    const records = recordsOf(25);
    for (const record of records) ring.add(record);
    const first = ring.query({ limit: 6 });
    const second = ring.query({ limit: 6, before: first.next ?? '' });

    expect([...first.records, ...second.records]).toEqual([...records].reverse().slice(0, 10));
    expect(second.next).toBeUndefined();
    expect(createRing(0).query({ limit: 1 }).records).toEqual([]);
  });

  it('by several processes is one list, which goes on where a page ended', () => {
    const records = recordsOf(9);
    const rings = [createRing(10), createRing(10)];
    records.forEach((record, index) => {
      rings[index % 2]?.add(record);
    });
    const ask = (before: object) =>
      mergePages(
        rings.map((ring) => ring.query({ limit: 4, ...before })),
        4,
      );
    const first = ask({});
    const second = ask({ before: first.next });
    const third = ask({ before: second.next });

    expect([first, second, third].flatMap((page) => page.records)).toEqual([...records].reverse());
    expect(third.next).toBeUndefined();
  });

  it('is the same after it was a line', () => {
    const [record] = recordsOf(1);
    if (record === undefined) throw new Error('there is one');
    const whole = { ...record, peer: '10.0.0.7', trace_id: 'ab'.repeat(16), worker: 2 };

    expect(parseRecord(printRecord(whole))).toEqual(whole);
    expect(parseRecord('{"id":1}')).toBeUndefined();
    expect(parseRecord('no JSON')).toBeUndefined();
  });

  for (const event of [
    { type: 'admin.refused', error: 'e', reason: 'r', actor: undefined, ...FROM },
    { type: 'certificate.refused', reason: 'r', ...FROM },
    { type: 'console.signed_in', actor: 'ops', ...FROM },
    { type: 'console.signed_out', actor: 'ops', ...FROM },
  ] as const satisfies readonly AuditEvent[]) {
    it(`is the same with the peer among its facts: ${event.type}`, () => {
      const record = stamp(event);

      expect(parseRecord(printRecord(record))).toEqual(record);
    });
  }
});

describe('ids of records', () => {
  it('sort as the events happened, however many a clock that stands still has', () => {
    let at = 1_800_000_000_000;
    const next = createStamp({
      now: () => at,
      random: () => 'AAAAAAAA',
      findOrigin: () => undefined,
    });
    const event = { type: 'issuer.started', issuer: 'https://sso.example' } as const;
    let last = next(event).id;
    at -= 3_600_000;
    for (let count = 0; count < 1_000_010; count += 1) {
      const { id } = next(event);
      if (id <= last) throw new Error(`${id} after ${last}`);
      last = id;
    }
    at += 7_200_000;

    expect(next(event).id > last).toBe(true);
  }, 60_000);
});
