import type { Page } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

/** Asks whether to sign out; both buttons send the form, and nothing else does. */
export const drawSignOutPage = (
  page: Extract<Page, { kind: 'sign_out' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: 'Sign out?',
    nonce,
    formAction: ["'self'", ...new Set(page.leadsTo.flatMap(formActionSources))],
    ownForm: true,
    main: html`<h1>Do you want to sign out?</h1>
${page.subject === undefined ? [] : html`<p>You are <strong>${page.subject}</strong>.</p>\n`}<p>${
      page.clientName === undefined ? 'An application' : html`<strong>${page.clientName}</strong>`
    } asks to sign you out, here and at every application that you came to from here.</p>
<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="sign_out">Sign out</button>
<button name="decision" value="stay">Stay signed in</button>
</form>`,
  });
