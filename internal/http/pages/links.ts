import type { ClientLinks } from '../../oidc/endpoint.ts';
import { type Html, html } from './html.ts';
import { checkNoScript } from './layout.ts';

/** The client's own picture; the browser fetches it, and tells nobody from where. */
export const drawLogo = ({ logoUri }: ClientLinks): Html | readonly Html[] =>
  logoUri === undefined
    ? []
    : html`<img class="logo" src="${checkNoScript(logoUri)}" alt="" referrerpolicy="no-referrer">\n`;

const NAMES = [
  ['clientUri', 'home page'],
  ['policyUri', 'privacy policy'],
  ['tosUri', 'terms of service'],
] as const;

/** Pages of the client's own, opened beside ours, which they neither see nor steer. */
export function drawLinks(links: ClientLinks): Html | readonly Html[] {
  const shown = NAMES.flatMap(([key, name]) => {
    const uri = links[key];
    return uri === undefined
      ? []
      : [
          html`<a href="${checkNoScript(uri)}" target="_blank" rel="noopener noreferrer">${name}</a>`,
        ];
  });
  return shown.length === 0
    ? []
    : html`<p class="soft">Its ${shown.map((link, index) => html`${index === 0 ? '' : ', '}${link}`)}.</p>\n`;
}
