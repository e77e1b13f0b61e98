import type { Product } from '../product.ts';

export const istioJwt: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended', 'X-Forwarded-Proto': 'proto' },
  nobody: 'refuse',
  owns: ['X-Envoy-*', 'X-Forwarded-Client-Cert'],
  signing: {
    issuer: (origin) => `${origin}/.asteroid`,
    lifetime: 3600,
    saysAll: true,
  },
};
