import type { Page } from '../../oidc/endpoint.ts';
import { drawDetails, listScopes } from './asked.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources, frameSources } from './layout.ts';
import { drawLinks, drawLogo } from './links.ts';

/** Asks the End-User to allow or deny; both buttons send the form, and nothing else does. */
export const drawConsentPage = (
  page: Extract<Page, { kind: 'consent' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: `Allow ${page.clientName}?`,
    nonce,
    formAction: ["'self'", ...formActionSources(page.redirectUri)],
    pictures: page.links.logoUri === undefined ? [] : frameSources([page.links.logoUri]),
    ownForm: true,
    main: html`${drawLogo(page.links)}<h1>Allow ${page.clientName} to sign you in?</h1>
<p>You are <strong>${page.subject}</strong>. ${page.clientName} wants to know:</p>
<ul>
${listScopes(page.scope)}</ul>
${page.details.map(drawDetails)}<p class="soft">The answer goes to <strong>${page.redirectHost}</strong>.</p>
${drawLinks(page.links)}<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  });
