// /review: what the End-User has granted to whom, since when and used when, and an end to one or all of it.
// Looking changes nothing; each button is a form with a sealed handle, and leads back to the page.

import { invalidRequest } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import { readParam, readRequiredParam } from '../../protocol/params.ts';
import type { Granted } from '../../store/granted.ts';
import { isPrefetch, prefetchPage } from '../authorize/authorize.ts';
import { shownToAnother } from '../authorize/deny.ts';
import { readHandle } from '../authorize/pending.ts';
import { cameBack, nobodyPage } from '../authorize/sign-in.ts';
import { LOGIN_ATTEMPT } from '../authorize/way-back.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { checkNavigation } from '../logout/end-session.ts';
import { findVisitor } from '../logout/visitor.ts';
import { pageUrl } from '../paths.ts';
import { appendQuery } from '../query.ts';
import { fillTemplate } from '../template.ts';
import { DONE, findNotice, sealNotice } from './notice.ts';
import { toApplications } from './overview.ts';
import { openTarget, type Showing, sealTarget, TARGET_TTL, type Target } from './target.ts';
import { withdraw } from './withdraw.ts';

/** GET shows it; a POST ends what its handle names. */
export const createReviewEndpoint =
  (deps: Deps): Endpoint =>
  async (http) => {
    if (isPrefetch(http)) return prefetchPage(http.requestId);
    checkNavigation(http);
    if (http.method === 'POST') return answerReview(http, deps);
    const { identity } = http;
    return identity === undefined ? askToSignIn(http, deps) : show(http, identity, deps);
  };

const UI_LOCALES = 'ui_locales';

/** Tags of languages, and nothing else that somebody could write into an address of ours. */
const LOCALES = /^[A-Za-z0-9 -]{1,100}$/;

function readLocales({ params }: Pick<ProtocolRequest, 'params'>): string | undefined {
  const text = readParam(params, UI_LOCALES);
  return text !== undefined && LOCALES.test(text) ? text : undefined;
}

type Query = ReadonlyArray<readonly [name: string, value: string]>;

const addressOf = (uiLocales: string | undefined, query: Query, { bases }: Deps): string =>
  appendQuery(pageUrl(bases, 'review'), [
    ...(uiLocales === undefined ? [] : [[UI_LOCALES, uiLocales] as const]),
    ...query,
  ]);

function askToSignIn(http: ProtocolRequest, deps: Deps): ProtocolResponse {
  const { loginUrl } = deps.policy();
  if (loginUrl === undefined || cameBack(http.params, deps.now()))
    return nobodyPage(http.requestId);
  const url = addressOf(readLocales(http), [[LOGIN_ATTEMPT, String(deps.now())]], deps);
  return { kind: 'redirect', location: fillTemplate(loginUrl, { url }) };
}

async function show(
  http: ProtocolRequest,
  { subject }: Identity,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { store, now, policy } = deps;
  const granted = await store.listGranted(subject, now());
  const clients = await findClients(granted, deps);
  const showing: Showing = { subject, shownAt: now(), uiLocales: readLocales(http) };
  const seal = (target: Target) => sealTarget(showing, target, deps);
  const applications = toApplications(granted, {
    clientOf: (id) => clients.get(id),
    scopes: policy().scopes,
    here: findVisitor(http, deps).current?.sid,
    seal,
  });
  if (http.params.has('all') && applications.length > 0) {
    const clientNames = applications.map(({ clientName }) => clientName);
    const handle = seal({ kind: 'everything' });
    return {
      kind: 'page',
      status: 200,
      page: { kind: 'review_all', subject, clientNames, handle },
    };
  }
  const notice = await findNotice(http.params, subject, deps);
  const { isPartial } = granted;
  return {
    kind: 'page',
    status: 200,
    page: { kind: 'review', subject, notice, applications, isPartial },
  };
}

async function findClients({ authorizations, consents }: Granted, { findClient }: Deps) {
  const ids = new Set([...authorizations, ...consents].map(({ clientId }) => clientId));
  const found = await Promise.all([...ids].map(async (id) => [id, await findClient(id)] as const));
  return new Map(found);
}

/** By the End-User who was shown it and nobody else; a second click ends nothing that came after the first. */
async function answerReview(http: ProtocolRequest, deps: Deps): Promise<ProtocolResponse> {
  const { store } = deps;
  const { id, subject, target, uiLocales } = openTarget(readHandle(http.params), deps);
  const { identity } = http;
  if (identity?.subject !== subject) throw shownToAnother();
  const back = (query: Query): ProtocolResponse => ({
    kind: 'redirect',
    location: addressOf(uiLocales, query, deps),
  });
  switch (readRequiredParam(http.params, 'decision')) {
    case 'keep':
      return back([]);
    case 'end':
      break;
    default:
      throw invalidRequest({ reason: 'decision_unknown' });
  }
  const done = () => back([[DONE, sealNotice(subject, target, deps)]]);
  if (await store.happened('reviewed', id)) return done();
  await withdraw(identity.subject, target, http.requestId, deps);
  // Only now: whoever could not end it after all can press the button again.
  await store.once('reviewed', id, TARGET_TTL);
  return done();
}
