// When something was, as whoever reads it writes dates. Their time zone is not known here, and nobody is asked
// to run a script to say it: days are those of UTC, and a time of day says so.

import type { Language } from '../../protocol/languages.ts';
import { type Html, html } from './html.ts';
import type { Setting } from './setting.ts';

type Formats = { readonly day: Intl.DateTimeFormat; readonly minute: Intl.DateTimeFormat };

/** Making one takes longer than drawing a page. */
const made = new Map<Language, Formats>();

function formatsIn(language: Language): Formats {
  const known = made.get(language);
  if (known !== undefined) return known;
  const formats = {
    day: new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }),
    minute: new Intl.DateTimeFormat(language, {
      dateStyle: 'long',
      timeStyle: 'short',
      timeZone: 'UTC',
    }),
  };
  made.set(language, formats);
  return formats;
}

/** @param at seconds since 1970. */
export const drawDay = (at: number, { language }: Setting): Html =>
  drawTime(at, formatsIn(language).day.format(at * 1000));

/** To the minute. @param at seconds since 1970. */
export const drawMinute = (at: number, { language }: Setting): Html =>
  drawTime(at, `${formatsIn(language).minute.format(at * 1000)} UTC`);

const drawTime = (at: number, text: string): Html =>
  html`<time datetime="${new Date(at * 1000).toISOString()}">${text}</time>`;
