import { type Html, html } from '../../html.ts';
import type { ProducerTexts } from './en.ts';

export const producer: ProducerTexts = {
  left: 'Die Anwendung erfährt von jetzt an von niemandem mehr.',
  signIn: 'Wieder anmelden',
  unreachable: 'Die Anwendung antwortet nicht',
  nothingAt: (to: Html, problem: Html) => html`Unter ${to} antwortet nichts (${problem}).`,
  start: (option: Html) =>
    html`Starten Sie Ihre Anwendung dort und laden Sie diese Seite neu, oder geben Sie mit ${option} an, wo sie ist.`,
};
