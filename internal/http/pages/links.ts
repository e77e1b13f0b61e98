import type { ClientLinks } from '../../oidc/endpoint.ts';
import { type Html, html } from './html.ts';
import type { Texts } from './languages/en.ts';
import { checkNoScript } from './layout.ts';

/** The client's own picture; the browser fetches it, and tells nobody from where. */
export const drawLogo = ({ logoUri }: ClientLinks): Html | readonly Html[] =>
  logoUri === undefined
    ? []
    : html`<img class="logo" src="${checkNoScript(logoUri)}" alt="" referrerpolicy="no-referrer">\n`;

const SHOWN = ['clientUri', 'policyUri', 'tosUri'] as const;

type Described = { readonly clientName: string; readonly links: ClientLinks };

/** Pages of the client's own, opened beside ours, which they neither see nor steer. */
export function drawLinks(
  { clientName, links: uris }: Described,
  { links, words }: Texts,
): Html | readonly Html[] {
  const shown = SHOWN.flatMap((key) => {
    const uri = uris[key];
    return uri === undefined ? [] : [{ uri, text: links[key] }];
  });
  return shown.length === 0
    ? []
    : html`<nav class="about" aria-label="${links.about(clientName)}">
<ul>
${shown.map(
  ({ uri, text }) =>
    html`<li><a href="${checkNoScript(uri)}" target="_blank" rel="noopener noreferrer">${text}<span class="unseen"> ${words.newTab}</span></a></li>\n`,
)}</ul>
</nav>
`;
}
