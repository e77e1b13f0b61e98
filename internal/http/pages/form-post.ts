import type { ProtocolResponse } from '../../oidc/endpoint.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage, formActionSources } from './layout.ts';

/**
 * A form that sends itself to the client (Form Post Response Mode §2), or by its button where
 * scripts are off. Throws on an action that would run as script (CVE-2024-21637).
 */
export const drawFormPost = (
  { action, fields }: Extract<ProtocolResponse, { kind: 'form_post' }>,
  nonce: string,
): DrawnPage =>
  drawPage({
    title: 'Back to the application',
    nonce,
    formAction: formActionSources(action),
    script: 'document.forms[0].submit();',
    main: html`<form method="post" action="${action}">
${Object.entries(fields).map(
  ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`,
)}<noscript>
<h1>Back to the application</h1>
<p>Your browser does not run scripts: press the button to go on.</p>
<button class="main">Continue</button>
</noscript>
</form>`,
  });
