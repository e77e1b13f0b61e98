// What is around every page: whose it is, and the operator's own links.

import { wordsIn } from '../../protocol/languages.ts';
import { type Html, html } from './html.ts';
import type { Setting } from './setting.ts';

const NOTHING = html``;

/** Name and picture; where there is only a picture, it is the host that it stands for. */
export function drawBrand({ brand: { name, logo }, host }: Setting): Html {
  if (name === undefined && logo === undefined) return NOTHING;
  const alt = name === undefined ? host : '';
  const picture =
    logo === undefined ? [] : html`<img src="${logo}" alt="${alt}" referrerpolicy="no-referrer">`;
  return html`<header class="brand">${picture}${name ?? ''}</header>\n`;
}

export function drawBrandLinks({ brand, language, texts }: Setting): Html {
  const { links, defaultLanguage } = brand;
  if (links.length === 0) return NOTHING;
  return html`<footer class="links">
<nav aria-label="${texts.words.more}">
<ul role="list">
${links.map(({ text, url }) => html`<li><a href="${url}" target="_blank" rel="noopener noreferrer">${wordsIn(text, language, defaultLanguage)}<span class="unseen"> ${texts.words.newTab}</span></a></li>\n`)}</ul>
</nav>
</footer>
`;
}
