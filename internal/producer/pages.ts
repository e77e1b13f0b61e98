// The pages of the producer beside the chooser, drawn with the tools of all others.

import { html, strong } from '../http/pages/html.ts';
import { type DrawnPage, drawPage } from '../http/pages/layout.ts';
import type { Setting } from '../http/pages/setting.ts';
import { SIGN_IN } from './doors.ts';

export function drawLeft(setting: Setting): DrawnPage {
  const { producer, signOut } = setting.texts;
  return drawPage(setting, {
    title: signOut.out.title,
    main: html`<h1>${signOut.out.heading}</h1>
<p>${producer.left}</p>
<p><a class="button main" href="${SIGN_IN}">${producer.signIn}</a></p>`,
  });
}

/** The app did not answer. @param problem a code of the system, as in ECONNREFUSED. */
export function drawUnreachable(to: string, problem: string, setting: Setting): DrawnPage {
  const { producer } = setting.texts;
  return drawPage(setting, {
    title: producer.unreachable,
    main: html`<h1>${producer.unreachable}</h1>
<p>${producer.nothingAt(strong(to), html`<code>${problem}</code>`)}</p>
<p>${producer.start(html`<code>--to</code>`)}</p>`,
  });
}
