import { describe, expect, it } from 'vitest';
import { createTally } from '../../internal/app/workers/tally.ts';
import { combine, type Family, onlyTotals } from '../../internal/telemetry/families.ts';
import { printFamilies } from '../../internal/telemetry/print.ts';

const family = (
  name: string,
  across: Family['across'],
  values: Readonly<Record<string, number>>,
  kind: Family['kind'] = 'counter',
): Family => ({
  name,
  help: 'help',
  kind,
  across,
  samples: Object.entries(values).map(([of, value]) => ({ suffix: '', labels: { of }, value })),
});

const valuesOf = (families: readonly Family[], name = 'n'): Record<string, number> =>
  Object.fromEntries(
    (families.find((one) => one.name === name)?.samples ?? []).map(({ labels, value }) => [
      labels['of'],
      value,
    ]),
  );

describe('numbers of several processes', () => {
  for (const [across, expected] of [
    ['sum', { a: 5, b: 7 }],
    ['max', { a: 4, b: 7 }],
    ['min', { a: 1, b: 7 }],
    ['average', { a: 2.5, b: 7 }],
    ['first', { a: 1, b: 7 }],
    ['omit', {}],
  ] as const) {
    it(`are one by ${across}`, () => {
      const lists = [[family('n', across, { a: 1 })], [family('n', across, { a: 4, b: 7 })]];

      expect(valuesOf(combine(lists))).toEqual(expected);
    });
  }

  it('keep the latest exemplar', () => {
    const at = (moment: number): Family => ({
      ...family('n', 'sum', {}),
      samples: [
        {
          suffix: '',
          labels: {},
          value: 1,
          exemplar: { labels: { request_id: `r${moment}` }, at: moment },
        },
      ],
    });

    const [combined] = combine([[at(1)], [at(3)], [at(2)]]);

    expect(combined?.samples[0]).toMatchObject({ value: 3, exemplar: { at: 3 } });
  });

  it('of a moment are not kept when a process is gone', () => {
    const families = [
      family('c', 'sum', { a: 1 }),
      family('g', 'sum', { a: 1 }, 'gauge'),
      family('m', 'max', { a: 1 }),
    ];

    expect(onlyTotals(families).map(({ name }) => name)).toEqual(['c']);
  });
});

describe('what the primary heard', () => {
  const said = (count: number) => [family('n', 'sum', { a: count })];
  const sumOf = (answers: readonly (readonly Family[])[]) => valuesOf(combine(answers))['a'];

  it('goes on counting when a worker is gone', () => {
    const tally = createTally<object>();
    const [first, second] = [{ number: 1 }, { number: 2 }];

    expect(sumOf([said(3), ...tally.complete([second], [said(10)])])).toBe(13);
    tally.forget(second);

    expect(sumOf([said(4), ...tally.complete([undefined], [undefined])])).toBe(14);
    expect(sumOf([said(4), ...tally.complete([first], [said(1)])])).toBe(15);
  });

  it('stands for a worker that does not answer in time', () => {
    const tally = createTally<object>();
    const second = { number: 2 };
    tally.complete([second], [said(10)]);

    expect(sumOf(tally.complete([second], [undefined]))).toBe(10);
  });

  it('has what a worker said of itself when it asked', () => {
    const tally = createTally<object>();
    const asking = { number: 1 };
    tally.note(asking, said(5));
    tally.forget(asking);

    expect(sumOf(tally.complete([], []))).toBe(5);
  });

  it('counts nothing twice of a worker whose answer comes when it is gone', () => {
    const tally = createTally<object>();
    const second = { number: 2 };
    tally.complete([second], [said(10)]);
    tally.forget(second);

    expect(sumOf(tally.complete([second], [said(10)]))).toBe(10);
  });
});

describe('the text for Prometheus', () => {
  const odd: Family = {
    name: 'n_total',
    help: 'a\nb\\c',
    kind: 'counter',
    across: 'sum',
    samples: [
      {
        suffix: '',
        labels: { a: 'x"y\\z\n' },
        value: 1,
        exemplar: { labels: { request_id: 'r' }, at: 7 },
      },
      { suffix: '', labels: {}, value: Number.POSITIVE_INFINITY },
    ],
  };

  it('escapes what would end a label or a line', () => {
    expect(printFamilies([odd]).text).toBe(
      '# HELP n_total a\\nb\\\\c\n# TYPE n_total counter\nn_total{a="x\\"y\\\\z\\n"} 1\nn_total +Inf\n',
    );
  });

  it('names requests where OpenMetrics is asked for, and there alone', () => {
    const { contentType, text } = printFamilies(
      [odd],
      'application/openmetrics-text;version=1.0.0',
    );

    expect(contentType).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(text).toContain('# TYPE n counter\n');
    expect(text).toContain('n_total{a="x\\"y\\\\z\\n"} 1 # {request_id="r"} 1 7\n');
    expect(text).toMatch(/\n# EOF\n$/);
    expect(printFamilies([odd], 'text/plain').text).not.toContain('request_id');
  });
});
