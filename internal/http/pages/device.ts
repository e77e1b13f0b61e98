import type { Page } from '../../oidc/endpoint.ts';
import { drawDetails, listScopes } from './asked.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';

const PROBLEMS = {
  unknown:
    'No device waits with this code. Look at the code again, or let the device show a new one.',
  too_many: 'Too many codes were tried. Wait ten minutes, then let the device show a new one.',
} as const;

/** Asks for the code that a device shows. */
export const drawUserCodePage = (
  { problem }: Extract<Page, { kind: 'user_code' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: 'Connect a device',
    nonce,
    formAction: ["'self'"],
    ownForm: true,
    main: html`<h1>Connect a device</h1>
${problem === undefined ? [] : html`<p role="alert"><strong>${PROBLEMS[problem]}</strong></p>\n`}<form method="post" action="${action}">
<label for="user_code">Enter the code that your device shows</label>
<input id="user_code" name="user_code" required maxlength="64" autofocus autocomplete="off" autocapitalize="characters" spellcheck="false">
<button class="main">Continue</button>
</form>`,
  });

/** Asks whether to let a device in; both buttons send the form, and nothing else does. */
export const drawDevicePage = (
  page: Extract<Page, { kind: 'device' }>,
  nonce: string,
  action: string,
): DrawnPage =>
  drawPage({
    title: `Connect ${page.clientName}?`,
    nonce,
    formAction: ["'self'"],
    ownForm: true,
    main: html`<h1>Connect ${page.clientName}?</h1>
<p>A device asks to be signed in as <strong>${page.subject}</strong>. Compare: does it show this code?</p>
<p class="code">${page.userCode}</p>
<p>Allow it only if you have the device in front of you and started this yourself. If somebody sent you
this link or this code, deny: they would be signed in as you.</p>
<p>${page.clientName} wants to know:</p>
<ul>
${listScopes(page.scope)}</ul>
${page.details.map(drawDetails)}<form method="post" action="${action}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">The code is the same: allow</button>
<button name="decision" value="deny">Deny</button>
</form>`,
  });

/** There is nothing left to do here. No link anywhere. */
export const drawDeviceAnsweredPage = (
  { allowed }: Extract<Page, { kind: 'device_answered' }>,
  nonce: string,
): DrawnPage =>
  drawPage({
    title: allowed ? 'Device connected' : 'Device refused',
    nonce,
    main: allowed
      ? html`<h1>The device is connected</h1>
<p>You can go back to your device, and close this page.</p>`
      : html`<h1>The device was refused</h1>
<p>It was not signed in. You can close this page.</p>`,
  });
