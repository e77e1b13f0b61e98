import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { checkNoScript, type DrawnPage, drawPage, frameSources } from './layout.ts';
import type { Setting } from './setting.ts';

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
export function drawFrontChannelLogoutPage(
  { frames, next }: Extract<Page, { kind: 'front_channel_logout' }>,
  setting: Setting,
): DrawnPage {
  const href = next === undefined ? setting.action('signedOut') : checkNoScript(next);
  const { signOut, words } = setting.texts;
  const { title, heading, text } = signOut.telling;
  return drawPage(setting, {
    title,
    frames: frameSources(frames),
    script: SCRIPT,
    main: html`<h1>${heading}</h1>
<p role="status">${text}</p>
<p><a id="next" class="button main" href="${href}">${words.continue}</a></p>
${frames.map(
  (url) => html`<iframe src="${url}" sandbox="allow-scripts allow-same-origin" hidden></iframe>\n`,
)}`,
  });
}
