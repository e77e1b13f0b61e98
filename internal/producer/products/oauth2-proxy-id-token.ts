import type { Product } from '../product.ts';
import { oauth2Proxy } from './oauth2-proxy.ts';

/** What its identity provider signed. */
export const oauth2ProxyIdToken: Product = {
  ...oauth2Proxy,
  signing: {
    issuer: (origin) => `${origin}/.asteroid`,
    lifetime: 3600,
    saysAll: true,
  },
};
