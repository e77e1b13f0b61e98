import type { Product } from '../product.ts';
import { OAUTH2_DOORS } from './oauth2-doors.ts';

export const traefikForwardauth: Product = {
  host: 'kept',
  forwarding: {
    'X-Forwarded-For': 'peer',
    'X-Forwarded-Host': 'host',
    'X-Forwarded-Port': 'port',
    'X-Forwarded-Proto': 'proto',
    'X-Forwarded-Server': 'server',
    'X-Real-Ip': 'peer',
  },
  nobody: 'ask',
  doors: OAUTH2_DOORS,
  owns: ['X-Auth-Request-*', 'X-Forwarded-Prefix'],
};
