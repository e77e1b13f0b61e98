// What is in force, without its secrets, and what the last reload made of it.

import type { Answers, Ask } from '../../../../admin/api/answers.ts';
import { Unavailable } from '../../../../protocol/errors.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment } from '../moment.ts';
import { drawNotice } from '../notices.ts';
import { address, card, code, empty, type Fact, facts, NOTHING, state, value } from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';

type Record = Answers['queryAudit']['records'][number];

/** The latest event of a type that is a fitting one, or else the latest; `unknown` where nobody can tell. */
async function findLatest(
  ask: Ask,
  type: string,
  isFitting: (record: Record) => boolean,
): Promise<Record | 'unknown' | undefined> {
  try {
    const { body } = await ask('queryAudit', { query: { type, limit: MOST_LOOKED_AT } });
    return body.records.find(isFitting) ?? body.records[0];
  } catch (error) {
    if (error instanceof Unavailable) return 'unknown';
    throw error;
  }
}

/** Files are read more often than they change: the latest reload that changed something. */
const findReload = (ask: Ask): Promise<Record | 'unknown' | undefined> =>
  findLatest(ask, 'configuration.reloaded', ({ event }) =>
    CHANGES.some(([member]) => typeof event[member] === 'string'),
  );

const MOST_LOOKED_AT = '20';

async function drawConfiguration({ given, ask, viewer, now }: Visit): Promise<Sheet> {
  const [{ body }, reloaded, refused] = await Promise.all([
    ask('readConfiguration'),
    findReload(ask),
    findLatest(ask, 'configuration.refused', () => true),
  ]);
  const { configuration, files, outdated, restart_needed: waiting } = body;
  return {
    title: 'Configuration',
    main: html`<h1>Configuration ${drawCurrency(body)}</h1>
<p class="lead">What is in force, with every default. Secrets are not shown, and lengths of time are in seconds.</p>
${drawNotice(given)}${outdated ? drawOutdated(refused, now) : NOTHING}${drawWaiting(waiting)}${viewer.role === 'write' ? html`<div class="row"><a class="button" href="${address('/do/reload')}">Read the files again…</a></div>\n` : NOTHING}${card('Last reload', drawReload(reloaded, now))}${card('Read from', html`<ul class="chips" role="list">${files.map((file) => html`<li>${code(file)}</li>`)}</ul>`)}
${Object.entries(configuration).map(([name, section]) => drawSection(name, section))}`,
  };
}

function drawOutdated(refused: Record | 'unknown' | undefined, now: number): Html {
  const problems =
    refused === undefined || refused === 'unknown' ? undefined : refused.event['problems'];
  return html`<div class="problem"><p>The files say something else than what is in force, and could not be taken${refused === undefined || refused === 'unknown' ? '' : html`: ${drawMoment(Math.floor(refused.at / 1000), now)}`}</p>${
    typeof problems === 'string'
      ? html`<pre>${problems.slice(0, 8000)}</pre>`
      : html`<p>The log says why.</p>`
  }</div>
`;
}

/** Whether what the files say is in force. */
export function drawCurrency({ outdated, restart_needed: waiting }: Currency): Html {
  if (outdated) return state('alarm', 'outdated');
  return waiting.length === 0 ? state('good', 'current') : state('care', 'restart needed');
}

type Currency = Pick<Answers['readConfiguration'], 'outdated' | 'restart_needed'>;

const drawWaiting = (waiting: readonly string[]): Html =>
  waiting.length === 0
    ? html``
    : html`<p class="warning">The files give these options other values than they have, which count from a restart on: ${value(waiting.join(', '), 4000)}.</p>\n`;

const CHANGES = [
  ['options', 'Options'],
  ['files', 'Contents of files'],
  ['clients_added', 'Clients added'],
  ['clients_removed', 'Clients removed'],
  ['clients_changed', 'Clients changed'],
] as const;

function drawReload(reloaded: Record | 'unknown' | undefined, now: number): Html {
  if (reloaded === 'unknown') return empty('Nobody can tell', 'The audit trail does not answer.');
  if (reloaded === undefined) {
    return empty(
      'None on record',
      'What is in force is what was read at the start, as far as the audit trail goes back.',
    );
  }
  const changes = CHANGES.map(([member, name]): Fact | undefined => {
    const told = reloaded.event[member];
    return typeof told === 'string' ? [name, value(told, 4000)] : undefined;
  });
  return facts([['When', drawMoment(Math.floor(reloaded.at / 1000), now)], ...changes]);
}

const drawSection = (name: string, section: unknown): Html =>
  typeof section === 'object' && section !== null
    ? html`<section class="card"><h2>${name}</h2>
<pre>${printTree(section, '')}</pre></section>
`
    : html`<section class="card"><h2>${name}</h2>
<p>${value(String(section), 1000)}</p></section>
`;

/** As YAML has it, near enough to be compared by eye. */
function printTree(node: unknown, indent: string): string {
  if (typeof node !== 'object' || node === null) return JSON.stringify(node) ?? '';
  const members = Array.isArray(node)
    ? node.map((one) => ['-', one] as const)
    : Object.entries(node).map(([name, one]) => [`${name}:`, one] as const);
  if (members.length === 0) return Array.isArray(node) ? '[]' : '{}';
  return members
    .map(([head, one]) => {
      const isTree = typeof one === 'object' && one !== null && Object.keys(one).length > 0;
      return isTree
        ? `${indent}${head}\n${printTree(one, `${indent}  `)}`
        : `${indent}${head} ${printTree(one, '')}`;
    })
    .join('\n');
}

export const CONFIGURATION_PAGES: readonly PageEntry[] = [
  { path: '/configuration', names: [], place: '/configuration', draw: drawConfiguration },
];
