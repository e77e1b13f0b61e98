import { type Html, html } from '../../html.ts';
import type { ProducerTexts } from './en.ts';

export const producer: ProducerTexts = {
  left: 'À partir de maintenant, l’application n’entend plus parler de personne.',
  signIn: 'Se reconnecter',
  unreachable: 'L’application ne répond pas',
  nothingAt: (to: Html, problem: Html) => html`Rien ne répond à l’adresse ${to} (${problem}).`,
  start: (option: Html) =>
    html`Démarrez-y votre application et rechargez cette page, ou indiquez où elle se trouve avec ${option}.`,
};
