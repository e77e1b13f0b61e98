import type { ChooserField, ChooserProblem } from '../../../../oidc/endpoint.ts';
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
  problems: {
    sub: () => html`Write 1 to 255 printable ASCII characters, without blanks and commas.`,
    email: () => html`Write an email address.`,
    web_page: (claim: Html) => html`${claim} has to be an http or https address.`,
    birthdate: (claim: Html) => html`${claim} has to be a date: YYYY-MM-DD, 0000-MM-DD or YYYY.`,
    reserved: (claim: Html) => html`${claim} is a claim that only Asteroid may set. Leave it out.`,
    value: (claim: Html, rule: Html) => html`${claim} is not allowed to be this: ${rule}.`,
    own_field: (claim: Html) => html`${claim} has a field of its own. Write it there.`,
    not_json: () => html`This is not JSON. Write an object, as in {"locale": "de-CH"}.`,
    no_object: () => html`This has to be an object, as in {"locale": "de-CH"}.`,
    too_deep: () => html`This is nested more than 16 times. Make it flatter.`,
    ago: () => html`Write a length of time, as in 0, 90s, 5m, 2h or 3d.`,
    too_long: () => html`Write 255 characters at most.`,
    too_much: () => html`These are more claims than a cookie holds. Leave some out.`,
  } as ChooserProblemTexts,
  said: { nothing: 'say nothing', yes: 'yes', no: 'no' },
};

type ChooserProblemTexts = Readonly<
  Record<ChooserProblem['kind'], (claim: Html, rule: Html) => Html>
>;

export type ChooserTexts = typeof chooser;
