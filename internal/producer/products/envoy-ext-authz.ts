import type { Product } from '../product.ts';
import { OAUTH2_DOORS } from './oauth2-doors.ts';

export const envoyExtAuthz: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended', 'X-Forwarded-Proto': 'proto' },
  nobody: 'ask',
  doors: OAUTH2_DOORS,
  owns: ['X-Auth-Request-*', 'X-Envoy-*'],
};
