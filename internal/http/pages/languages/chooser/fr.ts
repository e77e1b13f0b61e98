import { type Html, html } from '../../html.ts';
import type { ChooserTexts } from './en.ts';

export const chooser: ChooserTexts = {
  title: (client: string) => `Connexion à ${client}`,
  heading: (client: Html) => html`Connexion à ${client}`,
  alone: 'Qui voulez-vous être ?',
  forDevelopment: 'Ce fournisseur sert au développement : soyez qui vous voulez.',
  wanted: (client: Html, wanted: Html) => html`${client} demande ${wanted}.`,
  search: 'Chercher un nom ou une adresse',
  find: 'Chercher',
  wishedAcr: 'Comment vous vous êtes connecté (acr), selon le souhait de l’application',
  keep: (subject: Html) =>
    html`Continuer en tant que ${subject}, avec les informations saisies auparavant`,
  signedIn: 'connecté',
  edit: 'Modifier',
  more: (count: number) => `${count} de plus : cherchez un nom.`,
  nobody: 'Personne ne s’appelle ainsi dans le fichier.',
  somebodyElse: 'Quelqu’un d’autre, ou d’autres informations',
  signIn: 'Se connecter avec ces informations',
  fields: {
    sub: ['Sujet', 'sub : n’importe qui, dans le fichier ou non'],
    name: ['Nom', 'name'],
    email: ['Adresse e-mail', 'email'],
    email_verified: ['L’adresse est-elle vérifiée ?', 'email_verified'],
    groups: ['Groupes', 'groups, séparés par des virgules'],
    acr: ['Type de connexion', 'acr, comme urn:example:mfa'],
    amr: ['Moyens de connexion', 'amr, séparés par des espaces, comme pwd otp'],
    ago: [
      'Connecté depuis combien de temps ?',
      'auth_time : 0, 90s, 5m, 2h ou 3d ; vide ne dit rien',
    ],
    claims: ['Autres informations', 'JSON, comme {"locale": "de-CH"}'],
  },
  said: { nothing: 'ne rien dire', yes: 'oui', no: 'non' },
};
