import type { Page } from '../../oidc/endpoint.ts';
import { drawDetails, listScopes } from './asked.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

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
    ownForm: true,
    main: html`<h1>Allow ${page.clientName} to sign you in?</h1>
<p>You are <strong>${page.subject}</strong>. ${page.clientName} wants to know:</p>
<ul>
${listScopes(page.scope)}</ul>
${page.details.map(drawDetails)}<p class="soft">The answer goes to <strong>${page.redirectHost}</strong>.</p>
<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  });
