// An endpoint is asked, once everything that stands before it is decided: with what the request says, by the
// limits that it keeps to, and as one of those that wait for their answer.

import type { ProtocolResponse } from '../oidc/endpoint.ts';
import type { Identity } from '../protocol/identity.ts';
import { type Params, parseParams } from '../protocol/params.ts';
import type { Admitted } from './admission.ts';
import { readForm, readJson } from './body.ts';
import type { Exchange } from './exchange.ts';
import { inWordsFor, keepToLimits } from './limits.ts';
import { UI_LOCALES } from './pages/choose-language.ts';
import type { Route } from './routes.ts';
import type { Shedding } from './shedding.ts';

const NO_PARAMS: Params = new Map();

/** Undefined where too many wait for their answer already. */
export async function ask(
  { shedding }: { readonly shedding: Shedding },
  { route, endpoint, session, certificate, limits }: Admitted,
  identity: Identity | undefined,
  exchange: Exchange,
): Promise<ProtocolResponse | undefined> {
  const { request, headers, repeatedHeaders, requestId, segment } = exchange;
  const params = route?.params === 'form' ? await readForm(exchange) : readQuery(route, exchange);
  const body = route?.params === 'json' ? await readJson(exchange) : undefined;
  const method = request.method ?? '';
  // After the body: whoever sends theirs slowly would else keep others out for as long.
  if (!shedding.enter(exchange)) return undefined;
  try {
    if (limits !== undefined) await keepToLimits(limits, exchange, identity);
    const response = await endpoint({
      method,
      params,
      body,
      segment,
      headers,
      repeatedHeaders,
      identity,
      session,
      certificate,
      requestId,
      allowance: limits,
    });
    return response.kind === 'page' ? inLanguageOf(params, response) : response;
  } catch (thrown) {
    throw inWordsFor(params, thrown);
  } finally {
    shedding.leave();
  }
}

/** What was posted may say what its sender reads, and is in no address. */
function inLanguageOf(params: Params, page: Extract<ProtocolResponse, { kind: 'page' }>) {
  const uiLocales = page.uiLocales ?? params.get(UI_LOCALES)?.join(' ');
  return uiLocales === undefined ? page : { ...page, uiLocales };
}

const readQuery = (route: Route | undefined, { query }: Exchange): Params =>
  route?.params === 'query' ? parseParams(query) : NO_PARAMS;
