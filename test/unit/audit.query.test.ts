import { describe, expect, it } from 'vitest';
import { mergePages } from '../../internal/app/audit-together.ts';
import { parseRecord, printRecord } from '../../internal/audit/line.ts';
import { createRing } from '../../internal/audit/ring.ts';
import { recordsOf } from './audit.fixture.ts';

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
});
