// What people are given to watch Asteroid with, held against the table of what it measures.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VERSION } from '../../internal/app/version.ts';
import { buildTable } from '../../internal/http/routes.ts';
import { GRANTS } from '../../internal/oidc/grants/table.ts';
import { SIGNING_ALGS } from '../../internal/protocol/names.ts';
import type { Metric } from '../../internal/telemetry/metric.ts';
import { METRICS } from '../../internal/telemetry/metrics.ts';
import { watchProcess } from '../../internal/telemetry/process.ts';
import { ROOT } from './sources.ts';

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const TABLE: readonly Metric[] = Object.values(METRICS);

type Known = {
  readonly labels: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, unknown>;
};

/** Every series that a scrape can have, and its labels. */
async function knownSeries(): Promise<ReadonlyMap<string, Known>> {
  const own = TABLE.flatMap(({ name, kind, labels }) => {
    const known = {
      labels: new Set([...labels.map(([label]) => label), ...(kind === 'histogram' ? ['le'] : [])]),
      values: new Map(labels),
    };
    const ends = kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    return ends.map((end) => [`${name}${end}`, known] as const);
  });
  const process = (await watchProcess()()).map(
    ({ name }) => [name, { labels: new Set<string>(), values: new Map() }] as const,
  );
  return new Map([...own, ...process]);
}

/** Names of series and of recorded rules, as they stand in an expression. */
const NAME = /\b(asteroid[a-z0-9_:]*|process_[a-z0-9_]+|nodejs_[a-z0-9_]+)\b(?:\{([^}]*)\})?/g;
/** Of the targets of Prometheus. */
const TARGET = new Set(['job', 'instance', 'le']);

function findProblems(
  expressions: readonly string[],
  known: ReadonlyMap<string, Known>,
  recorded: ReadonlySet<string> = new Set(),
): readonly string[] {
  return expressions.flatMap((expression) => {
    const names = [...expression.matchAll(NAME)];
    const labels = new Set(names.flatMap(([, name = '']) => [...(known.get(name)?.labels ?? [])]));
    const grouped = [...expression.matchAll(/\b(?:by|without|on) \(([^)]*)\)/g)].flatMap(
      ([, list = '']) => list.split(',').map((label) => label.trim()),
    );
    const isRecorded = names.some(([, name = '']) => recorded.has(name));
    return [
      ...names.flatMap(([, name = '', matchers = '']) => judge(name, matchers, known, recorded)),
      ...grouped
        .filter((label) => !isRecorded && !labels.has(label) && !TARGET.has(label))
        .map((label) => `${expression}: groups by ${label}`),
    ];
  });
}

function judge(
  name: string,
  matchers: string,
  known: ReadonlyMap<string, Known>,
  recorded: ReadonlySet<string>,
): readonly string[] {
  if (recorded.has(name)) return [];
  const series = known.get(name);
  if (series === undefined) return [`${name} is not measured`];
  return [...matchers.matchAll(/(\w+)(=~|!=|=|!~)"([^"]*)"/g)].flatMap(
    ([, label = '', , value = '']) => {
      if (TARGET.has(label)) return [];
      if (!series.labels.has(label)) return [`${name} has no label ${label}`];
      const values = series.values.get(label);
      const unknown = value
        .split('|')
        .filter((one) => Array.isArray(values) && !values.includes(one));
      return unknown.map((one) => `${name} never says ${label}="${one}"`);
    },
  );
}

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: Readonly<Record<string, string>>;
};

const rulesOf = (file: string): readonly Rule[] => {
  const { groups }: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } = parse(
    read(`deploy/prometheus/${file}`),
  );
  return groups.flatMap(({ rules }) => rules);
};

type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] };
const dashboard = (): readonly string[] => {
  const { panels }: { readonly panels: readonly Panel[] } = JSON.parse(
    read('deploy/grafana/asteroid.json'),
  );
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
};

