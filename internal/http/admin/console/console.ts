// The console: who is it, may they, and which page. Everything that is shown comes of operations of the Admin
// API, asked as functions on behalf of whoever signed in, and everything that is done is done by them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createAsk } from '../../../admin/api/answers.ts';
import type { ApiRoute } from '../../../admin/api/api.ts';
import type { Caller, Recognise, Remembering } from '../../../admin/caller.ts';
import { AdminRefusal } from '../../../admin/refusal.ts';
import type { Audit } from '../../../audit/events.ts';
import { ID_BYTES, type Random } from '../../../protocol/random.ts';
import type { Clock } from '../../../protocol/time.ts';
import type { Log } from '../../../telemetry/log.ts';
import type { Underway } from '../../../telemetry/underway.ts';
import { html } from '../../pages/html.ts';
import { isOwnHost } from '../guard.ts';
import type { FindSans } from '../sans.ts';
import {
  type Arrival,
  isFromElsewhere,
  openArrival,
  readFields,
  readGiven,
  toOwnTarget,
} from './arrival.ts';
import { answerDoor, askWho, checkForm } from './door.ts';
import { createHall, deny, type Hall, type Known } from './hall.ts';
import { identify } from './identify.ts';
import { drawSheet } from './layout.ts';
import { drawConfirmation, drawPassage } from './pages/sign-in.ts';
import { ACTS_PATH, CONSOLE_ACTS, CONSOLE_PAGES } from './pages.ts';
import { address } from './parts.ts';
import { problem, type Reply, send, toReply } from './reply.ts';
import type { Seals } from './session.ts';
import type { Act, Given, Sources, Visit } from './visit.ts';

/** What the console needs of an issuer once somebody asks for it. */
export type OpenedConsole = {
  readonly routes: readonly ApiRoute[];
  readonly recognise: Recognise;
  readonly remembering: Remembering;
  readonly seals: Seals;
  readonly leaving: Leaving;
  readonly sources: Sources;
};

/** Sessions that were signed out of before they were over; both throw `Unavailable`. */
export type Leaving = {
  leave(id: string): Promise<void>;
  /** @param begunAt a store that forgot since then says yes. */
  hasLeft(id: string, begunAt: number): Promise<boolean>;
};

export type ConsoleTerms = {
  /** Loaded with the first visit. */
  readonly open: () => Promise<OpenedConsole>;
  /** False: there is none, as the configuration of the moment has it. */
  readonly isOn: () => boolean;
  /** Names that it may be called by, beside addresses. */
  readonly hosts: () => readonly string[];
  /** Seconds that a sign-in counts. */
  readonly lifetime: () => number;
  readonly issuer: string;
  readonly audit: Audit;
  /** Where visitors come from: what they change is on record with it. */
  readonly calls: Pick<Underway, 'begin' | 'end'>;
  readonly random: Random;
  readonly now: Clock;
};

/** With what only the listener knows. */
export type HallTerms = ConsoleTerms & { readonly findSans: FindSans };

/** Answers everything below the prefix. */
export function createConsole(
  terms: HallTerms,
  opened: OpenedConsole,
  log: Log,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const hall = createHall(terms, opened);
  return async (request, response) => {
    const arrival = openArrival(request, terms.random(ID_BYTES));
    const { requestId, peer } = arrival;
    terms.calls.begin(requestId, { peer: peer || undefined, traceId: undefined });
    const { reply, known } = await answer(arrival, hall);
    terms.calls.end(requestId);
    if ('error' in reply && reply.sheet.status === 500) {
      const error = reply.error instanceof Error ? reply.error : undefined;
      log.error({ error }, 'a page of the console failed');
    }
    send(response, reply, (sheet) =>
      drawSheet(sheet, {
        issuer: terms.issuer,
        nonce: terms.random(ID_BYTES),
        viewer: known?.viewer,
        banner: known?.isLimited === true ? LIMITED : undefined,
      }),
    );
  };
}

type Answer = { readonly reply: Reply; readonly known?: Known | undefined };

