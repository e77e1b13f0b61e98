// Clients: which there are, and all that is known of one but its secrets.

import type { Answers } from '../../../../admin/api/answers.ts';
import { present } from '../../../../protocol/present.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment } from '../moment.ts';
import { drawNotice } from '../notices.ts';
import {
  address,
  card,
  code,
  empty,
  facts,
  json,
  link,
  NOTHING,
  pager,
  state,
  table,
  value,
} from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';

type Client = Answers['readClient'];

const MADE_BY = {
  file: 'clients.yaml',
  operator: 'an operator',
  itself: 'itself (RFC 7591)',
} as const;

const nameOf = ({ metadata, client_id }: Client): string => {
  const name = metadata['client_name'];
  return typeof name === 'string' && name !== '' ? name : client_id;
};

async function drawClients({ given, ask, now }: Visit): Promise<Sheet> {
  const { body } = await ask('listClients', { query: present({ after: given['after'] }) });
  const rows = body.clients.map((client) => [
    html`${link(address('/client', { client_id: client.client_id }), value(nameOf(client), 80))}<small class="soft">${code(client.client_id, 80)}</small>`,
    html`${MADE_BY[client.made_by]}`,
    html`${json(client.metadata['token_endpoint_auth_method'] ?? 'client_secret_basic')}`,
    html`${client.issued_at === undefined ? '' : drawMoment(client.issued_at, now)}`,
  ]);
  const columns = [
    ...[{ name: 'Client' }, { name: 'Registered by' }],
    ...[{ name: 'Authenticates by' }, { name: 'Since' }],
  ];
  const list =
    rows.length === 0
      ? empty('No clients', 'Nobody can sign in to anything yet: add one to clients.yaml.')
      : table('Clients', columns, rows);
  return {
    title: 'Clients',
    main: html`<h1>Clients</h1>
<p class="lead">Those of clients.yaml first, which change there and nowhere else; then those that are registered. To register or to change one is for the Admin API (<code>POST /admin/v1/clients</code>): here their secrets are changed over, and they are deleted.</p>
${drawNotice(given)}<div class="card">${list}</div>
${pager('/clients', {}, given['after'], body.next)}`,
  };
}

async function drawClient(visit: Visit): Promise<Sheet> {
  const { given, ask, viewer, now } = visit;
  const { body: client } = await ask('readClient', {
    names: { client_id: given['client_id'] ?? '' },
  });
  const { client_id } = client;
  const isOurs = client.made_by !== 'file' && viewer.role === 'write';
  return {
    title: 'Client',
    main: html`<h1>${value(nameOf(client))}</h1>
<p class="lead">${code(client_id)}</p>
${drawNotice(given)}${
  client.made_by === 'file'
    ? html`<p class="notice">This client is one of clients.yaml: it is changed there, and is only shown here.</p>\n`
    : NOTHING
}<div class="row">${link(address('/authorizations', { client_id }), 'Authorizations')}${link(address('/sessions', { client_id }), 'Sessions')}${link(address('/audit', { client_id }), 'Audit trail')}</div>
${card('Registered as', drawMetadata(client, now))}
${client.made_by === 'file' ? NOTHING : drawSecrets(client, visit)}
${isOurs ? html`<div class="row"><a class="button" href="${address('/do/delete-client', { client_id })}">Delete this client…</a></div>\n` : NOTHING}`,
  };
}

function drawMetadata(client: Client, now: number): Html {
  const { made_by, issued_at, expires_at, metadata } = client;
  return facts([
    ['Registered by', html`${MADE_BY[made_by]}`],
    issued_at === undefined ? undefined : ['Registered', drawMoment(issued_at, now)],
    expires_at === undefined ? undefined : ['Expires', drawMoment(expires_at, now)],
    ...Object.entries(metadata).map(([name, of]) => [name, drawMember(of)] as const),
  ]);
}

const MOST_LISTED = 30;

function drawMember(of: unknown): Html {
  if (!Array.isArray(of) || of.length === 0) return json(of);
  const rest = of.length - MOST_LISTED;
  return html`<ul class="chips" role="list">${of.slice(0, MOST_LISTED).map((one) => html`<li>${json(one)}</li>`)}${
    rest > 0 ? html`<li>and ${String(rest)} more</li>` : NOTHING
  }</ul>`;
}

function drawSecrets({ client_id, secrets }: Client, { viewer, now }: Visit): Html {
  const canWrite = viewer.role === 'write';
  const rows = secrets.map(({ secret_id, added_at }) => [
    code(secret_id),
    drawMoment(added_at, now),
    html`${
      canWrite && secrets.length > 1
        ? html`<a class="button" href="${address('/do/retire-secret', { client_id, secret_id })}">Retire…<span class="unseen"> ${secret_id}</span></a>`
        : state('good', 'counts')
    }`,
  ]);
  const columns = [{ name: 'Secret' }, { name: 'Added' }, { name: 'State', kind: 'acts' as const }];
  return card(
    'Secrets',
    html`${
      rows.length === 0
        ? empty('No secrets', 'This client authenticates by something else.')
        : table('Secrets that count', columns, rows)
    }${
      canWrite && rows.length === 1
        ? html`<p></p><div class="row"><a class="button" href="${address('/do/add-secret', { client_id })}">Add a second secret…</a></div>\n`
        : NOTHING
    }`,
  );
}

export const CLIENT_PAGES: readonly PageEntry[] = [
  { path: '/clients', names: ['after'], place: '/clients', draw: drawClients },
  { path: '/client', names: ['client_id'], place: '/clients', draw: drawClient },
];
