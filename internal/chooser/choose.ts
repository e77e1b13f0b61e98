// Somebody says who they want to be: one of the file, whoever they described, the same as before, or nobody.

import type { ProtocolResponse } from '../oidc/endpoint.ts';
import { invalidRequest } from '../protocol/errors.ts';
import type { Identity } from '../protocol/identity.ts';
import { type Subject, toSubject } from '../protocol/ids.ts';
import { readParam, readRequiredParam } from '../protocol/params.ts';
import { present } from '../protocol/present.ts';
import { type FormProblems, readEntry, readValues } from './entry.ts';
import { show } from './show.ts';
import { type ChooserDeps, go, type Visit } from './visit.ts';

/** Remembers who it is and sends them back, or shows the page again with what is wrong. */
export async function choose(visit: Visit, deps: ChooserDeps): Promise<ProtocolResponse> {
  const { http, back, current } = visit;
  const decision = readParam(http.params, 'decision');
  if (decision === 'deny' && back?.isRequest === true) {
    return deps.waiting.deny(back.params, http.requestId);
  }
  if (decision === 'enter') return enter(visit, deps);
  if (decision === 'keep' && current !== undefined) return restate(current, visit, deps);
  return pick(toSubject(readRequiredParam(http.params, 'user')), visit, deps);
}

async function enter(visit: Visit, deps: ChooserDeps): Promise<ProtocolResponse> {
  const { check, now } = deps;
  const entry = readEntry(visit.http.params, check, (ago) => signInTime(ago, visit.current, now()));
  return entry.kind === 'entered'
    ? remember(entry.identity, visit, deps)
    : askAgain(entry.problems, visit, deps);
}

/** Somebody of the file, of whom the file goes on saying everything. */
async function pick(subject: Subject, visit: Visit, deps: ChooserDeps): Promise<ProtocolResponse> {
  const users = await deps.listUsers();
  if (!users.some((user) => user.subject === subject)) {
    throw invalidRequest({ description: 'there is no such End-User', reason: 'subject_unknown' });
  }
  return restate({ subject, claims: {} }, visit, deps);
}

/** Signs in at this moment, in the way that the page offered. */
const restate = (
  { subject, claims }: Identity,
  visit: Visit,
  deps: ChooserDeps,
): Promise<ProtocolResponse> => {
  const authTime = signInTime(0, visit.current, deps.now());
  const acr = readParam(visit.http.params, 'acr');
  return remember({ subject, claims, authTime, ...present({ acr }) }, visit, deps);
};

/** So many seconds of one may lie between sign-ins that count as one after the other. */
const MOST_AHEAD = 30;

/**
 * Two sign-ins in one second are one after the other all the same: the later one is rounded up, where
 * others are rounded down.
 */
function signInTime(ago: number, before: Identity | undefined, now: number): number {
  if (ago > 0) return Math.max(0, now - ago);
  const ahead = (before?.authTime ?? 0) - now;
  return ahead >= 0 && ahead < MOST_AHEAD ? now + ahead + 1 : now;
}

async function remember(
  identity: Identity,
  visit: Visit,
  deps: ChooserDeps,
): Promise<ProtocolResponse> {
  const cookie = deps.cookie.print(identity);
  if (cookie !== undefined) return { ...go(visit.back?.address ?? deps.page), cookie };
  return askAgain({ claims: { kind: 'too_much' } }, visit, deps);
}

const askAgain = async (
  problems: FormProblems,
  visit: Visit,
  deps: ChooserDeps,
): Promise<ProtocolResponse> => {
  const values = readValues(visit.http.params);
  return show(400, visit, { values, problems, isOpen: true }, await deps.listUsers(), deps);
};
