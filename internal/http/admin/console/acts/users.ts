// What is done to End-Users whom the issuer keeps itself, and to what backends remember of anybody.

import { AdminRefusal } from '../../../../admin/refusal.ts';
import { html } from '../../../pages/html.ts';
import { address, value } from '../parts.ts';
import type { Act, Given, Visit } from '../visit.ts';

const page = (given: Given, said: Given = {}): string =>
  address('/users', { sub: given['sub'], ...said });

/** Says anew who they are, and nothing but that they are disabled or enabled is another. */
async function setDisabled({ given, ask }: Visit, disabled: boolean): Promise<void> {
  const names = { sub: given['sub'] ?? '' };
  const { body, version } = await ask('readUser', { names });
  if (body.stored === undefined) {
    const description = 'the userinfo backend store keeps no End-User of this name';
    throw new AdminRefusal('not_found', description);
  }
  const { claims } = body.stored;
  await ask('putUser', { names, body: { claims, disabled }, ifMatch: version });
}

export const USER_ACTS: readonly Act[] = [
  {
    word: 'flush',
    names: ['sub'],
    place: '/users',
    confirm: async ({ given }) => ({
      title: 'Forget what backends remember?',
      text:
        (given['sub'] ?? '') === ''
          ? html`<p>Every remembered answer of every userinfo backend is forgotten; all of them are asked again at once.</p>`
          : html`<p>What userinfo backends remember of ${value(given['sub'] ?? '')} is forgotten, and they are asked again.</p>`,
      button: 'Forget it',
      isGrave: false,
      back: page(given),
    }),
    async run({ given, ask }) {
      const { body } = await ask('flushUserinfo', { query: { subject: given['sub'] } });
      return { to: page(given, { done: 'flushed', count: String(body.answers) }) };
    },
  },
  {
    word: 'disable-user',
    names: ['sub'],
    place: '/users',
    confirm: async ({ given }) => ({
      title: 'Disable this End-User?',
      text: html`<p>${value(given['sub'] ?? '')} gets nothing from then on, whatever other backends say; sessions and authorizations end.</p>`,
      button: 'Disable the End-User',
      isGrave: true,
      back: page(given),
    }),
    async run(visit) {
      await setDisabled(visit, true);
      return { to: page(visit.given, { done: 'user_disabled' }) };
    },
  },
  {
    word: 'enable-user',
    names: ['sub'],
    place: '/users',
    confirm: async ({ given }) => ({
      title: 'Enable this End-User?',
      text: html`<p>${value(given['sub'] ?? '')} can sign in again.</p>`,
      button: 'Enable the End-User',
      isGrave: false,
      back: page(given),
    }),
    async run(visit) {
      await setDisabled(visit, false);
      return { to: page(visit.given, { done: 'user_enabled' }) };
    },
  },
  {
    word: 'delete-user',
    names: ['sub'],
    place: '/users',
    confirm: async ({ given }) => ({
      title: 'Delete this End-User?',
      text: html`<p>${value(given['sub'] ?? '')} is taken out of the backend store; sessions and authorizations end. Another backend, or the proxy, may still know somebody of this name: to keep them out, disable them instead.</p>`,
      button: 'Delete the End-User',
      isGrave: true,
      back: page(given),
    }),
    async run({ given, ask }) {
      await ask('deleteUser', { names: { sub: given['sub'] ?? '' } });
      return { to: address('/users', { done: 'user_deleted' }) };
    },
  },
];
