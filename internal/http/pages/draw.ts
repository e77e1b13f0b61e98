import type { Page } from '../../oidc/endpoint.ts';
import { drawAccountPage } from './account.ts';
import { drawChooserPage } from './chooser.ts';
import { drawConsentPage } from './consent.ts';
import { drawDeviceAnsweredPage, drawDevicePage, drawUserCodePage } from './device.ts';
import { drawErrorPage } from './error.ts';
import { drawFrontChannelLogoutPage } from './front-channel-logout.ts';
import type { DrawnPage } from './layout.ts';
import type { Setting } from './setting.ts';
import { drawSignOutPage } from './sign-out.ts';
import { drawSignedOutPage } from './signed-out.ts';

type Draw<Kind extends Page['kind']> = (
  page: Extract<Page, { kind: Kind }>,
  setting: Setting,
) => DrawnPage;

const PAGES: { readonly [Kind in Page['kind']]: Draw<Kind> } = {
  error: drawErrorPage,
  consent: drawConsentPage,
  account: drawAccountPage,
  user_code: drawUserCodePage,
  device: drawDevicePage,
  device_answered: drawDeviceAnsweredPage,
  chooser: drawChooserPage,
  sign_out: drawSignOutPage,
  signed_out: drawSignedOutPage,
  front_channel_logout: drawFrontChannelLogoutPage,
};

/** Data to document. */
export const drawAnyPage = <Kind extends Page['kind']>(
  page: Extract<Page, { kind: Kind }>,
  setting: Setting,
): DrawnPage => PAGES[page.kind as Kind](page, setting);
