import type { Page } from '../../oidc/endpoint.ts';
import { PAGE_PATHS } from '../../oidc/paths.ts';
import { drawAccountPage } from './account.ts';
import { drawChooserPage } from './chooser.ts';
import { drawConsentPage } from './consent.ts';
import { drawErrorPage } from './error.ts';
import type { DrawnPage } from './layout.ts';

/** Data to document. @param prefix the path of the issuer, which forms have to name. */
export function drawAnyPage(page: Page, nonce: string, prefix: string): DrawnPage {
  switch (page.kind) {
    case 'error':
      return drawErrorPage(page, nonce);
    case 'consent':
      return drawConsentPage(page, nonce, prefix + PAGE_PATHS.consent);
    case 'account':
      return drawAccountPage(page, nonce, prefix + PAGE_PATHS.account);
    case 'chooser':
      return drawChooserPage(page, nonce, prefix + PAGE_PATHS.choose);
    default:
      return page satisfies never;
  }
}
