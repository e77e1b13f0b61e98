// End-Users: what each userinfo backend says of one, and those that the issuer keeps itself.

import type { Answers } from '../../../../admin/api/answers.ts';
import { AdminRefusal } from '../../../../admin/refusal.ts';
import { present } from '../../../../protocol/present.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment, printLength } from '../moment.ts';
import { drawNotice } from '../notices.ts';
import {
  address,
  card,
  empty,
  type Fact,
  facts,
  json,
  link,
  NOTHING,
  pager,
  search,
  state,
  table,
  value,
} from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';

type User = Answers['readUser'];
type Backend = User['backends'][number];

async function drawUsers(visit: Visit): Promise<Sheet> {
  const { given, viewer } = visit;
  const sub = given['sub'] || undefined;
  const content = sub === undefined ? await drawStored(visit) : await drawUser(sub, visit);
  const flush = html`<div class="row"><a class="button" href="${address('/do/flush', { sub })}">${sub === undefined ? 'Forget all remembered answers…' : 'Forget what backends remember of them…'}</a></div>\n`;
  return {
    title: 'Users',
    main: html`<h1>Users</h1>
<p class="lead">What the userinfo backends say of an End-User, one by one and together. Asking leaves no trace with them but a question.</p>
${drawNotice(given)}${search('/users', [{ name: 'sub', label: 'End-User (subject)', value: sub }], 'Look up')}${content}${viewer.role === 'write' ? flush : NOTHING}`,
  };
}

async function drawStored({ given, ask, now }: Visit): Promise<Html> {
  const found = await ask('listUsers', { query: present({ after: given['after'] }) }).catch(
    (error: unknown) => {
      // Without a backend `store` there is no list, and that is nobody's fault.
      if (error instanceof AdminRefusal && error.code === 'conflict') return undefined;
      throw error;
    },
  );
  if (found === undefined) {
    return html`<div class="card">${empty('Look somebody up', 'Backends are asked for one subject at a time. Those that the issuer keeps itself would be listed here, with { type: store } among userinfo.backends.')}</div>\n`;
  }
  const { users, next } = found.body;
  const rows = users.map(({ sub, claims, disabled, changed_at }) => [
    link(address('/users', { sub }), value(sub, 80)),
    json(claims['name'] ?? ''),
    disabled ? state('care', 'disabled') : state('good', 'enabled'),
    drawMoment(changed_at, now),
  ]);
  const columns = [{ name: 'End-User' }, { name: 'Name' }, { name: 'State' }, { name: 'Changed' }];
  const list =
    rows.length === 0
      ? empty('Nobody is kept yet', 'Whoever is put into the backend store will be here.')
      : table('End-Users of the backend store', columns, rows);
  return html`${card(
    'Kept by this issuer',
    html`<p class="soft">To create or to change one is for the Admin API (<code>PUT /admin/v1/users/{sub}</code>): here they are disabled, enabled and deleted.</p>
${list}`,
  )}${pager('/users', {}, given['after'], next)}`;
}

async function drawUser(sub: string, { ask, viewer, now }: Visit): Promise<Html> {
  const { body: user } = await ask('readUser', { names: { sub } });
  const { exists, claims, backends, stored } = user;
  return html`<section class="card"><h2>${value(sub)}</h2>
<p>${drawExistence(exists)}</p>
<div class="row">${link(address('/authorizations', { subject: sub }), 'Authorizations')}${link(address('/sessions', { subject: sub }), 'Sessions')}${link(address('/audit', { subject: sub }), 'Audit trail')}</div>
${claims === undefined || Object.keys(claims).length === 0 ? NOTHING : html`<h2>Claims of all backends together</h2>\n${facts(toFacts(claims))}`}</section>
${backends.map((backend, index) => drawBackend(backend, index))}${stored === undefined ? NOTHING : drawKept(stored, viewer.role === 'write', now)}`;
}

function drawExistence(exists: boolean | undefined): Html {
  if (exists === undefined) return state('alarm', 'nobody knows: a backend failed');
  return exists ? state('good', 'is let in') : state('care', 'is not let in');
}

const toFacts = (claims: object): readonly Fact[] =>
  Object.entries(claims).map(([name, of]) => [name, json(of)] as const);

const OUTCOMES = {
  known: ['good', 'knows them'],
  unknown: ['plain', 'does not know them'],
  disabled: ['care', 'knows them as disabled'],
  failed: ['alarm', 'failed'],
} as const;

function drawBackend(backend: Backend, index: number): Html {
  const { type, outcome, proves_existence, claims, cached, problem } = backend;
  const [tone, text] = OUTCOMES[outcome];
  return html`<section class="card"><h2>${String(index + 1)} · ${value(type)} ${state(tone, text)}</h2>
${problem === undefined ? NOTHING : html`<p class="problem">${value(problem)}</p>\n`}${facts([
  ['Proves that they exist', html`${proves_existence ? 'yes' : 'no'}`],
  cached === undefined
    ? undefined
    : [
        'Remembered',
        html`for ${printLength(cached.age)}, ${cached.fresh ? 'and answered from that' : 'and asked again'}`,
      ],
  ...toFacts(claims ?? {}),
])}</section>
`;
}

function drawKept(
  { sub, disabled, created_at, changed_at }: NonNullable<User['stored']>,
  canWrite: boolean,
  now: number,
): Html {
  const toggle = disabled ? 'enable-user' : 'disable-user';
  return card(
    'Kept by this issuer',
    html`${facts([
      ['State', disabled ? state('care', 'disabled') : state('good', 'enabled')],
      ['Created', drawMoment(created_at, now)],
      ['Changed', drawMoment(changed_at, now)],
    ])}${
      canWrite
        ? html`<div class="row"><a class="button" href="${address(`/do/${toggle}`, { sub })}">${disabled ? 'Enable…' : 'Disable…'}</a><a class="button" href="${address('/do/delete-user', { sub })}">Delete…</a></div>\n`
        : NOTHING
    }`,
  );
}

export const USER_PAGES: readonly PageEntry[] = [
  { path: '/users', names: ['sub', 'after'], place: '/users', draw: drawUsers },
];
