import { type Html, html } from '../../html.ts';
import type { ChooserTexts } from './en.ts';

export const chooser: ChooserTexts = {
  title: (client: string) => `Iniciar sesión en ${client}`,
  heading: (client: Html) => html`Iniciar sesión en ${client}`,
  alone: '¿Quién quiere ser?',
  forDevelopment: 'Este servicio es para desarrollo: sea quien usted quiera.',
  wanted: (client: Html, wanted: Html) => html`${client} solicita la cuenta ${wanted}.`,
  search: 'Buscar un nombre o una dirección',
  find: 'Buscar',
  wishedAcr: 'Tipo de inicio de sesión (acr) que desea la aplicación',
  keep: (subject: Html) => html`Continuar como ${subject}, con los datos introducidos antes`,
  signedIn: 'sesión iniciada',
  edit: 'Editar',
  more: (count: number) => `${count} más: busque un nombre.`,
  nobody: 'Nadie se llama así en el archivo.',
  somebodyElse: 'Otra persona u otros datos',
  signIn: 'Iniciar sesión con estos datos',
  fields: {
    sub: ['Sujeto', 'sub: quien sea, esté en el archivo o no'],
    name: ['Nombre', 'name'],
    email: ['Correo electrónico', 'email'],
    email_verified: ['¿Está verificada la dirección?', 'email_verified'],
    groups: ['Grupos', 'groups, separados por comas'],
    acr: ['Tipo de inicio de sesión', 'acr, por ejemplo urn:example:mfa'],
    amr: ['Medios de inicio de sesión', 'amr, separados por espacios, por ejemplo pwd otp'],
    ago: ['¿Hace cuánto inició sesión?', 'auth_time: 0, 90s, 5m, 2h o 3d; vacío: sin indicar'],
    claims: ['Otros datos', 'JSON, por ejemplo {"locale": "de-CH"}'],
  },
  said: { nothing: 'sin indicar', yes: 'sí', no: 'no' },
};
