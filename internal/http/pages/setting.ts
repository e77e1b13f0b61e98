// What a page is drawn in, whichever it is.

import { PAGE_PATHS } from '../../oidc/paths.ts';
import type { Language } from '../../protocol/languages.ts';
import { ID_BYTES, type Random } from '../../protocol/random.ts';
import type { Brand } from './brand.ts';
import { type Chosen, UI_LOCALES } from './choose-language.ts';
import type { Texts } from './languages/en.ts';
import { textsIn } from './languages.ts';

export type Setting = {
  /** Fresh for each page: what carries it is ours. */
  readonly nonce: string;
  readonly language: Language;
  /** Everything that is said, in the language of whoever reads it. */
  readonly texts: Texts;
  readonly brand: Brand;
  /** Names the service in titles where the brand does not. */
  readonly host: string;
  /** Where a form or a link of ours goes, in the same language. */
  readonly action: (page: keyof typeof PAGE_PATHS) => string;
};

type Place = {
  /** Where browsers find our pages, and its path. */
  readonly pagesUrl: string;
  readonly prefix: string;
  readonly brand: () => Brand;
};

/** A setting for one page, and for no other. */
export function createToSetting(
  { pagesUrl, prefix, brand }: Place,
  random: Random,
): (chosen: Chosen) => Setting {
  const { host } = new URL(pagesUrl);
  return ({ language, isAsked }) => {
    // In the query of what leads on, which no endpoint reads beside a form, and which an error has too.
    const query = isAsked ? `?${UI_LOCALES}=${language}` : '';
    return {
      nonce: random(ID_BYTES),
      language,
      texts: textsIn(language),
      brand: brand(),
      host,
      action: (page) => `${prefix}${PAGE_PATHS[page]}${query}`,
    };
  };
}
