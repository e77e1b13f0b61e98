import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';

/** Where a sign-out ends that leads nowhere else. No link anywhere. */
export const drawSignedOutPage = (
  { stayed }: Extract<Page, { kind: 'signed_out' }>,
  nonce: string,
): DrawnPage =>
  stayed
    ? drawPage({
        title: 'Still signed in',
        nonce,
        main: html`<h1>You are still signed in</h1>
<p>Nothing was changed. You can close this page.</p>`,
      })
    : drawPage({
        title: 'Signed out',
        nonce,
        main: html`<h1>You are signed out</h1>
<p>You can close this page.</p>
<p class="soft">If others use this computer, close the browser as well.</p>`,
      });
