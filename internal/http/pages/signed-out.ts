import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';
import type { Setting } from './setting.ts';

/** Where a sign-out ends that leads nowhere else. No link anywhere. */
export function drawSignedOutPage(
  { stayed }: Extract<Page, { kind: 'signed_out' }>,
  setting: Setting,
): DrawnPage {
  const { out, stayed: still } = setting.texts.signOut;
  const { title, heading, text } = stayed ? still : out;
  return drawPage(setting, {
    title,
    main: html`<h1>${heading}</h1>
<p>${text}</p>${stayed ? [] : html`\n<p class="soft">${out.shared}</p>`}`,
  });
}
