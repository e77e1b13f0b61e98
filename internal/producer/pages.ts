// The three pages of the producer, drawn with the tools of all others.

import { html } from '../http/pages/html.ts';
import { type DrawnPage, drawPage, formActionSources } from '../http/pages/layout.ts';
import type { Claims } from '../protocol/claims.ts';
import { SIGN_IN } from './doors.ts';
import type { Users } from './end-user.ts';

/** Asks who to be. @param back where the choice leads, on this origin. */
export const drawChooser = (
  {
    users,
    product,
    back,
  }: { readonly users: Users; readonly product: string; readonly back: string },
  nonce: string,
): DrawnPage =>
  drawPage({
    title: `Sign in as ${product} would`,
    nonce,
    // An app may send people on to another origin from where it takes them.
    formAction: ["'self'", ...formActionSources(back)],
    ownForm: true,
    main: html`<h1>Who are you?</h1>
<p class="soft">This stands in front of an application for development, and speaks as ${product} does: be whoever you like.</p>
<form method="post" action="${SIGN_IN}">
<input type="hidden" name="rd" value="${back}">
${[...users].map(([subject, claims]) => {
  const name = nameOf(subject, claims);
  return html`<button class="person" name="user" value="${subject}">
<b aria-hidden="true">${initial(name)}</b><span>${name}<small>${subject}</small></span></button>
`;
})}</form>`,
  });

const nameOf = (subject: string, { name, preferred_username: login }: Claims): string =>
  typeof name === 'string' ? name : typeof login === 'string' ? login : subject;

const initial = (name: string): string => (Array.from(name)[0] ?? '?').toUpperCase();

export const drawLeft = (nonce: string): DrawnPage =>
  drawPage({
    title: 'Signed out',
    nonce,
    main: html`<h1>You are signed out</h1>
<p>The application hears of nobody from here on.</p>
<p><a href="${SIGN_IN}">Sign in again</a></p>`,
  });

/** The app did not answer. @param problem a code of the system, as in ECONNREFUSED. */
export const drawUnreachable = (to: string, problem: string, nonce: string): DrawnPage =>
  drawPage({
    title: 'The application does not answer',
    nonce,
    main: html`<h1>The application does not answer</h1>
<p>Nothing answers at <strong>${to}</strong> (<code>${problem}</code>).</p>
<p>Start your application there and load this page again, or name where it is with <code>--to</code>.</p>`,
  });
