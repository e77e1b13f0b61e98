import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { checkNoScript, type DrawnPage, drawPage, frameSources } from './layout.ts';

// A frame that hangs must not keep anybody here; one that failed has loaded, as far as browsers tell.
const SCRIPT = `
const link = document.getElementById('next');
const timer = setTimeout(go, 3000);
function go() { clearTimeout(timer); removeEventListener('load', go); location.replace(link.href); }
addEventListener('load', go);
`;

/**
 * Tells clients in frames that the session is over, and goes on by itself; by the link where scripts
 * are off. The frames may run the clients' scripts, and may not send the browser anywhere.
 */
export const drawFrontChannelLogoutPage = (
  { frames, next }: Extract<Page, { kind: 'front_channel_logout' }>,
  nonce: string,
): DrawnPage =>
  drawPage({
    title: 'Signing out',
    nonce,
    frames: frameSources(frames),
    script: SCRIPT,
    main: html`<h1>Signing you out</h1>
<p>Your applications are being told.</p>
<p><a id="next" href="${checkNoScript(next)}">Continue</a></p>
${frames.map(
  (url) => html`<iframe src="${url}" sandbox="allow-scripts allow-same-origin" hidden></iframe>\n`,
)}`,
  });
