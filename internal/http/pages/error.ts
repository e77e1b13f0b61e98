import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';

/** What went wrong, in words for people, and the id that finds it in the log. No link anywhere. */
export const drawErrorPage = (
  { code, description, requestId }: Extract<Page, { kind: 'error' }>,
  nonce: string,
): DrawnPage =>
  drawPage({
    title: 'Sign-in failed',
    nonce,
    main: html`<h1>This did not work</h1>
<p>${sentence(description)}</p>
<p class="soft">If you came from an application, go back to it and try again. Its operator can find
this failure under:</p>
<p class="soft">Error <code>${code}</code><br>Request <code>${requestId}</code></p>`,
  });

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
