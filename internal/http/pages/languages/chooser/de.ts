import { type Html, html } from '../../html.ts';
import type { ChooserTexts } from './en.ts';

export const chooser: ChooserTexts = {
  title: (client: string) => `Anmelden bei ${client}`,
  heading: (client: Html) => html`Anmelden bei ${client}`,
  alone: 'Wer möchten Sie sein?',
  forDevelopment: 'Dieser Issuer dient der Entwicklung: Seien Sie, wer Sie möchten.',
  wanted: (client: Html, wanted: Html) => html`${client} fragt nach ${wanted}.`,
  search: 'Name oder Adresse suchen',
  find: 'Suchen',
  wishedAcr: 'Art der Anmeldung (acr), wie die Anwendung sie wünscht',
  keep: (subject: Html) => html`Weiter als ${subject}, mit den zuvor eingegebenen Angaben`,
  signedIn: 'angemeldet',
  edit: 'Ändern',
  more: (count: number) => `${count} weitere: Suchen Sie nach einem Namen.`,
  nobody: 'Niemand in der Datei heißt so.',
  somebodyElse: 'Jemand anders oder andere Angaben',
  signIn: 'Mit diesen Angaben anmelden',
  fields: {
    sub: ['Subject', 'sub: wer auch immer, ob in der Datei oder nicht'],
    name: ['Name', 'name'],
    email: ['E-Mail-Adresse', 'email'],
    email_verified: ['Ist die Adresse bestätigt?', 'email_verified'],
    groups: ['Gruppen', 'groups, durch Kommas getrennt'],
    acr: ['Art der Anmeldung', 'acr, etwa urn:example:mfa'],
    amr: ['Mittel der Anmeldung', 'amr, durch Leerzeichen getrennt, etwa pwd otp'],
    ago: [
      'Vor wie langer Zeit angemeldet?',
      'auth_time: 0, 90s, 5m, 2h oder 3d; leer: keine Angabe',
    ],
    claims: ['Weitere Angaben', 'JSON, etwa {"locale": "de-CH"}'],
  },
  said: { nothing: 'keine Angabe', yes: 'ja', no: 'nein' },
};
