// The page as data: who is shown, who first, and what stands in the fields.

import type { WaitingRequest } from '../oidc/authorize/waiting.ts';
import type { ChooserPage, ProtocolResponse } from '../oidc/endpoint.ts';
import type { Identity } from '../protocol/identity.ts';
import { readParam } from '../protocol/params.ts';
import { present } from '../protocol/present.ts';
import { EMPTY, toValues } from './entry.ts';
import { arrange, isNamed, type KnownUser } from './list.ts';
import { findEntered } from './userinfo.ts';
import { AGAIN, type ChooserDeps, type Visit } from './visit.ts';

type Form = ChooserPage['form'];

const BLANK: Form = { values: EMPTY, problems: {}, isOpen: false };

/**
 * The fields as the claims of `as` fill them; else whoever the client asks for, where nobody of the file is
 * that.
 */
export async function fill(
  as: string | undefined,
  users: readonly KnownUser[],
  visit: Visit,
  deps: ChooserDeps,
): Promise<Form> {
  const known = as === undefined ? undefined : findClaims(as, users, visit.current);
  if (as !== undefined && known !== undefined) {
    return { values: toValues(as, known), problems: {}, isOpen: true };
  }
  const wanted = (await findRequest(visit, deps))?.login;
  if (wanted === undefined || users.some((user) => isNamed(user, wanted))) return BLANK;
  const email = wanted.includes('@') ? wanted : '';
  return { values: { ...EMPTY, sub: wanted, email }, problems: {}, isOpen: true };
}

/** What was entered before comes first: somebody wants to change it. */
const findClaims = (as: string, users: readonly KnownUser[], current: Identity | undefined) =>
  (current?.subject === as ? findEntered(current.subject, current.claims) : undefined) ??
  users.find(({ subject }) => subject === as)?.claims;

const findRequest = async (
  { back }: Visit,
  { waiting }: ChooserDeps,
): Promise<WaitingRequest | undefined> =>
  back?.isRequest === true ? waiting.find(back.params) : undefined;

export async function show(
  status: number,
  visit: Visit,
  form: Form,
  users: readonly KnownUser[],
  deps: ChooserDeps,
): Promise<ProtocolResponse> {
  const { params } = visit.http;
  const request = await findRequest(visit, deps);
  const { current } = visit;
  const wanted = request?.login;
  const query = readParam(params, 'q') ?? '';
  const page: ChooserPage = {
    kind: 'chooser',
    clientName: request?.clientName,
    leadsTo: request === undefined ? [] : [request.redirectUri],
    current: current?.subject,
    isEntered: current !== undefined && findEntered(current.subject, current.claims) !== undefined,
    wanted,
    acrValues: request?.acrValues ?? [],
    hidden: hiddenFields(visit),
    form,
    ...arrange(users, { query, ...present({ wanted, current: current?.subject }) }),
  };
  return { kind: 'page', status, page, ...present({ uiLocales: findLocales(visit) }) };
}

/** Those of whoever comes back to this page, else those of what waits for the choice. */
const findLocales = ({ back, http }: Visit): string | undefined =>
  http.params.get(UI_LOCALES)?.join(' ') ??
  (back === undefined ? undefined : new URL(back.address).searchParams.get(UI_LOCALES)) ??
  undefined;

const UI_LOCALES = 'ui_locales';

const hiddenFields = ({ back, http }: Visit): ChooserPage['hidden'] => [
  ...(back === undefined ? [] : [['rd', back.address] as const]),
  ...(http.params.has(AGAIN) ? [[AGAIN, '1'] as const] : []),
];
