import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

/** Asks who to go on as; every button sends the form, and nothing else does. */
export const drawAccountPage = (
  page: Extract<Page, { kind: 'account' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: `Sign in to ${page.clientName}`,
    nonce,
    formAction: [...new Set(["'self'", ...page.leadsTo.flatMap(formActionSources)])],
    ownForm: true,
    main: html`<h1>Which account for ${page.clientName}?</h1>
<p>You are signed in as <strong>${page.subject}</strong>. ${asked(page)}</p>
<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
${page.canContinue ? html`<button class="main" name="decision" value="continue">Continue as ${page.subject}</button>\n` : []}<button${page.canContinue ? [] : MAIN} name="decision" value="switch">Use another account</button>
<button name="decision" value="cancel">Cancel</button>
</form>`,
  });

const MAIN = html` class="main"`;

const asked = ({ clientName, wanted, canContinue }: Extract<Page, { kind: 'account' }>) => {
  if (wanted !== undefined) return html`${clientName} asks for <strong>${wanted}</strong>.`;
  return canContinue
    ? html`${clientName} asks you to choose an account.`
    : html`${clientName} asks for somebody else.`;
};
