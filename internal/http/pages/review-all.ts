import type { Page } from '../../oidc/endpoint.ts';
import { html, name, strong } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';
import type { Setting } from './setting.ts';

/** Asks whether all of it is to end; both buttons send the form, and nothing else does. */
export function drawReviewAllPage(
  { subject, clientNames, handle }: Extract<Page, { kind: 'review_all' }>,
  setting: Setting,
): DrawnPage {
  const { asked, review } = setting.texts;
  const { title, heading, text, end, keep } = review.everything;
  return drawPage(setting, {
    title,
    formAction: ["'self'"],
    ownForm: true,
    main: html`<h1>${heading}</h1>
<p>${asked.youAre(strong(subject))} ${text}</p>
<ul>
${clientNames.map((client) => html`<li>${name(client)}</li>\n`)}</ul>
<form method="post" action="${setting.action('review')}">
<input type="hidden" name="handle" value="${handle}">
<button class="main" name="decision" value="end">${end}</button>
<button name="decision" value="keep">${keep}</button>
</form>`,
  });
}
