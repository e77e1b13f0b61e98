import type { Product } from '../product.ts';
import { OAUTH2_DOORS } from './oauth2-doors.ts';

export const nginxAuthRequest: Product = {
  host: 'kept',
  forwarding: {
    'X-Forwarded-For': 'peer',
    'X-Forwarded-Host': 'host',
    'X-Forwarded-Proto': 'proto',
    'X-Real-Ip': 'peer',
  },
  nobody: 'ask',
  doors: OAUTH2_DOORS,
  owns: ['X-Authenticated-*'],
};
