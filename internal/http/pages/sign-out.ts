import type { Page } from '../../oidc/endpoint.ts';
import { html, strong } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';
import type { Setting } from './setting.ts';

/** Asks whether to sign out; both buttons send the form, and nothing else does. */
export function drawSignOutPage(
  { clientName, subject, leadsTo, handle }: Extract<Page, { kind: 'sign_out' }>,
  setting: Setting,
): DrawnPage {
  const { asked, signOut } = setting.texts;
  return drawPage(setting, {
    title: signOut.title,
    formAction: ["'self'", ...new Set(leadsTo.flatMap(formActionSources))],
    ownForm: true,
    main: html`<h1>${signOut.heading}</h1>
${subject === undefined ? [] : html`<p>${asked.youAre(strong(subject))}</p>\n`}<p>${
      clientName === undefined ? signOut.someone : signOut.asks(strong(clientName))
    }</p>
<form method="post" action="${setting.action('signOut')}">
<input type="hidden" name="handle" value="${handle}">
<button class="main" name="decision" value="sign_out">${signOut.signOut}</button>
<button name="decision" value="stay">${signOut.stay}</button>
</form>`,
  });
}
