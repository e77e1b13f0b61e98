import type { Product } from '../product.ts';

export const awsAlb: Product = {
  host: 'kept',
  forwarding: {
    'X-Forwarded-For': 'appended',
    'X-Forwarded-Port': 'port',
    'X-Forwarded-Proto': 'proto',
  },
  nobody: 'ask',
  owns: ['X-Amzn-Oidc-*', 'X-Amzn-Trace-Id'],
  beside: (who) => [
    ['X-Amzn-Oidc-Identity', who.subject],
    // Opaque: there is no identity provider here that would take it.
    ['X-Amzn-Oidc-Accesstoken', `dev-${who.sid}`],
  ],
  // It has no path to sign out: an app expires this cookie itself.
  sessionCookie: 'AWSELBAuthSessionCookie-0',
  signing: {
    issuer: (origin) => `${origin}/.asteroid`,
    lifetime: 120,
    saysAll: true,
  },
};
