// When something was or will be: in UTC, because logs are, and how far that is from here.

import { DAY, HOUR, MINUTE } from '../../../protocol/time.ts';
import { type Html, html } from '../../pages/html.ts';

/** Furthest moment that a Date knows, in seconds. */
const LAST = 8_640_000_000_000;

const isMoment = (at: number): boolean => Number.isFinite(at) && Math.abs(at) <= LAST;

/** `2027-01-31 10:20:30`, UTC. @param at seconds since 1970. */
export const printMoment = (at: number): string =>
  isMoment(at) ? new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ') : String(at);

const UNITS = [
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [1, 'second'],
] as const;

/** `3 hours`, as long as it is in the largest unit that fits twice, or once. */
export function printLength(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ??
    UNITS[UNITS.length - 1] ?? [1, ''];
  const count = Math.floor(seconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** `3 hours ago`, `in 2 days`, `just now`. */
export function printDistance(at: number, now: number): string {
  const seconds = Math.floor(Math.abs(at - now));
  if (seconds < 2) return 'just now';
  const length = printLength(seconds);
  return at > now ? `in ${length}` : `${length} ago`;
}

/** Both. @param at seconds since 1970. */
export const drawMoment = (at: number, now: number): Html =>
  isMoment(at)
    ? html`<time datetime="${new Date(at * 1000).toISOString()}">${printMoment(at)}</time> <small>${printDistance(at, now)}</small>`
    : html`${String(at)}`;

/** `10:20`, UTC, for axes. */
export const printMinute = (at: number): string => printMoment(at).slice(11, 16);
