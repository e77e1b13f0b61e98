// What pages of the console are made of. Whatever is shown may have been chosen by an attacker: it is
// escaped by the template, kept within its own direction, cut where it is longer than anybody reads, and what
// nobody would see of it is named.

import { type Html, html } from '../../pages/html.ts';

export const NOTHING: readonly Html[] = [];

const MOST_SHOWN = 200;
/** Fits on any line, and is not broken. */
const SHORT = 16;

/**
 * Letters that nobody sees, or that turn others around: whoever has one in their name looks like somebody else, or
 * has a sentence say something else (UTR 36 §2). Those that join and vary the letters of a script are spelling.
 */
const UNSEEN =
  /(?!(?<=[^\0-\x7f])(?:[\u200c\u200d](?=[^\0-\x7f])|[\ufe00-\ufe0f]))([\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}])/u;

/** A name or a value that is not ours; of a long one its beginning, and how long it is. */
export function value(text: string, most = MOST_SHOWN): Html {
  if (text === '') return html`<span class="soft">empty</span>`;
  const letters = [...text.slice(0, most * 2)].slice(0, most).join('');
  const seen = html`${letters.split(UNSEEN).map((part, index) => (index % 2 === 0 ? html`${part}` : nameLetter(part)))}`;
  if (letters.length >= text.length) {
    return text.length <= SHORT ? html`<bdi class="short">${seen}</bdi>` : html`<bdi>${seen}</bdi>`;
  }
  return html`<bdi>${seen}</bdi>… <small>${String(text.length)} characters</small>`;
}

const nameLetter = (letter: string): Html =>
  html`<span class="letter">U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}</span>`;

/** The same where it is an id. */
export const code = (text: string, most?: number): Html => html`<code>${value(text, most)}</code>`;

/** A JSON value on one line. */
export const json = (of: unknown): Html =>
  typeof of === 'string' ? value(of) : code(JSON.stringify(of) ?? '');

export const link = (to: string, text: Html | string): Html => html`<a href="${to}">${text}</a>`;

/** A path of the console with a query; what is undefined or empty is left out. */
export function address(
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const given = Object.entries(query).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '',
  );
  const search = new URLSearchParams(given).toString();
  return `${PREFIX}${path}${search === '' ? '' : `?${search}`}`;
}

/** Below which all of it is. */
export const PREFIX = '/console';

export type Tone = 'good' | 'care' | 'alarm' | 'plain';

export const state = (tone: Tone, text: string): Html =>
  html`<span class="state ${tone}">${text}</span>`;

export type Fact = readonly [name: string, value: Html];

/** Names and values; facts that are not known are not there. */
export const facts = (of: readonly (Fact | undefined)[]): Html =>
  html`<dl class="facts">
${of
  .filter((fact) => fact !== undefined)
  .map(([name, told]) => html`<div><dt>${name}</dt><dd>${told}</dd></div>\n`)}</dl>
`;

type Column = { readonly name: string; readonly kind?: 'number' | 'acts' };

/** Rows on a desk, cards in a hand. @param caption read out before it. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Html[])[],
): Html {
  const heads = columns.map(({ name, kind }) =>
    kind === 'acts'
      ? html`<th scope="col"><span class="unseen">${name}</span></th>`
      : html`<th scope="col" class="${kind ?? ''}">${name}</th>`,
  );
  const cells = (row: readonly Html[]): readonly Html[] =>
    row.map((cell, index) => {
      const { name = '', kind = '' } = columns[index] ?? {};
      return html`<td class="${kind}" data-of="${name}"><div>${cell}</div></td>`;
    });
  return html`<table class="rows"><caption class="unseen">${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table>
`;
}

/** Said where there is nothing to show. */
export const empty = (title: string, text: Html | string): Html =>
  html`<div class="empty"><strong>${title}</strong>${text}</div>
`;

export const card = (title: string, content: Html): Html =>
  html`<section class="card"><h2>${title}</h2>
${content}</section>
`;

/** Where a list goes on. */
export function pager(
  path: string,
  query: Query,
  after: string | undefined,
  next: string | undefined,
): Html {
  const first =
    after === undefined
      ? html`<span></span>`
      : html`<a class="button" href="${address(path, query)}">From the beginning</a>`;
  const more =
    next === undefined
      ? NOTHING
      : html`<a class="button" rel="next" href="${address(path, { ...query, after: next })}">Further ones</a>`;
  return after === undefined && next === undefined
    ? html``
    : html`<div class="row end">${first}${more}</div>\n`;
}

type Query = Readonly<Record<string, string | undefined>>;

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly hint?: string;
  readonly options?: readonly string[];
};

/** A form that only asks: what was looked for stands in the address. */
export const search = (path: string, fields: readonly Field[], button = 'Search'): Html =>
  html`<form class="search" method="get" action="${PREFIX}${path}" role="search">
${fields.map((field) => html`<label>${field.label}${drawField(field)}</label>\n`)}<button class="main">${button}</button>
</form>
`;

function drawField({ name, value = '', hint = '', options }: Field): Html {
  if (options === undefined) {
    return html`<input name="${name}" value="${value}" placeholder="${hint}" maxlength="512" autocomplete="off" spellcheck="false">`;
  }
  const all = options.includes(value) || value === '' ? options : [...options, value];
  return html`<input name="${name}" value="${value}" list="of-${name}" placeholder="${hint}" maxlength="512" autocomplete="off" spellcheck="false"><datalist id="of-${name}">${all.map((one) => html`<option value="${one}"></option>`)}</datalist>`;
}
