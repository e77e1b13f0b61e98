import { groupsOf, textOf } from '../end-user.ts';
import { json, type Product } from '../product.ts';

const DAY = 24 * 60 * 60;

export const cloudflareAccess: Product = {
  host: 'kept',
  forwarding: {
    'X-Forwarded-For': 'appended',
    'X-Forwarded-Proto': 'proto',
    'Cf-Connecting-Ip': 'peer',
  },
  nobody: 'ask',
  owns: ['Cf-*', 'Cdn-Loop'],
  beside: (who) => [['Cf-Access-Authenticated-User-Email', textOf(who, 'email')]],
  assertionCookie: 'CF_Authorization',
  signing: {
    issuer: (origin) => origin,
    lifetime: DAY,
    audience: 'list',
    claims: (who, { now }) => ({
      nbf: now,
      identity_nonce: who.sid,
      country: 'XX',
    }),
  },
  doors: {
    '/cdn-cgi/access/login': ({ url }) => ({
      kind: 'choose',
      back: url.searchParams.get('redirect_url') ?? undefined,
    }),
    '/cdn-cgi/access/get-identity': ({ who }) =>
      who === undefined
        ? json({ err: 'no app token set' }, 400)
        : json({
            id: who.subject,
            user_uuid: who.subject,
            name: textOf(who, 'name'),
            email: textOf(who, 'email'),
            groups: groupsOf(who),
            iat: who.since,
            idp: { id: 'asteroid', type: 'oidc' },
          }),
  },
};
