import type { Page } from '../../oidc/endpoint.ts';
import { type Html, html, name, strong } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';
import type { Setting } from './setting.ts';

type AccountPage = Extract<Page, { kind: 'account' }>;

/** Asks who to go on as; every button sends the form, and nothing else does. */
export function drawAccountPage(page: AccountPage, setting: Setting): DrawnPage {
  const { account, asked, words } = setting.texts;
  const { clientName, subject, handle, canContinue, leadsTo } = page;
  return drawPage(setting, {
    title: account.title(clientName),
    formAction: [...new Set(["'self'", ...leadsTo.flatMap(formActionSources)])],
    ownForm: true,
    main: html`<h1>${account.heading(name(clientName))}</h1>
<p>${asked.youAre(strong(subject))} ${wish(page, account)}</p>
<form method="post" action="${setting.action('account')}">
<input type="hidden" name="handle" value="${handle}">
${canContinue ? html`<button class="main" name="decision" value="continue">${account.continueAs(name(subject))}</button>\n` : []}<button${canContinue ? [] : MAIN} name="decision" value="switch">${account.switch}</button>
<button name="decision" value="cancel">${words.cancel}</button>
</form>`,
  });
}

const MAIN = html` class="main"`;

function wish(
  { clientName, wanted, canContinue }: AccountPage,
  texts: Setting['texts']['account'],
): Html {
  const client = name(clientName);
  if (wanted !== undefined) return texts.wanted(client, strong(wanted));
  return canContinue ? texts.choice(client) : texts.another(client);
}
