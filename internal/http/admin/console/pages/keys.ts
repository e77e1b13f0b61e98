// Keys: what signs, and from when to when, on a line.

import type { Answers } from '../../../../admin/api/answers.ts';
import { DAY } from '../../../../protocol/time.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment, printMoment } from '../moment.ts';
import { drawNotice } from '../notices.ts';
import { address, card, code, empty, NOTHING, state, type Tone, table, value } from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';

type Key = Answers['listKeys']['keys'][number];

const STATES: { readonly [State in Key['state']]: readonly [Tone, string] } = {
  next: ['plain', 'next'],
  signing: ['good', 'signs'],
  published: ['plain', 'published'],
  retired: ['care', 'retired'],
  expired: ['care', 'expired'],
};

async function drawKeys({ given, ask, viewer, now }: Visit): Promise<Sheet> {
  const { body } = await ask('listKeys');
  const canWrite = viewer.role === 'write';
  const rows = body.keys.map((key) => drawRow(key, canWrite, now));
  const columns = [
    ...[{ name: 'Key' }, { name: 'State' }, { name: 'Signs from' }, { name: 'State until' }],
    { name: 'Actions', kind: 'acts' as const },
  ];
  const list =
    rows.length === 0
      ? empty('No keys yet', 'The first is made when something has to be signed.')
      : html`${drawLine(body.keys, now)}${table('Keys', columns, rows)}`;
  return {
    title: 'Keys',
    main: html`<h1>Keys</h1>
<p class="lead">From keys.source ${code(body.source)}. A key is published before it signs, signs until the next one takes over, and counts until what it signed has expired.</p>
${drawNotice(given)}${card('Keys and their times', list)}
${canWrite ? html`<div class="row"><a class="button" href="${address('/do/rotate')}">Rotate…</a><a class="button" href="${address('/do/rotate-now')}">A key leaked: rotate at once…</a></div>\n` : NOTHING}`,
  };
}

function drawRow(key: Key, canWrite: boolean, now: number): readonly Html[] {
  const { kid, alg, state: is, active_from, until } = key;
  const canRetire = canWrite && (is === 'published' || is === 'next');
  return [
    html`${code(kid)}<small class="soft">${value(alg)}</small>`,
    state(...STATES[is]),
    drawMoment(active_from, now),
    html`${until === undefined ? html`<span class="soft">no successor yet</span>` : drawMoment(until, now)}`,
    html`${canRetire ? html`<a class="button" href="${address('/do/retire-key', { kid })}">Retire…<span class="unseen"> ${kid}</span></a>` : NOTHING}`,
  ];
}

const WIDTH = 640;
const NAMES = 110;
const ROW = 26;

/** More keys than these are a list, and no picture. */
const MOST_DRAWN = 16;

function drawLine(all: readonly Key[], now: number): Html {
  const keys = all.slice(0, MOST_DRAWN);
  const known = keys.flatMap(({ active_from, until }) => [
    active_from,
    ...(until === undefined ? [] : [until]),
  ]);
  const from = Math.min(now - DAY, ...known);
  const to = Math.max(now + DAY, ...known) + (now - from) * 0.05;
  const x = (at: number): number =>
    Math.round(
      (NAMES + ((WIDTH - NAMES) * (Math.min(Math.max(at, from), to) - from)) / (to - from)) * 10,
    ) / 10;
  const height = keys.length * ROW + 30;
  const bars = keys.map(({ kid, alg, state: is, active_from, until }, index) => {
    const start = x(active_from);
    const width = Math.max(3, x(until ?? to) - start);
    return html`<text class="faint" x="0" y="${String(index * ROW + 17)}">${alg.slice(0, 8)} ${kid.slice(0, 6)}…</text><rect class="bar ${is}" x="${String(start)}" y="${String(index * ROW + 6)}" width="${String(width)}" height="14" rx="5"/>`;
  });
  const here = String(x(now));
  const bottom = String(height - 22);
  return html`<div class="times"><svg viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-label="${`From when to when each of ${all.length} keys signs, ${printMoment(from)} to ${printMoment(to)} UTC; the same is in the table`}">
${bars}<line class="nowline" x1="${here}" x2="${here}" y1="0" y2="${bottom}"/><text class="faint" x="${here}" y="${String(height - 6)}" text-anchor="${x(now) > WIDTH - 60 ? 'end' : 'middle'}">now</text></svg></div>
`;
}

export const KEY_PAGES: readonly PageEntry[] = [
  { path: '/keys', names: [], place: '/keys', draw: drawKeys },
];
