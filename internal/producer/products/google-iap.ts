import { textOf } from '../end-user.ts';
import { json, type Product, UNAUTHORIZED } from '../product.ts';

/** So that no other kind of account can collide with it. */
const ACCOUNTS = 'accounts.google.com:';

export const googleIap: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended', 'X-Forwarded-Proto': 'proto' },
  nobody: 'ask',
  owns: ['X-Goog-*', 'X-Cloud-Trace-Context'],
  // Not signed: whoever reads these reads what anybody could write who reaches the app another way.
  beside: (who) => [
    ['X-Goog-Authenticated-User-Email', ACCOUNTS + textOf(who, 'email')],
    ['X-Goog-Authenticated-User-Id', ACCOUNTS + who.subject],
  ],
  signing: {
    issuer: (origin) => origin,
    lifetime: 600,
    subjectPrefix: ACCOUNTS,
    claims: (who) => {
      const [, hd] = textOf(who, 'email').split('@');
      return { ...(hd === undefined ? {} : { hd }), google: { access_levels: [] } };
    },
  },
  doors: {
    '/?gcp-iap-mode=IDENTITY': ({ who }) =>
      who === undefined
        ? UNAUTHORIZED
        : json({ email: ACCOUNTS + textOf(who, 'email'), sub: ACCOUNTS + who.subject }),
  },
};
