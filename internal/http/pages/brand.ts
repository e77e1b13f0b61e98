// What an operator makes of our pages, and what they are where nobody says anything.

import type { Language, Words } from '../../protocol/languages.ts';
import type { PageTemplate } from '../../protocol/page-template.ts';
import { printStyle } from './style.ts';

export type Brand = {
  /** Undefined: pages are not headed by any, and their titles name the host. */
  readonly name: string | undefined;
  /** https, or the whole picture as a `data:` URL. */
  readonly logo: string | undefined;
  /** The style sheet in the colours of the brand. */
  readonly style: string;
  readonly links: readonly { readonly text: Words; readonly url: string }[];
  /** For whoever reads none of our languages, or says none. */
  readonly defaultLanguage: Language;
  readonly template: PageTemplate;
};

/** The document that pages are put into where nobody brings another; docs/pages.md shows the same. */
export const TEMPLATE: PageTemplate = [
  '<!doctype html>\n<html lang="',
  { slot: 'lang' },
  '" dir="',
  { slot: 'dir' },
  '">\n<head>\n',
  { slot: 'head' },
  '\n',
  { slot: 'style' },
  '\n</head>\n<body>\n',
  { slot: 'brand' },
  { slot: 'main' },
  { slot: 'links' },
  '</body>\n</html>\n',
];

export const PLAIN: Brand = {
  name: undefined,
  logo: undefined,
  style: printStyle({}),
  links: [],
  defaultLanguage: 'en',
  template: TEMPLATE,
};
