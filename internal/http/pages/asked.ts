// What a client asks for, as the End-User reads it before they agree.

import type { DetailsText, ShownScope } from '../../oidc/endpoint.ts';
import { type Html, html, name } from './html.ts';
import type { Texts } from './languages/en.ts';

type Asked = {
  readonly clientName: string;
  readonly scope: readonly ShownScope[];
  readonly details: readonly DetailsText[];
};

/** All of it; a scope that nobody describes is shown by its name. */
export const drawAsked = ({ clientName, scope, details }: Asked, { asked }: Texts): Html =>
  html`<p>${asked.scopes(name(clientName))}</p>
<ul class="asked">
${scope.map((one) => html`<li>${wordsFor(one, asked.standard)}</li>\n`)}</ul>
${details.map(drawDetails)}`;

/** The operator's own words before ours. */
const wordsFor = (
  { name: scope, description }: ShownScope,
  standard: Readonly<Record<string, string>>,
): string => description ?? (Object.hasOwn(standard, scope) ? standard[scope] : undefined) ?? scope;

/** Every member of one authorization detail (RFC 9396). */
const drawDetails = ({ description, members }: DetailsText): Html =>
  html`<p>${description}</p>
${members.length === 0 ? [] : [html`<ul>\n${members.map(drawMember)}</ul>\n`]}`;

const drawMember = ([member, value]: readonly [string, string]) =>
  html`<li>${member}: <strong>${value}</strong></li>\n`;
