import type { ChooserField } from '../../../../oidc/endpoint.ts';
import { type Html, html } from '../../html.ts';

/** What the page with people to choose from says, in English. */
export const chooser = {
  title: (client: string) => `Sign in to ${client}`,
  heading: (client: Html) => html`Sign in to ${client}`,
  alone: 'Who do you want to be?',
  forDevelopment: 'This issuer is for development: be whoever you like.',
  wanted: (client: Html, wanted: Html) => html`${client} asks for ${wanted}.`,
  search: 'Look for a name or an address',
  find: 'Find',
  wishedAcr: 'How you signed in (acr), as the application wishes it',
  keep: (subject: Html) => html`Continue as ${subject}, with the claims entered before`,
  signedIn: 'signed in',
  edit: 'Edit',
  more: (count: number) => `${count} more: look for a name.`,
  nobody: 'Nobody in the file is called that.',
  somebodyElse: 'Somebody else, or other claims',
  signIn: 'Sign in with these claims',
  fields: {
    sub: ['Subject', 'sub: whoever it is, in the file or not'],
    name: ['Name', 'name'],
    email: ['Email address', 'email'],
    email_verified: ['Is the address verified?', 'email_verified'],
    groups: ['Groups', 'groups, with commas between them'],
    acr: ['Kind of sign-in', 'acr, as in urn:example:mfa'],
    amr: ['Means of signing in', 'amr, with blanks between them, as in pwd otp'],
    ago: ['Signed in how long ago?', 'auth_time: 0, 90s, 5m, 2h or 3d; empty says nothing'],
    claims: ['Other claims', 'JSON, as in {"locale": "de-CH"}'],
  } as Readonly<Record<ChooserField, readonly [label: string, hint: string]>>,
  said: { nothing: 'say nothing', yes: 'yes', no: 'no' },
};

export type ChooserTexts = typeof chooser;
