// What is said of something that was done, on the page where one is then. Words of a closed set: an address
// that somebody sends says nothing else.

import { type Html, html } from '../../pages/html.ts';
import type { Given } from './visit.ts';

const NOTICES: Readonly<Record<string, (count: string) => string>> = {
  client_deleted: () => 'The client is deleted. Nothing that it was given counts any more.',
  secret_retired: () => 'The secret is retired and does not count any more.',
  authorization_ended: () => 'The authorization has ended, with every token issued under it.',
  authorizations_ended: (count) =>
    `Ended: ${count} authorizations, with every token issued under them.`,
  session_ended: () => 'The session has ended. Its clients are being told.',
  sessions_ended: (count) => `Ended: ${count} sessions. Their clients are being told.`,
  flushed: (count) => `Forgotten: ${count} remembered answers of userinfo backends.`,
  user_disabled: () => 'The End-User is disabled: sessions and authorizations have ended.',
  user_enabled: () => 'The End-User is enabled again.',
  user_deleted: () => 'The End-User is deleted. Sessions and authorizations have ended.',
  keys_rotated: () => 'Successors were added to the keys.',
  key_retired: () => 'The key is retired. Nothing that it signed counts any more.',
  reloaded: () => 'The files were read again, and are in force.',
  reload_refused: () =>
    'The files were read again and could not be taken: the audit trail and the log say why.',
};

export function drawNotice({ done = '', count = '' }: Given): readonly Html[] {
  const say = Object.hasOwn(NOTICES, done) ? NOTICES[done] : undefined;
  if (say === undefined) return [];
  const number = /^\d{1,9}$/.test(count) ? count : '0';
  return [html`<p class="notice" role="status">${say(number)}</p>\n`];
}
