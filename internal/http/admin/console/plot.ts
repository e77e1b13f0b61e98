// Numbers over time as lines, without a script: an SVG that says in words what it shows, and the same numbers
// as a table.

import { type Html, html } from '../../pages/html.ts';
import { printMinute } from './moment.ts';
import { NOTHING } from './parts.ts';

export type Series = {
  readonly name: string;
  /** One for each moment; undefined where nothing was measured. */
  readonly values: readonly (number | undefined)[];
};

export type Plot = {
  /** Unique on the page, for whoever hears it. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** Seconds since 1970, evenly apart. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** As people read one. */
  readonly print: (value: number) => string;
  /** What is said where nothing came. */
  readonly none: string;
};

const WIDTH = 360;
const HEIGHT = 170;
const LEFT = 44;
const RIGHT = 10;
const TOP = 12;
const BOTTOM = 24;

/** More lines than this cannot be told apart. */
export const MOST_SERIES = 5;

type Scale = { readonly x: (index: number) => number; readonly y: (value: number) => number };

export function drawPlot(plot: Plot): Html {
  const { id, title, unit, at, series } = plot;
  const measured = series.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const head = html`<figcaption id="${id}">${title} <small class="soft">${unit}</small></figcaption>`;
  if (measured.length === 0 || at.length === 0) {
    return html`<figure class="plot card">${head}<p class="empty">${plot.none}</p></figure>\n`;
  }
  const top = roundUp(Math.max(...measured));
  const scale: Scale = {
    x: (index) => LEFT + (WIDTH - LEFT - RIGHT) * (at.length < 2 ? 1 : index / (at.length - 1)),
    y: (value) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top,
  };
  return html`<figure class="plot card">${head}
<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${describe(plot)}">
${drawGrid(plot, top, scale)}${series.slice(0, MOST_SERIES).map((one, index) => drawSeries(one, index, scale))}</svg>
${series.length > 1 ? drawLegend(plot) : NOTHING}${drawTable(plot)}</figure>
`;
}

/** Up to 1, 2 or 5 of a power of ten: what people divide by eye. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => value <= one * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

const SHARES = [0, 0.5, 1];

function drawGrid({ at, print }: Plot, top: number, { x, y }: Scale): Html {
  const lines = SHARES.map(
    (share) =>
      html`<line class="${share === 0 ? 'axis' : 'grid'}" x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${round(y(share * top))}" y2="${round(y(share * top))}"/><text x="${String(LEFT - 6)}" y="${round(y(share * top) + 4)}" text-anchor="end">${print(share * top)}</text>`,
  );
  const last = at.length - 1;
  const ticks = last < 3 ? [last] : [0, Math.round(last / 2), last];
  const anchors = ticks.length === 1 ? ['end'] : ['start', 'middle', 'end'];
  const labels = ticks.map(
    (index, place) =>
      html`<text x="${round(x(index))}" y="${String(HEIGHT - 6)}" text-anchor="${anchors[place] ?? 'middle'}">${printMinute(at[index] ?? 0)}${place === ticks.length - 1 ? ' UTC' : ''}</text>`,
  );
  return html`${lines}${labels}\n`;
}

function drawSeries({ values }: Series, index: number, scale: Scale): Html {
  const style = `s${index % MOST_SERIES}`;
  return html`${toRuns(values).map((run) => drawRun(run, style, index === 0, scale))}`;
}

type Point = readonly [index: number, value: number];

/** What was measured without a gap. */
function toRuns(values: readonly (number | undefined)[]): readonly (readonly Point[])[] {
  const runs: Point[][] = [];
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue;
    if (index === 0 || values[index - 1] === undefined) runs.push([]);
    runs.at(-1)?.push([index, value]);
  }
  return runs;
}

function drawRun(run: readonly Point[], style: string, isFilled: boolean, { x, y }: Scale): Html {
  const [first, ...more] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return html``;
  if (more.length === 0) {
    return html`<circle class="dot ${style}" cx="${round(x(first[0]))}" cy="${round(y(first[1]))}" r="2.5"/>`;
  }
  const points = run.map(([index, value]) => `${round(x(index))} ${round(y(value))}`).join('L');
  const base = round(y(0));
  const area = isFilled
    ? html`<path class="area" d="M${round(x(first[0]))} ${base}L${points}L${round(x(last[0]))} ${base}Z"/>`
    : NOTHING;
  return html`${area}<path class="line ${style}" d="M${points}"/>`;
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

const drawLegend = ({ series }: Plot): Html =>
  html`<ul class="legend" role="list">${series
    .slice(0, MOST_SERIES)
    .map(
      ({ name }, index) =>
        html`<li><svg viewBox="0 0 24 8" aria-hidden="true"><line class="line s${String(index)}" x1="0" x2="24" y1="4" y2="4"/></svg>${name}</li>`,
    )}</ul>
`;

/** What somebody sees at a glance, for whoever does not. */
function describe({ title, unit, series, print, at }: Plot): string {
  const told = series.slice(0, MOST_SERIES).map(({ name, values }) => {
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return `${name}: none`;
    return `${name}: at most ${print(Math.max(...known))}, last ${print(known.at(-1) ?? 0)}`;
  });
  return `${title}, ${unit}, ${printMinute(at[0] ?? 0)} to ${printMinute(at.at(-1) ?? 0)} UTC. ${told.join('; ')}.`;
}

/** So many rows, of the minutes that end each part. */
const MOST_ROWS = 12;

function drawTable({ title, unit, at, series, print }: Plot): Html {
  const every = Math.ceil(at.length / MOST_ROWS);
  const rows = at
    .map((moment, index) => [moment, index] as const)
    .filter(([, index]) => (at.length - 1 - index) % every === 0);
  const shown = series.slice(0, MOST_SERIES);
  return html`<details><summary>As a table<span class="unseen">: ${title}</span></summary>
<table><caption class="unseen">${title}, ${unit}</caption>
<thead><tr><th scope="col">UTC</th>${shown.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([moment, index]) =>
      html`<tr><td>${printMinute(moment)}</td>${shown.map(({ values }) => {
        const value = values[index];
        return html`<td class="number">${value === undefined ? '–' : print(value)}</td>`;
      })}</tr>`,
  )}</tbody></table></details>
`;
}
