import type { Page } from '../../oidc/endpoint.ts';
import { describeError } from './error-kinds.ts';
import { html } from './html.ts';
import { type DrawnPage, drawPage } from './layout.ts';
import type { Setting } from './setting.ts';

/**
 * What happened, what to do, who can do something about it, and the id that finds it in the log. No
 * link anywhere: an address that is part of the problem must not be offered.
 */
export function drawErrorPage(
  { code, reason, description, requestId }: Extract<Page, { kind: 'error' }>,
  setting: Setting,
): DrawnPage {
  const { error } = setting.texts;
  const { kind, who } = describeError(code, reason);
  const { heading, happened, todo } = error.kinds[kind];
  return drawPage(setting, {
    title: heading,
    main: html`<h1>${heading}</h1>
<p>${happened}</p>
<p>${todo}</p>
<p class="soft">${error.tell[who]}</p>
<p class="reference"><code>${requestId}</code></p>
<details>
<summary>${error.details}</summary>
<p lang="en" dir="ltr"><code>${code}</code> ${description}</p>
</details>`,
  });
}
