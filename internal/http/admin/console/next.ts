// Where somebody goes who has signed in: a page of the console and nowhere else. `//evil` is an address of
// another host, `/\evil` becomes one, and a line feed would end a header.

import { PREFIX } from './parts.ts';

const PAGE = /^\/console(?:\/[a-z-]+)*(?:\?[A-Za-z0-9._~%=&+*-]*)?$/;

/** Itself where it is a page of ours, and else the first one. */
export const toNext = (next: string | undefined): string =>
  next !== undefined && next.length <= 2048 && PAGE.test(next) ? next : PREFIX;
