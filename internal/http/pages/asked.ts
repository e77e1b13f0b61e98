// What a client asks for, as the End-User reads it before they agree.

import type { DetailsText, ShownScope } from '../../oidc/endpoint.ts';
import { wordsIn } from '../../protocol/languages.ts';
import { type Html, html, name } from './html.ts';
import type { Setting } from './setting.ts';

type Asked = {
  readonly clientName: string;
  readonly scope: readonly ShownScope[];
  readonly details: readonly DetailsText[];
};

/** All of it; a scope that nobody describes is shown by its name. */
export function drawAsked({ clientName, scope, details }: Asked, setting: Setting): Html {
  const { asked } = setting.texts;
  return html`<p>${asked.scopes(name(clientName))}</p>
${drawScopes(scope, setting)}${details.map(drawDetails)}`;
}

/** What each lets a client see or do. */
export const drawScopes = (scope: readonly ShownScope[], setting: Setting): Html =>
  html`<ul class="asked" role="list">
${scope.map((one) => html`<li>${wordsFor(one, setting)}</li>\n`)}</ul>
`;

/** The operator's own words before ours. */
function wordsFor({ name: scope, description }: ShownScope, setting: Setting): string {
  const { language, brand, texts } = setting;
  if (description !== undefined) return wordsIn(description, language, brand.defaultLanguage);
  const standard: Readonly<Record<string, string>> = texts.asked.standard;
  return (Object.hasOwn(standard, scope) ? standard[scope] : undefined) ?? scope;
}

/** Every member of one authorization detail (RFC 9396). */
const drawDetails = ({ description, members }: DetailsText): Html =>
  html`<p>${description}</p>
${members.length === 0 ? [] : [html`<ul>\n${members.map(drawMember)}</ul>\n`]}`;

const drawMember = ([member, value]: readonly [string, string]) =>
  html`<li>${member}: <strong>${value}</strong></li>\n`;
