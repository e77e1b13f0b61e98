// What a page is drawn in, whichever it is.

import type { PAGE_PATHS } from '../../oidc/paths.ts';
import type { Texts } from './languages/en.ts';

export type Setting = {
  /** Fresh for each page: what carries it is ours. */
  readonly nonce: string;
  /** Everything that is said, in the language of whoever reads it. */
  readonly texts: Texts;
  /** Where a form or a link of ours goes, in the same language. */
  readonly action: (page: keyof typeof PAGE_PATHS) => string;
};
