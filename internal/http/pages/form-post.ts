import type { ProtocolResponse } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';
import type { Setting } from './setting.ts';

/**
 * A form that sends itself to the client (Form Post Response Mode §2), or by its button where
 * scripts are off. Throws on an action that would run as script (CVE-2024-21637).
 */
export function drawFormPost(
  { action, fields }: Extract<ProtocolResponse, { kind: 'form_post' }>,
  setting: Setting,
): DrawnPage {
  const { back, words } = setting.texts;
  return drawPage(setting, {
    title: back.title,
    formAction: formActionSources(action),
    script: 'document.forms[0].submit();',
    main: html`<h1>${back.title}</h1>
<form method="post" action="${action}">
${Object.entries(fields).map(
  ([field, value]) => html`<input type="hidden" name="${field}" value="${value}">\n`,
)}<noscript>
<p>${back.text}</p>
<button class="main">${words.continue}</button>
</noscript>
</form>`,
  });
}
