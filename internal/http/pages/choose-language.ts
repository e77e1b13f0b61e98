// Which language somebody reads: the one that the application says they do (OIDC Core §3.1.2.1), else
// what their browser prefers (RFC 9110 §12.5.4), else what the operator decided. Anybody's text: what
// is no language tag is passed over, and nothing of it is ever repeated.

import { LANGUAGES, type Language } from '../../protocol/languages.ts';

export type Wishes = {
  /** Tags with blanks between them, the best first. */
  readonly uiLocales: string | undefined;
  /** The header. */
  readonly acceptLanguage: string | undefined;
};

export type Chosen = {
  readonly language: Language;
  /** It was asked for in so many words, and the next page of the same visit has to know it. */
  readonly isAsked: boolean;
};

export const UI_LOCALES = 'ui_locales';

/** More than anybody speaks. */
const MOST = 20;
const LONGEST = 500;

const TAG = /^[a-z]{1,8}(?:-[a-z0-9]{1,8})*$/;
const RANGE =
  /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;

export function chooseLanguage({ uiLocales, acceptLanguage }: Wishes, fallback: Language): Chosen {
  const asked = uiLocales === undefined ? undefined : findFirst(readLocales(uiLocales));
  if (asked !== undefined) return { language: asked, isAsked: true };
  const preferred =
    acceptLanguage === undefined ? undefined : findFirst(readRanges(acceptLanguage));
  return { language: preferred ?? fallback, isAsked: false };
}

/** What the query asks for; one that no endpoint understood is a query as well, and its error is read. */
export const findUiLocales = (query: string): string | undefined =>
  IN_QUERY.exec(query)?.[1]?.replaceAll(/\+|%20/g, ' ');

const IN_QUERY = /(?:^|&)ui_locales=([^&]*)/;

const readLocales = (text: string): readonly string[] =>
  text
    .slice(0, LONGEST)
    .toLowerCase()
    .split(' ')
    .slice(0, MOST)
    .filter((tag) => TAG.test(tag));

/** The best first; of those that are as good as each other, the first. `*` is the fallback anyway. */
const readRanges = (header: string): readonly string[] =>
  header
    .slice(0, LONGEST)
    .toLowerCase()
    .split(',', MOST)
    .flatMap((part) => {
      const [, range, weight = '1'] = RANGE.exec(part.trim()) ?? [];
      return range === undefined || Number(weight) === 0 ? [] : [{ range, weight: Number(weight) }];
    })
    .sort((one, other) => other.weight - one.weight)
    .map(({ range }) => range);

function findFirst(ranges: readonly string[]): Language | undefined {
  for (const range of ranges) {
    const found = lookUp(range);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Cut from the end until it is one of ours (RFC 4647 §3.4): `de-AT` is read by whoever reads `de`. */
function lookUp(range: string): Language | undefined {
  const primary = range.split('-', 1)[0];
  return LANGUAGES.find((language) => language === primary);
}
