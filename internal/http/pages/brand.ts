// What an operator makes of our pages, and what they are where nobody says anything.

import type { Language } from '../../protocol/languages.ts';

export type Brand = {
  /** For whoever reads none of our languages, or says none. */
  readonly defaultLanguage: Language;
};

export const PLAIN: Brand = { defaultLanguage: 'en' };
