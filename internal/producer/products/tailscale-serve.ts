import { textOf } from '../end-user.ts';
import type { Product } from '../product.ts';

export const tailscaleServe: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'peer', 'X-Forwarded-Host': 'host' },
  nobody: 'ask',
  owns: ['Tailscale-*'],
  beside: (who) => [
    ['Tailscale-User-Profile-Pic', textOf(who, 'picture')],
    ['Tailscale-Headers-Info', 'https://tailscale.com/s/serve-headers'],
  ],
};
