import { html } from './html.ts';

/** What the scopes of the issuer let a client see; others are shown by their name. */
const SCOPE_TEXTS: ReadonlyMap<string, string> = new Map([
  ['openid', 'who you are here'],
  ['profile', 'your name and profile'],
  ['email', 'your email address'],
  ['address', 'your postal address'],
  ['phone', 'your phone number'],
  ['groups', 'the groups you belong to'],
  ['offline_access', 'all of this also while you are away'],
]);

/** An entry of a list for each. */
export const listScopes = (scope: readonly string[]) =>
  scope.map((name) => html`<li>${SCOPE_TEXTS.get(name) ?? name}</li>\n`);
