// One authorization of a session as a line of text, and back. A session may have a thousand, and when one
// more enters it only their ends are looked at.

import type { AuthorizationId, ClientId } from '../../protocol/ids.ts';
import type { SessionMember } from '../store.ts';

export type Entry = { readonly member: SessionMember; readonly until: number };

type Packed = readonly [number, AuthorizationId, ClientId, ...offline: readonly 1[]];

/** JSON, and so without a line break of its own. */
export function printEntry({ member, until }: Entry): string {
  const { id, clientId, offline } = member;
  const packed: Packed = [until, id, clientId, ...(offline ? [1 as const] : [])];
  return JSON.stringify(packed);
}

export function parseMember(line: string): SessionMember {
  const [, id, clientId, ...offline] = JSON.parse(line) as Packed;
  return { id, clientId, offline: offline.length > 0 };
}

/** When the index may forget it. */
export const untilOf = (line: string): number => Number(line.slice(1, line.indexOf(',')));

export const isOf = (line: string, id: AuthorizationId): boolean =>
  line.startsWith(`${JSON.stringify(id)},`, line.indexOf(',') + 1);
