// What the latest requests said of who somebody is, which check they failed, and the line of a proxy that
// mends it. Of values only lengths and hashes are known.

import type { IdentityReport } from '../../../../admin/identity-log.ts';
import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { drawMoment } from '../moment.ts';
import {
  address,
  code,
  empty,
  facts,
  link,
  NOTHING,
  state,
  type Tone,
  table,
  value,
} from '../parts.ts';
import type { PageEntry, Visit } from '../visit.ts';

const OUTCOMES: {
  readonly [Outcome in IdentityReport['outcome']]: readonly [Tone, string];
} = {
  identified: ['good', 'an End-User was named'],
  anonymous: ['care', 'nobody was named'],
  refused: ['alarm', 'refused'],
};

const HOW = {
  exact: 'as configured',
  alias: 'another spelling of it',
  connection: 'named by Connection',
};

async function drawIdentity({ sources, now }: Visit): Promise<Sheet> {
  const requests = await sources.identities();
  const list =
    requests.length === 0
      ? html`<div class="card">${empty('No request came that reads an identity', 'Open a page of the issuer through the proxy, such as its authorization endpoint, and look here again. Requests are remembered for ten minutes.')}</div>\n`
      : html`${requests.map((request, index) => drawRequest(request, index === 0, now))}`;
  return {
    title: 'Identity',
    main: html`<h1>Identity explainer</h1>
<p class="lead">What the latest requests brought that should say who the End-User is, what became of it, and what to write in the proxy’s configuration where something is wrong. Values are never shown: equal hashes are equal values. The latest request is the first.</p>
${list}`,
  };
}

/** One line each, but for the latest: whoever looks here has just sent it. */
function drawRequest(request: IdentityReport, isOpen: boolean, now: number): Html {
  const { at, request_id, route, peer, outcome, failed, advice } = request;
  return html`<details class="card"${isOpen ? OPEN : NOTHING}><summary><h2>${value(route)} ${state(...OUTCOMES[outcome])}</h2> <span>${drawMoment(at, now)}</span></summary>
${advice === undefined ? NOTHING : html`<p class="${outcome === 'refused' ? 'problem' : 'warning'}">${advice.sentence}</p>\n${advice.line === undefined ? NOTHING : html`<p class="soft">For nginx:</p>\n<pre>${advice.line}</pre>\n`}`}${facts(
  [
    ['Connection from', html`${peer === undefined ? 'a Unix socket' : value(peer)}`],
    failed === undefined ? undefined : ['Failed check', code(failed)],
    ['Request', link(address('/audit', { request_id }), code(request_id, 40))],
  ],
)}${drawLines(request)}${drawHeaders(request)}</details>
`;
}

const OPEN = html` open`;

function drawLines({ lines }: IdentityReport): Html {
  if (lines.length === 0) {
    return html`<p class="soft">No header came that the configuration names.</p>\n`;
  }
  const columns = [
    ...[{ name: 'Header' }, { name: 'How it came' }, { name: 'Length' }, { name: 'Hash' }],
  ];
  return table(
    'Lines that the configuration names',
    columns,
    lines.map(({ header, how, length, hash }) => [
      code(header),
      html`${Object.hasOwn(HOW, how) ? HOW[how as keyof typeof HOW] : how}`,
      html`${String(length)}`,
      code(hash),
    ]),
  );
}

const MOST_HEADERS = 60;

const drawHeaders = ({ headers, request_id }: IdentityReport): Html =>
  html`<details><summary>All ${String(headers.length)} headers, and how long each was<span class="unseen">, request ${request_id}</span></summary>
<ul class="chips" role="list">${headers.slice(0, MOST_HEADERS).map(({ name, length }) => html`<li>${code(name, 60)} ${String(length)}</li>`)}</ul></details>
`;

export const IDENTITY_PAGES: readonly PageEntry[] = [
  { path: '/identity', names: [], place: '/identity', draw: drawIdentity },
];
