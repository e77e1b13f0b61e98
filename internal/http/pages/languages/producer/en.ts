import { type Html, html } from '../../html.ts';

/** What only the pages of the producer say, in English. */
export const producer = {
  left: 'The application hears of nobody from here on.',
  signIn: 'Sign in again',
  unreachable: 'The application does not answer',
  nothingAt: (to: Html, problem: Html) => html`Nothing answers at ${to} (${problem}).`,
  start: (option: Html) =>
    html`Start your application there and load this page again, or name where it is with ${option}.`,
};

export type ProducerTexts = typeof producer;
