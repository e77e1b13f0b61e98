import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources, frameSources } from './layout.ts';
import { drawLinks, drawLogo } from './links.ts';

/** What the scopes of the issuer let a client see; others are shown by their name. */
const SCOPE_TEXTS: ReadonlyMap<string, string> = new Map([
  ['openid', 'who you are here'],
  ['profile', 'your name and profile'],
  ['email', 'your email address'],
  ['address', 'your postal address'],
  ['phone', 'your phone number'],
  ['groups', 'the groups you belong to'],
  ['offline_access', 'all of this also while you are away'],
]);

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
${page.scope.map((name) => html`<li>${SCOPE_TEXTS.get(name) ?? name}</li>\n`)}</ul>
<p class="soft">The answer goes to <strong>${page.redirectHost}</strong>.</p>
${drawLinks(page.links)}<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  });
