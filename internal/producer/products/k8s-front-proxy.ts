import type { Product } from '../product.ts';

export const k8sFrontProxy: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended' },
  nobody: 'refuse',
  // Also those of the authenticator that no preset reads.
  owns: ['X-Remote-*'],
};
