// The audit trail: what was granted, refused and changed, by what one is looking for.

import type { Answers } from '../../../../admin/api/answers.ts';
import { AdminRefusal } from '../../../../admin/refusal.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment } from '../moment.ts';
import {
  address,
  code,
  empty,
  link,
  NOTHING,
  pager,
  search,
  state,
  type Tone,
  table,
  value,
} from '../parts.ts';
import type { Given, PageEntry, Visit } from '../visit.ts';

type Entry = Answers['queryAudit']['records'][number];

const FILTERS = ['type', 'client_id', 'subject', 'request_id', 'from', 'until'] as const;

/** Those that somebody looks for at night; any other can be typed. */
const TYPES = [
  ...['authorization.granted', 'authorization.refused', 'authorization.ended'],
  ...['token.issued', 'token.refused', 'identity.refused', 'session.ended', 'user_code.refused'],
  ...['client.registered', 'client.changed', 'client.deleted', 'registration.refused'],
  ...['consent.given', 'consent.denied', 'logout.delivered', 'logout.failed'],
  ...['keys.rotated', 'key.retired', 'configuration.reloaded', 'configuration.refused'],
  ...['admin.refused', 'certificate.refused'],
];

const MOMENT = /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?Z?$/;

/** Seconds since 1970, as text; undefined for what says no moment. @param text in UTC. */
export function parseMoment(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const [day = '', time = '00:00'] = text.replace('Z', '').split(/[ T]/);
  const at = Date.parse(`${day}T${time}Z`) / 1000;
  if (MOMENT.test(text) && !Number.isNaN(at) && at >= 0) return String(at);
  throw new AdminRefusal('invalid_request', 'a time is written as in 2027-01-31 10:20, in UTC');
}

async function drawAudit({ given, ask, now }: Visit): Promise<Sheet> {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, given[name] ?? '']));
  const { body } = await ask('queryAudit', {
    query: {
      ...filter,
      from: parseMoment(given['from']),
      until: parseMoment(given['until']),
      after: given['after'],
    },
  });
  const isFiltered = Object.values(filter).some((text) => text !== '');
  const columns = [
    ...[{ name: 'When' }, { name: 'What' }, { name: 'Who and which' }, { name: 'Request' }],
  ];
  const list =
    body.records.length > 0
      ? table(
          'Events',
          columns,
          body.records.map((record) => drawRecord(record, now)),
        )
      : isFiltered
        ? empty(
            'Nothing of this kind',
            'No event on record fits. Older ones are where the sinks of the audit trail have them.',
          )
        : empty('Nothing on record yet', 'Whatever is granted, refused or changed will be here.');
  return {
    title: 'Audit',
    main: html`<h1>Audit trail</h1>
<p class="lead">What was granted, refused and changed, newest first. A request id leads to everything that came of one request, here and in the log.</p>
${drawFilters(filter)}<div class="card">${list}</div>
${pager('/audit', filter, given['after'], body.next)}`,
  };
}

const drawFilters = (filter: Given): Html =>
  search(
    '/audit',
    [
      { name: 'type', label: 'Type', value: filter['type'], options: TYPES, hint: 'any' },
      { name: 'client_id', label: 'Client (client_id)', value: filter['client_id'] },
      { name: 'subject', label: 'End-User (subject)', value: filter['subject'] },
      { name: 'request_id', label: 'Request id', value: filter['request_id'] },
      { name: 'from', label: 'From (UTC)', value: filter['from'], hint: '2027-01-31 10:20' },
      { name: 'until', label: 'Until (UTC)', value: filter['until'], hint: '2027-01-31 10:25' },
    ],
    'Filter',
  );

const toneOf = (type: string): Tone => {
  if (type.endsWith('.refused') || type.endsWith('.failed')) return 'alarm';
  if (/\.(?:ended|denied|deleted|retired|withdrawn)$/.test(type)) return 'care';
  return /\.(?:granted|issued|given|delivered)$/.test(type) ? 'good' : 'plain';
};

const OWN: ReadonlySet<string> = new Set(['type', 'request_id']);

const LINKS: Readonly<Record<string, (text: string) => string>> = {
  client_id: (text) => address('/client', { client_id: text }),
  subject: (text) => address('/users', { sub: text }),
};

function drawRecord({ at, event, peer, trace_id, worker }: Entry, now: number): readonly Html[] {
  const type = String(event['type'] ?? '');
  const members = Object.entries({ ...event, ...(peer === undefined ? {} : { peer }) }).filter(
    ([name]) => !OWN.has(name),
  );
  const request = event['request_id'];
  return [
    drawMoment(Math.floor(at / 1000), now),
    html`${state(toneOf(type), type)}`,
    html`${members.map(([name, of]) => html`<div><span class="label">${name}</span> ${drawMember(name, of)}</div>`)}`,
    html`${typeof request === 'string' ? link(address('/audit', { request_id: request }), code(request, 40)) : NOTHING}${
      trace_id === undefined
        ? NOTHING
        : html`<small class="soft">trace ${code(trace_id, 40)}</small>`
    }${worker === undefined ? NOTHING : html`<small class="soft">worker ${String(worker)}</small>`}`,
  ];
}

function drawMember(name: string, of: unknown): Html {
  const text = typeof of === 'string' ? of : JSON.stringify(of);
  const to = Object.hasOwn(LINKS, name) ? LINKS[name]?.(text) : undefined;
  return to === undefined ? value(text) : link(to, value(text, 80));
}

export const AUDIT_PAGES: readonly PageEntry[] = [
  { path: '/audit', names: [...FILTERS, 'after'], place: '/audit', draw: drawAudit },
];
