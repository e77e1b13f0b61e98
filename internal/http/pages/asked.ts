// What a client asks for, as the End-User reads it before they agree.

import type { DetailsText, ShownScope } from '../../oidc/endpoint.ts';
import { html } from './html.ts';

/** An entry of a list for each; a scope without a description is shown by its name. */
export const listScopes = (scope: readonly ShownScope[]) =>
  scope.map(({ name, description }) => html`<li>${description ?? name}</li>\n`);

/** Every member of one authorization detail (RFC 9396). */
export const drawDetails = ({ description, members }: DetailsText) =>
  html`<p>${description}</p>
${members.length === 0 ? [] : [html`<ul>\n${members.map(drawMember)}</ul>\n`]}`;

const drawMember = ([name, value]: readonly [string, string]) =>
  html`<li>${name}: <strong>${value}</strong></li>\n`;
