import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

/** Asks which End-User to be, where no proxy says it. */
export const drawChooserPage = (
  page: Extract<Page, { kind: 'chooser' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: `Sign in to ${page.clientName}`,
    nonce,
    formAction: ["'self'", ...formActionSources(page.redirectUri)],
    ownForm: true,
    main: html`<h1>Sign in to ${page.clientName}</h1>
<p class="soft">This issuer is for development: be whoever you like.</p>
<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
${page.users.map(
  ({ subject, name }) => html`<button class="person" name="user" value="${subject}">
<b aria-hidden="true">${initial(name)}</b><span>${name}<small>${subject}</small></span></button>
`,
)}<button name="decision" value="deny">Deny</button>
</form>`,
  });

const initial = (name: string): string => (Array.from(name)[0] ?? '?').toUpperCase();
