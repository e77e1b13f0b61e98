// The pages of the producer beside the chooser, drawn with the tools of all others.

import { html } from '../http/pages/html.ts';
import { type DrawnPage, drawPage } from '../http/pages/layout.ts';
import type { Setting } from '../http/pages/setting.ts';
import { SIGN_IN } from './doors.ts';

export const drawLeft = (setting: Setting): DrawnPage =>
  drawPage(setting, {
    title: 'Signed out',
    main: html`<h1>You are signed out</h1>
<p>The application hears of nobody from here on.</p>
<p><a href="${SIGN_IN}">Sign in again</a></p>`,
  });

/** The app did not answer. @param problem a code of the system, as in ECONNREFUSED. */
export const drawUnreachable = (to: string, problem: string, setting: Setting): DrawnPage =>
  drawPage(setting, {
    title: 'The application does not answer',
    main: html`<h1>The application does not answer</h1>
<p>Nothing answers at <strong>${to}</strong> (<code>${problem}</code>).</p>
<p>Start your application there and load this page again, or name where it is with <code>--to</code>.</p>`,
  });
