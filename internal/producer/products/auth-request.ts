// Proxies that ask oauth2-proxy who somebody is, and copy its answer.

import type { Product } from '../product.ts';
import { OAUTH2_DOORS } from './oauth2-proxy.ts';

/** It says about the connection what its configuration says, and ours says Host alone. */
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

export const envoyExtAuthz: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended', 'X-Forwarded-Proto': 'proto' },
  nobody: 'ask',
  doors: OAUTH2_DOORS,
  owns: ['X-Auth-Request-*', 'X-Envoy-*'],
};
