// The page on which a token is shown once, and those of somebody who is not let on.

import { type Html, html } from '../../../pages/html.ts';
import type { Sheet } from '../layout.ts';
import { NOTHING, PREFIX, value } from '../parts.ts';
import type { Confirmation } from '../visit.ts';

export type SignInTerms = {
  readonly issuer: string;
  readonly proof: string;
  readonly next: string;
  /** Why it did not work. */
  readonly problem?: string;
  readonly status?: number;
  readonly hasLeft?: boolean;
};

export const drawSignIn = ({
  issuer,
  proof,
  next,
  problem,
  status = 200,
  hasLeft = false,
}: SignInTerms): Sheet => ({
  title: 'Sign in',
  status,
  main: html`<h1>Sign in</h1>
<p class="soft">To look after ${value(issuer)}. A token of <code>admin.tokens</code>, or an access token that <code>admin.access_tokens</code> takes, is shown once and not kept.</p>
${problem === undefined ? NOTHING : html`<p class="problem" role="alert" id="problem">${problem}</p>\n`}${hasLeft ? html`<p class="notice" role="status">You have signed out.</p>\n` : NOTHING}<form class="stack" method="post" action="${PREFIX}/sign-in">
<input type="hidden" name="proof" value="${proof}"><input type="hidden" name="next" value="${next}">
<label>Token<input type="password" name="token" required maxlength="4096" autocomplete="off" spellcheck="false"${problem === undefined ? NOTHING : html` aria-describedby="problem"`}></label>
<button class="main">Sign in</button>
</form>`,
});

/** Between a link of another site and the page that it leads to. */
export const drawPassage = (to: string): Sheet => ({
  title: 'One moment',
  main: html`<h1>One moment</h1>
<p class="soft">A link of another site leads here. Your browser goes on by itself, or does not.</p>
<div class="row"><a class="button" href="${to}">Go on</a></div>`,
});

export const drawConfirmation = (
  { title, text, button, isGrave, back }: Confirmation,
  path: string,
  fields: readonly (readonly [string, string])[],
): Sheet => ({
  title,
  main: html`<h1>${title}</h1>
<section class="card">${text}
<form method="post" action="${path}">
${fields.map(([name, of]) => html`<input type="hidden" name="${name}" value="${of}">`)}
<div class="row"><button class="${isGrave ? 'grave' : 'main'}">${button}</button><a class="button" href="${back}">Cancel</a></div>
</form></section>`,
});

export type Problem = {
  readonly status: number;
  readonly title: string;
  readonly text: Html;
};

export const drawProblem = ({ status, title, text }: Problem): Sheet => ({
  title,
  status,
  main: html`<h1>${title}</h1>
<div class="card"><p class="problem">${text}</p>
<div class="row"><a class="button" href="${PREFIX}">Overview</a></div></div>`,
});