describe('the table of metrics', () => {
  for (const { name, kind, help, labels } of TABLE) {
    it(`has ${name} named as Prometheus wants it, with a help and bounded labels`, () => {
      expect(name).toMatch(/^asteroid_[a-z]+(?:_[a-z]+)+$|^asteroid_(?:ready|clients|processes)$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/\.$/);
      for (const [label, values] of labels) {
        expect(label).toMatch(/^[a-z_]+$/);
        expect(values === 'words' || new Set(values).size === values.length).toBe(true);
      }
    });
  }

  it('knows every endpoint, every grant and every algorithm', () => {
    const endpoints = [...buildTable('https://op.example', 'all').values()].map(
      ({ endpoint }) => endpoint,
    );
    const known = new Map(METRICS.httpRequests.labels).get('endpoint');
    expect(endpoints.filter((endpoint) => !known?.includes(endpoint))).toEqual([]);
    expect(METRICS.tokensIssued.labels[0][1]).toEqual(
      expect.arrayContaining(GRANTS.map(({ grantType }) => grantType)),
    );
    expect(METRICS.keyAge.labels[0][1].toSorted()).toEqual([...SIGNING_ALGS].sort());
  });
});

describe('deploy/', () => {
  const recorded = new Set(rulesOf('recording.yaml').flatMap(({ record }) => record ?? []));

  it('asks on the dashboard only for what is measured, and for all of it', async () => {
    const expressions = dashboard();

    expect(expressions.length).toBeGreaterThan(30);
    expect(findProblems(expressions, await knownSeries())).toEqual([]);
    const text = expressions.join('\n');
    expect(TABLE.map(({ name }) => name).filter((name) => !text.includes(name))).toEqual([]);
  });

  for (const file of ['recording.yaml', 'alerts.yaml']) {
    it(`asks in ${file} only for what is measured or recorded`, async () => {
      const expressions = rulesOf(file).map(({ expr }) => expr);

      expect(expressions.length).toBeGreaterThan(4);
      expect(findProblems(expressions, await knownSeries(), recorded)).toEqual([]);
    });
  }

  it('says for each alert what to do, in a part of docs/monitoring.md, and tries each', () => {
    const headings = [...read('docs/monitoring.md').matchAll(/^#+ (.+)$/gm)].map(
      ([, heading = '']) =>
        heading
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
    );
    const tried = read('deploy/prometheus/alerts.test.yaml');
    for (const { alert = '', labels, annotations } of rulesOf('alerts.yaml')) {
      expect(['page', 'ticket']).toContain(labels?.severity);
      expect(annotations?.['runbook']).toBe(`docs/monitoring.md#${alert.toLowerCase()}`);
      expect(headings).toContain(alert.toLowerCase());
      expect(tried).toContain(`alertname: ${alert}\n        exp_alerts:`);
    }
  });

  it('is found to ask for what is not measured, when that is planted', async () => {
    const planted = [
      'rate(asteroid_typo_total[5m])',
      'asteroid_ready{dependencies="store"}',
      'asteroid_ready{dependency="stores"}',
      'sum by (endpoints) (asteroid_http_requests_total)',
      'asteroid:unknown:rate5m',
    ];

    expect(findProblems(planted, await knownSeries(), recorded)).toHaveLength(planted.length);
  });
});

describe('docs/monitoring.md', () => {
  it('has a row for every metric with its labels, and for no other', () => {
    const rows = [
      ...read('docs/monitoring.md').matchAll(/^\| `(asteroid_[a-z_]+)` \| ([^|]*) \|/gm),
    ];

    expect(rows.map(([, name, labels = '']) => `${name} ${labels.trim()}`).sort()).toEqual(
      TABLE.map(
        ({ name, labels }) =>
          `${name} ${labels.map(([label]) => `\`${label}\``).join(', ') || '–'}`,
      ).sort(),
    );
  });
});

it('the version is that of the package', () => {
  expect(JSON.parse(read('package.json')).version).toBe(VERSION);
});
