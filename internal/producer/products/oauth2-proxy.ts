import type { Product } from '../product.ts';
import { OAUTH2_DOORS } from './oauth2-doors.ts';

/** It keeps Host, adds the peer to X-Forwarded-For, and lets a client's X-Forwarded-Host and -Proto through. */
export const oauth2Proxy = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended' },
  nobody: 'ask',
  doors: {
    ...OAUTH2_DOORS,
    '/ping': () => ({ kind: 'answer', status: 200, body: 'OK' }),
  },
  // Also where it is told to pass them on.
  owns: ['X-Forwarded-Access-Token', 'Gap-Auth', 'Gap-Signature'],
} as const satisfies Product;
