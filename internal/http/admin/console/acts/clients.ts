// What is done to registered clients.

import { html } from '../../../pages/html.ts';
import { address, code } from '../parts.ts';
import type { Act, Given } from '../visit.ts';

const client = ({ client_id = '' }: Given) => ({ client_id });
const page = (given: Given, done?: string): string =>
  address('/client', { ...client(given), ...(done === undefined ? {} : { done }) });

export const CLIENT_ACTS: readonly Act[] = [
  {
    word: 'add-secret',
    names: ['client_id'],
    place: '/clients',
    confirm: async ({ given }) => ({
      title: 'Add a second secret?',
      text: html`<p>${code(given['client_id'] ?? '')} gets a second secret, which is shown once. Both count until one of them is retired.</p>`,
      button: 'Add a secret',
      isGrave: false,
      back: page(given),
    }),
    async run({ given, ask }) {
      const { body } = await ask('addClientSecret', { names: client(given) });
      return {
        sheet: {
          title: 'A second secret',
          main: html`<h1>A second secret</h1>
<p class="warning">It is shown here and never again. Give it to the client, then retire the other one.</p>
<div class="card"><h2>Secret ${code(body.secret_id)} of ${code(given['client_id'] ?? '')}</h2>
<pre class="secret">${body.client_secret}</pre>
<a class="button" href="${page(given)}">I have it</a></div>`,
        },
      };
    },
  },
  {
    word: 'retire-secret',
    names: ['client_id', 'secret_id'],
    place: '/clients',
    confirm: async ({ given }) => ({
      title: 'Retire this secret?',
      text: html`<p>Whoever still authenticates as ${code(given['client_id'] ?? '')} with the secret ${code(given['secret_id'] ?? '')} is refused from then on.</p>`,
      button: 'Retire the secret',
      isGrave: true,
      back: page(given),
    }),
    async run({ given, ask }) {
      const names = { ...client(given), secret_id: given['secret_id'] ?? '' };
      await ask('retireClientSecret', { names });
      return { to: page(given, 'secret_retired') };
    },
  },
  {
    word: 'delete-client',
    names: ['client_id'],
    place: '/clients',
    confirm: async ({ given }) => ({
      title: 'Delete this client?',
      text: html`<p>${code(given['client_id'] ?? '')} is forgotten for ever. Nothing that it was given counts from then on, and nobody can sign in to it.</p>`,
      button: 'Delete the client',
      isGrave: true,
      back: page(given),
    }),
    async run({ given, ask }) {
      await ask('deleteClient', { names: client(given) });
      return { to: address('/clients', { done: 'client_deleted' }) };
    },
  },
];
