// What is done to keys, and the reading of files again.

import { html } from '../../../pages/html.ts';
import { address, code } from '../parts.ts';
import type { Act } from '../visit.ts';

const KEYS = address('/keys');

const rotate = (word: string, immediately: boolean, title: string, text: string): Act => ({
  word,
  names: [],
  place: '/keys',
  confirm: async () => ({
    title,
    text: html`<p>${text}</p>`,
    button: immediately ? 'Rotate at once' : 'Add successors',
    isGrave: immediately,
    back: KEYS,
  }),
  async run({ ask }) {
    await ask('rotateKeys', { body: { immediately } });
    return { to: address('/keys', { done: 'keys_rotated' }) };
  },
});

export const KEY_ACTS: readonly Act[] = [
  rotate(
    'rotate',
    false,
    'Rotate the keys?',
    'Every algorithm in use gets a successor. It is published at once, and signs once every cache of the JWKS knows it.',
  ),
  rotate(
    'rotate-now',
    true,
    'Rotate at once?',
    'For a key that leaked: successors sign from this moment on. Relying parties that keep a copy of the JWKS refuse what is signed until they read it again. Retire the key that leaked afterwards.',
  ),
  {
    word: 'retire-key',
    names: ['kid'],
    place: '/keys',
    confirm: async ({ given }) => ({
      title: 'Retire this key?',
      text: html`<p>${code(given['kid'] ?? '')} is taken out for ever. Whatever it signed stops to count: its holders have to sign in, or refresh, again.</p>`,
      button: 'Retire the key',
      isGrave: true,
      back: KEYS,
    }),
    async run({ given, ask }) {
      await ask('retireKey', { names: { kid: given['kid'] ?? '' } });
      return { to: address('/keys', { done: 'key_retired' }) };
    },
  },
  {
    word: 'reload',
    names: [],
    place: '/configuration',
    confirm: async () => ({
      title: 'Read the files again?',
      text: html`<p>The configuration, and keys, are read again in every process. What cannot be taken leaves everything as it is.</p>`,
      button: 'Read them again',
      isGrave: false,
      back: address('/configuration'),
    }),
    async run({ ask }) {
      const { body } = await ask('reload');
      const done = body.outdated ? 'reload_refused' : 'reloaded';
      return { to: address('/configuration', { done }) };
    },
  },
];
