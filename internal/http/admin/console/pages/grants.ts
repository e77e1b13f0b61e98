// What End-Users granted to clients, and the sessions that it belongs to; whoever writes can end either.

import { present } from '../../../../protocol/present.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment } from '../moment.ts';
import { drawNotice } from '../notices.ts';
import {
  address,
  code,
  empty,
  link,
  NOTHING,
  pager,
  search,
  state,
  table,
  value,
} from '../parts.ts';
import type { Given, PageEntry, Visit } from '../visit.ts';

const WHOSE = ['subject', 'client_id'] as const;

const whose = (given: Given) =>
  present({ subject: given['subject'] || undefined, client_id: given['client_id'] || undefined });

const isSaid = (given: Given): boolean => Object.keys(whose(given)).length > 0;

const drawSearch = (path: string, given: Given): Html =>
  search(path, [
    { name: 'subject', label: 'End-User (subject)', value: given['subject'] },
    { name: 'client_id', label: 'Client (client_id)', value: given['client_id'] },
  ]);

const people = (subject: string): Html =>
  link(address('/users', { sub: subject }), value(subject, 80));

const clients = (ids: readonly string[]): Html =>
  html`${ids.slice(0, MOST_CLIENTS).map((id) => html`<div>${link(address('/client', { client_id: id }), value(id, 60))}</div>`)}${
    ids.length > MOST_CLIENTS
      ? html`<small>and ${String(ids.length - MOST_CLIENTS)} more</small>`
      : NOTHING
  }`;

const MOST_CLIENTS = 5;

const endButton = (to: string, what: string): Html =>
  html`<a class="button" href="${to}">End…<span class="unseen"> ${what}</span></a>`;

async function drawAuthorizations({ given, ask, viewer, now }: Visit): Promise<Sheet> {
  const query = whose(given);
  const { body } = await ask('listAuthorizations', { query: { ...query, ...after(given) } });
  const canWrite = viewer.role === 'write';
  const rows = body.authorizations.map((one) => [
    people(one.subject),
    clients([one.client_id]),
    html`<ul class="chips" role="list">${one.scope.slice(0, 12).map((scope) => html`<li>${value(scope, 40)}</li>`)}</ul>${one.offline ? state('plain', 'offline') : NOTHING}`,
    drawMoment(one.granted_at, now),
    html`${one.used_at === undefined ? 'never' : drawMoment(one.used_at, now)}`,
    drawMoment(one.expires_at, now),
    html`${canWrite ? endButton(address('/do/end-authorization', { id: one.id, ...query }), `${one.subject} at ${one.client_id}`) : link(address('/audit', { subject: one.subject, client_id: one.client_id }), 'Audit')}`,
  ]);
  const columns = [
    ...[{ name: 'End-User' }, { name: 'Client' }, { name: 'Scope' }, { name: 'Granted' }],
    ...[{ name: 'Last used' }, { name: 'Ends' }, { name: 'Actions', kind: 'acts' as const }],
  ];
  return {
    title: 'Authorizations',
    main: html`<h1>Authorizations</h1>
<p class="lead">What an End-User granted a client and still stands; to end one ends every token issued under it.</p>
${drawNotice(given)}${drawSearch('/authorizations', given)}<div class="card">${rows.length === 0 ? nothing(given, 'authorizations') : table('Authorizations', columns, rows)}</div>
${pager('/authorizations', query, given['after'], body.next)}${canWrite && isSaid(given) && rows.length > 0 ? endAll('/do/end-authorizations', query, 'End all of these…') : NOTHING}`,
  };
}

async function drawSessions({ given, ask, viewer, now }: Visit): Promise<Sheet> {
  const query = whose(given);
  const { body } = await ask('listSessions', { query: { ...query, ...after(given) } });
  const canWrite = viewer.role === 'write';
  const rows = body.sessions.map((one) => [
    html`${people(one.subject)}<small class="soft">${code(one.sid, 32)}</small>`,
    clients(one.client_ids),
    html`${String(one.authorizations)}${one.offline > 0 ? html`<small class="soft">${String(one.offline)} offline</small>` : NOTHING}`,
    drawMoment(one.since, now),
    html`${one.used_at === undefined ? 'never' : drawMoment(one.used_at, now)}`,
    drawMoment(one.expires_at, now),
    html`${canWrite ? endButton(address('/do/end-session', { sid: one.sid, subject: one.subject }), `the session of ${one.subject}`) : link(address('/audit', { subject: one.subject }), 'Audit')}`,
  ]);
  const columns = [
    ...[{ name: 'End-User' }, { name: 'Clients' }, { name: 'Grants' }, { name: 'Since' }],
    ...[{ name: 'Last used' }, { name: 'Ends' }, { name: 'Actions', kind: 'acts' as const }],
  ];
  const { subject } = query;
  return {
    title: 'Sessions',
    main: html`<h1>Sessions</h1>
<p class="lead">Browsers in which something still stands. To end one is to sign its End-User out: its clients are told.</p>
${drawNotice(given)}${drawSearch('/sessions', given)}<div class="card">${rows.length === 0 ? nothing(given, 'sessions') : table('Sessions', columns, rows)}</div>
${pager('/sessions', query, given['after'], body.next)}${canWrite && subject !== undefined && rows.length > 0 ? endAll('/do/end-sessions', { subject }, 'End all sessions of this End-User…') : NOTHING}`,
  };
}

const after = (given: Given) => present({ after: given['after'] || undefined });

const endAll = (path: string, query: Given, text: string): Html =>
  html`<div class="row"><a class="button" href="${address(path, query)}">${text}</a></div>\n`;

const nothing = (given: Given, what: string): Html =>
  isSaid(given)
    ? empty('None stand', `There are no ${what} of this name, or they have ended.`)
    : empty(`No ${what}`, 'Nobody has signed in to anything that still stands.');

const entry = (path: '/authorizations' | '/sessions', draw: PageEntry['draw']): PageEntry => ({
  ...{ path, place: path, draw },
  names: [...WHOSE, 'after'],
});

export const GRANT_PAGES: readonly PageEntry[] = [
  entry('/authorizations', drawAuthorizations),
  entry('/sessions', drawSessions),
];
