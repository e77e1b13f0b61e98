// Pages of what is found step by step, when a step may bring more than fits: what is left over is looked at first
// on the next page. A cursor holds where the walk is and what it has found; nothing is kept for it here.

import { type AuthorizationId, toAuthorizationId } from '../protocol/ids.ts';
import type { HeldAuthorization, HeldPage, PageTerms } from './held.ts';

type Step = {
  readonly ids: readonly AuthorizationId[];
  /** Where the next step begins; undefined when there is none. */
  readonly next: string | undefined;
};

export type Walk = {
  /** Undefined where `place` leads nowhere any more. */
  step(place: string | undefined): Promise<Step | undefined>;
  /** Those that stand and are meant, in any order. */
  read(ids: readonly AuthorizationId[]): Promise<readonly HeldAuthorization[]>;
};

/** One page looks no further, however little it has found: its caller waits for an answer. */
const MAX_STEPS = 50;

/** What a step brings at most, give or take a few. */
const MAX_FOUND = 2000;

type Cursor = {
  readonly place: string | undefined;
  readonly isOver: boolean;
  readonly found: readonly AuthorizationId[];
};

/** Undefined for a cursor that is none, or leads nowhere any more. */
export async function readPage(
  { step, read }: Walk,
  { cursor, limit }: PageTerms,
): Promise<HeldPage | undefined> {
  let at = cursor === undefined ? BEGINNING : parseCursor(cursor);
  if (at === undefined) return undefined;
  const page = new Map<AuthorizationId, HeldAuthorization>();
  let waiting = take(page, await read(at.found), limit);
  for (let steps = 0; page.size < limit && !at.isOver && steps < MAX_STEPS; steps += 1) {
    const stepped: Step | undefined = await step(at.place);
    if (stepped === undefined) return undefined;
    at = { place: stepped.next, isOver: stepped.next === undefined, found: [] };
    waiting = take(page, await read(stepped.ids), limit);
  }
  const isLast = at.isOver && waiting.length === 0;
  const next = isLast ? undefined : printCursor({ ...at, found: waiting });
  return { authorizations: [...page.values()], next };
}

/**
 * Puts them on the page while there is room. Answers those that have to wait for the next one, which are only what is
 * meant: a cursor has to fit into an address.
 */
function take(
  page: Map<AuthorizationId, HeldAuthorization>,
  found: readonly HeldAuthorization[],
  limit: number,
): readonly AuthorizationId[] {
  for (const one of found) if (page.size < limit) page.set(one.id, one);
  return found.map(({ id }) => id).filter((id) => !page.has(id));
}

const BEGINNING: Cursor = { place: undefined, isOver: false, found: [] };

const printCursor = ({ place, isOver, found }: Cursor): string =>
  Buffer.from(JSON.stringify([place ?? null, isOver, ...found])).toString('base64url');

/** It was in the hands of others. */
function parseCursor(text: string): Cursor | undefined {
  const parts = parseList(Buffer.from(text, 'base64url').toString());
  const [place, isOver, ...found] = parts ?? [];
  if (typeof isOver !== 'boolean' || found.length > MAX_FOUND) return undefined;
  if (!(place === null || typeof place === 'string')) return undefined;
  const ids = found.filter((id) => typeof id === 'string').map(toAuthorizationId);
  if (ids.length < found.length || !ids.every((id) => ID.test(id))) return undefined;
  return { place: place ?? undefined, isOver, found: ids };
}

const ID = /^[\w-]{1,64}$/;

function parseList(json: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
