import { textOf } from '../end-user.ts';
import type { Product } from '../product.ts';

export const teleport: Product = {
  host: 'app',
  forwarding: {
    'X-Forwarded-For': 'peer',
    'X-Forwarded-Host': 'host',
    'X-Forwarded-Proto': 'proto',
    'X-Forwarded-Server': 'server',
    'X-Real-Ip': 'peer',
  },
  nobody: 'ask',
  owns: ['Teleport-*'],
  signing: {
    issuer: () => 'teleport.example.com',
    lifetime: 300,
    audience: 'list',
    claims: (who, { now }) => ({
      nbf: now,
      username: textOf(who, 'preferred_username') || who.subject,
      traits: { logins: [who.subject], email: [textOf(who, 'email')] },
    }),
  },
  doors: {
    '/teleport-logout': () => ({ kind: 'leave', next: undefined }),
  },
};
