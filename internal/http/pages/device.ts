import type { Page } from '../../oidc/endpoint.ts';
import { drawAsked } from './asked.ts';
import { html, name, strong } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';
import type { Setting } from './setting.ts';

/** Asks for the code that a device shows. */
export function drawUserCodePage(
  { problem }: Extract<Page, { kind: 'user_code' }>,
  setting: Setting,
): DrawnPage {
  const { device, words } = setting.texts;
  const described = html`${problem === undefined ? '' : 'user_code_problem '}user_code_hint`;
  return drawPage(setting, {
    title: device.title,
    formAction: ["'self'"],
    ownForm: true,
    main: html`<h1>${device.heading}</h1>
${problem === undefined ? [] : html`<p role="alert" id="user_code_problem">${device.problems[problem]}</p>\n`}<form method="post" action="${setting.action('device')}">
<label for="user_code">${device.label}</label>
<input id="user_code" name="user_code" required maxlength="64" autofocus autocomplete="off" autocapitalize="characters" spellcheck="false" dir="ltr" aria-describedby="${described}"${problem === undefined ? [] : INVALID}>
<p class="soft" id="user_code_hint">${device.hint}</p>
<button class="main">${words.continue}</button>
</form>`,
  });
}

const INVALID = html` aria-invalid="true"`;

/** Asks whether to let a device in; both buttons send the form, and nothing else does. */
export function drawDevicePage(
  page: Extract<Page, { kind: 'device' }>,
  setting: Setting,
): DrawnPage {
  const { device, words } = setting.texts;
  const { clientName } = page;
  return drawPage(setting, {
    title: device.askTitle(clientName),
    formAction: ["'self'"],
    ownForm: true,
    main: html`<h1>${device.askHeading(name(clientName))}</h1>
<p>${device.compare(strong(page.subject))}</p>
<p class="code" dir="ltr">${page.userCode}</p>
<p class="warning">${device.warning}</p>
${drawAsked(page, setting.texts)}<form method="post" action="${setting.action('device')}">
<input type="hidden" name="handle" value="${page.handle}">
<button class="main" name="decision" value="allow">${device.allow}</button>
<button name="decision" value="deny">${words.deny}</button>
</form>`,
  });
}

/** There is nothing left to do here. No link anywhere. */
export function drawDeviceAnsweredPage(
  { allowed }: Extract<Page, { kind: 'device_answered' }>,
  setting: Setting,
): DrawnPage {
  const { connected, refused } = setting.texts.device;
  const { title, heading, text } = allowed ? connected : refused;
  return drawPage(setting, { title, main: html`<h1>${heading}</h1>\n<p>${text}</p>` });
}
