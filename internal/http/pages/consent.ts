import type { Page } from '../../oidc/endpoint.ts';
import { drawAsked } from './asked.ts';
import { html, name, strong } from './html.ts';
import { type DrawnPage, drawPage, formActionSources, frameSources } from './layout.ts';
import { drawLinks, drawLogo } from './links.ts';
import type { Setting } from './setting.ts';

/** Asks the End-User to allow or deny; both buttons send the form, and nothing else does. */
export function drawConsentPage(
  page: Extract<Page, { kind: 'consent' }>,
  setting: Setting,
): DrawnPage {
  const { texts } = setting;
  const { asked, consent, words } = texts;
  const { clientName, links } = page;
  return drawPage(setting, {
    title: consent.title(clientName),
    formAction: ["'self'", ...formActionSources(page.redirectUri)],
    pictures: links.logoUri === undefined ? [] : frameSources([links.logoUri]),
    ownForm: true,
    main: html`${drawLogo(links)}<h1>${consent.heading(name(clientName))}</h1>
<p>${asked.youAre(strong(page.subject))}</p>
${drawAsked(page, texts)}<p class="soft">${consent.host(strong(page.redirectHost))}</p>
${drawLinks(page, texts)}<form method="post" action="${setting.action('consent')}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">${words.allow}</button>
<button name="decision" value="deny">${words.deny}</button>
</form>`,
  });
}
