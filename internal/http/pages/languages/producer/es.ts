import { type Html, html } from '../../html.ts';
import type { ProducerTexts } from './en.ts';

export const producer: ProducerTexts = {
  left: 'A partir de ahora la aplicación no tiene noticia de nadie.',
  signIn: 'Volver a iniciar sesión',
  unreachable: 'La aplicación no responde',
  nothingAt: (to: Html, problem: Html) => html`Nada responde en ${to} (${problem}).`,
  start: (option: Html) =>
    html`Inicie allí su aplicación y vuelva a cargar esta página, o indique con ${option} dónde está.`,
};