/** Never throws. */
async function answer(arrival: Arrival, hall: Hall): Promise<Answer> {
  let known: Known | undefined;
  try {
    const own = findOwn(arrival, hall.terms) ?? (await answerDoor(arrival, hall));
    if (own !== undefined) return { reply: own };
    known = await identify(arrival, hall);
    if (known === undefined) return { reply: askWho(arrival, hall) };
    return { reply: await answerKnown(arrival, known, hall), known };
  } catch (error) {
    if (known !== undefined) noteRefusal(error, known.caller, arrival, hall);
    return { reply: toReply(error, arrival.requestId), known };
  }
}

const LIMITED = html`<p class="warning">The store does not answer, and so nobody can tell whether this sign-in has ended. You can look at what needs no store, and change nothing.</p>
`;

/** What any request is answered before somebody is asked for. */
function findOwn(arrival: Arrival, { hosts }: ConsoleTerms): Reply | undefined {
  const { headers, method } = arrival;
  if (!isOwnHost(headers['host'], hosts())) {
    return problem(
      421,
      'The Host has to be localhost, an address, or one of admin.hosts: names could be pointed here by others.',
    );
  }
  if (method === 'GET' && isFromElsewhere(arrival)) {
    const to = toOwnTarget(arrival);
    return { kind: 'sheet', sheet: drawPassage(to), headers: { Refresh: `0; url=${to}` } };
  }
  if (method !== undefined) return undefined;
  return {
    ...problem(405, 'Pages are read and forms are sent, and nothing else.'),
    headers: { Allow: 'GET, POST' },
  };
}

async function answerKnown(arrival: Arrival, known: Known, hall: Hall): Promise<Reply> {
  const { path, method, query } = arrival;
  const act = path.startsWith(ACTS_PATH)
    ? CONSOLE_ACTS.find(({ word }) => word === path.slice(ACTS_PATH.length))
    : undefined;
  if (act !== undefined) return answerAct(act, arrival, known, hall);
  const page = CONSOLE_PAGES.find((one) => one.path === path);
  if (page === undefined) return problem(404, 'There is no such page.');
  if (method === 'POST') {
    return { ...problem(405, 'This page only shows.'), headers: { Allow: 'GET' } };
  }
  const sheet = await page.draw(toVisit(readGiven(query, page.names), arrival, known, hall));
  return { kind: 'sheet', sheet: { place: page.place, ...sheet } };
}

async function answerAct(act: Act, arrival: Arrival, known: Known, hall: Hall): Promise<Reply> {
  const { names, place } = act;
  if (known.caller.role !== 'write') {
    throw new AdminRefusal('insufficient_role', READ_ONLY);
  }
  if (arrival.method === 'GET') {
    const given = readGiven(arrival.query, names);
    const confirmation = await act.confirm(toVisit(given, arrival, known, hall));
    const fields = names.map((name) => [name, given[name] ?? ''] as const);
    const proof = ['proof', known.viewer.proof] as const;
    const sheet = drawConfirmation(confirmation, address(`${ACTS_PATH}${act.word}`), [
      proof,
      ...fields,
    ]);
    return { kind: 'sheet', sheet: { place, ...sheet } };
  }
  const { proof = '', ...given } = await readFields(arrival, [...names, 'proof']);
  checkForm(arrival, known, proof, hall);
  const done = await act.run(toVisit(given, arrival, known, hall));
  return 'to' in done
    ? { kind: 'redirect', to: done.to }
    : { kind: 'sheet', sheet: { place, ...done.sheet } };
}

const READ_ONLY =
  'The role of this credential is read, and this changes something: sign in with one whose role is write.';

function toVisit(
  given: Given,
  { requestId }: Arrival,
  known: Known,
  { terms, opened }: Hall,
): Visit {
  const { caller, viewer } = known;
  return {
    ...{ given, viewer, now: terms.now() },
    ask: createAsk(opened.routes, { caller, requestId }),
    sources: opened.sources,
  };
}

function noteRefusal(error: unknown, { name }: Caller, arrival: Arrival, hall: Hall): void {
  if (!(error instanceof AdminRefusal) || error.code !== 'insufficient_role') return;
  const denied = { error: error.code, reason: 'admin_role_insufficient', actor: name };
  deny(arrival, denied, hall);
}
