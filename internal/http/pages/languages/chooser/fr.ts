import { type Html, html } from '../../html.ts';
import type { ChooserTexts } from './en.ts';

export const chooser: ChooserTexts = {
  title: (client: string) => `Connexion à ${client}`,
  heading: (client: Html) => html`Connexion à ${client}`,
  alone: 'Qui voulez-vous être ?',
  forDevelopment: 'Ce service est destiné au développement : soyez qui vous voulez.',
  wanted: (client: Html, wanted: Html) => html`${client} demande le compte ${wanted}.`,
  search: 'Rechercher un nom ou une adresse',
  find: 'Rechercher',
  wishedAcr: 'Type de connexion (acr) souhaité par l’application',
  keep: (subject: Html) =>
    html`Continuer en tant que ${subject}, avec les informations saisies auparavant`,
  signedIn: 'connecté',
  edit: 'Modifier',
  more: (count: number) => `${count} de plus : recherchez un nom.`,
  nobody: 'Personne ne s’appelle ainsi dans le fichier.',
  somebodyElse: 'Quelqu’un d’autre ou d’autres informations',
  signIn: 'Se connecter avec ces informations',
  fields: {
    sub: ['Sujet', 'sub : n’importe qui, dans le fichier ou non'],
    name: ['Nom', 'name'],
    email: ['Adresse e-mail', 'email'],
    email_verified: ['L’adresse est-elle vérifiée ?', 'email_verified'],
    groups: ['Groupes', 'groups, séparés par des virgules'],
    acr: ['Type de connexion', 'acr, par exemple urn:example:mfa'],
    amr: ['Moyens de connexion', 'amr, séparés par des espaces, par exemple pwd otp'],
    ago: [
      'Connecté depuis combien de temps ?',
      'auth_time : 0, 90s, 5m, 2h ou 3d ; vide : non précisé',
    ],
    claims: ['Autres informations', 'JSON, par exemple {"locale": "de-CH"}'],
  },
  problems: {
    sub: () => html`Saisissez de 1 à 255 caractères ASCII imprimables, sans espace ni virgule.`,
    email: () => html`Saisissez une adresse e-mail.`,
    web_page: (claim: Html) => html`${claim} doit être une adresse en http ou https.`,
    birthdate: (claim: Html) => html`${claim} doit être une date : YYYY-MM-DD, 0000-MM-DD ou YYYY.`,
    reserved: (claim: Html) => html`Seul Asteroid peut définir ${claim}. Retirez-le.`,
    value: (claim: Html, rule: Html) => html`${claim} ne peut pas avoir cette valeur : ${rule}.`,
    own_field: (claim: Html) => html`${claim} a son propre champ. Saisissez-le à cet endroit.`,
    not_json: () =>
      html`Ce n’est pas du JSON. Saisissez un objet, par exemple {"locale": "de-CH"}.`,
    no_object: () => html`Il faut un objet, par exemple {"locale": "de-CH"}.`,
    too_deep: () => html`C’est imbriqué plus de 16 fois. Réduisez la profondeur.`,
    ago: () => html`Saisissez une durée, par exemple 0, 90s, 5m, 2h ou 3d.`,
    too_long: () => html`Saisissez 255 caractères au maximum.`,
    too_much: () =>
      html`C’est plus d’informations qu’un cookie ne peut en contenir. Retirez-en quelques-unes.`,
  },
  said: { nothing: 'non précisé', yes: 'oui', no: 'non' },
};
