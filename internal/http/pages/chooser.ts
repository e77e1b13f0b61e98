import type { Page } from '../../oidc/endpoint.ts';
import { html, name } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';
import type { Setting } from './setting.ts';

/** Asks which End-User to be, where no proxy says it. */
export function drawChooserPage(
  { clientName, redirectUri, users, handle }: Extract<Page, { kind: 'chooser' }>,
  setting: Setting,
): DrawnPage {
  const { chooser, words } = setting.texts;
  return drawPage(setting, {
    title: chooser.title(clientName),
    formAction: ["'self'", ...formActionSources(redirectUri)],
    ownForm: true,
    main: html`<h1>${chooser.heading(name(clientName))}</h1>
<p class="soft">${chooser.forDevelopment}</p>
<form method="post" action="${setting.action('choose')}">
<input type="hidden" name="handle" value="${handle}">
${users.map(
  (user) => html`<button class="person" name="user" value="${user.subject}">
<b aria-hidden="true">${initial(user.name)}</b><span>${name(user.name)}<small>${user.subject}</small></span></button>
`,
)}<button name="decision" value="deny">${words.deny}</button>
</form>`,
  });
}

const initial = (text: string): string => (Array.from(text)[0] ?? '?').toUpperCase();
