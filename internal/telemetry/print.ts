// Families as the text that Prometheus reads: its own format, and OpenMetrics for whoever asks for it,
// which alone can say of which request an increment was.

import type { Exemplar, Family, Sample } from './families.ts';

export type Printed = { readonly contentType: string; readonly text: string };

const PLAIN = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** @param accept as it was sent; absent: the format that everybody reads. */
export function printFamilies(families: readonly Family[], accept = ''): Printed {
  const isOpen = accept.includes('application/openmetrics-text');
  const lines = families.flatMap((family) => printFamily(family, isOpen));
  if (isOpen) lines.push('# EOF');
  return { contentType: isOpen ? OPEN : PLAIN, text: `${lines.join('\n')}\n` };
}

function printFamily({ name, help, kind, samples }: Family, isOpen: boolean): readonly string[] {
  // OpenMetrics names what grows without the end of its samples (OpenMetrics 1.0 §counter).
  const grows = isOpen && kind === 'counter';
  const family = grows ? name.replace(/_total$/, '') : name;
  const total = grows && !name.endsWith('_total') ? '_total' : '';
  return [
    `# HELP ${family} ${escapeHelp(help)}`,
    `# TYPE ${family} ${kind}`,
    ...samples.map((sample) => `${name}${total}${printSample(sample, isOpen)}`),
  ];
}

function printSample({ suffix, labels, value, exemplar }: Sample, isOpen: boolean): string {
  const named = Object.keys(labels).length === 0 ? '' : printLabels(labels);
  const shown = isOpen && exemplar !== undefined ? printExemplar(exemplar) : '';
  return `${suffix}${named} ${printNumber(value)}${shown}`;
}

const printExemplar = ({ labels, at }: Exemplar): string => ` # ${printLabels(labels)} 1 ${at}`;

const printLabels = (labels: Sample['labels']): string =>
  `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${escapeValue(value)}"`)
    .join(',')}}`;

const printNumber = (value: number): string => {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
};

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const escapeValue = (text: string): string => escapeHelp(text).replaceAll('"', '\\"');
