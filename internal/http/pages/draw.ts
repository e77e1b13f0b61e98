import type { Page } from '../../oidc/endpoint.ts';
import { PAGE_PATHS } from '../../oidc/paths.ts';
import { drawAccountPage } from './account.ts';
import { drawChooserPage } from './chooser.ts';
import { drawConsentPage } from './consent.ts';
import { drawDeviceAnsweredPage, drawDevicePage, drawUserCodePage } from './device.ts';
import { drawErrorPage } from './error.ts';
import { drawFrontChannelLogoutPage } from './front-channel-logout.ts';
import type { DrawnPage } from './layout.ts';
import { drawSignOutPage } from './sign-out.ts';
import { drawSignedOutPage } from './signed-out.ts';

/** Data to document. @param prefix the path of the issuer, which forms have to name. */
export function drawAnyPage(page: Page, nonce: string, prefix: string): DrawnPage {
  switch (page.kind) {
    case 'error':
      return drawErrorPage(page, nonce);
    case 'consent':
      return drawConsentPage(page, nonce, prefix + PAGE_PATHS.consent);
    case 'account':
      return drawAccountPage(page, nonce, prefix + PAGE_PATHS.account);
    case 'user_code':
      return drawUserCodePage(page, nonce, prefix + PAGE_PATHS.device);
    case 'device':
      return drawDevicePage(page, nonce, prefix + PAGE_PATHS.device);
    case 'device_answered':
      return drawDeviceAnsweredPage(page, nonce);
    case 'chooser':
      return drawChooserPage(page, nonce, prefix + PAGE_PATHS.choose);
    case 'sign_out':
      return drawSignOutPage(page, nonce, prefix + PAGE_PATHS.signOut);
    case 'signed_out':
      return drawSignedOutPage(page, nonce);
    case 'front_channel_logout':
      return drawFrontChannelLogoutPage(page, nonce);
    default:
      return page satisfies never;
  }
}
