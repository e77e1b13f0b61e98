import { tailscaleLines } from '../lines/tailscale.ts';
import { type Preset, SECRET_EXAMPLE, secretOrSocket } from './preset.ts';

export const tailscaleServe: Preset = {
  about: 'Tailscale Serve, through an nginx on a Unix socket',
  source: {
    kind: 'headers',
    headers: {
      subject: { name: 'Tailscale-User-Login' },
      name: { name: 'Tailscale-User-Name', encoding: 'rfc2047', onInvalid: 'drop' },
    },
    // Serve deletes what a client sends under these names before it sets its own.
    scrubs: true,
    orAssertion: false,
  },
  // Serve can send no secret, and on loopback every program of the machine looks like it. Asking
  // tailscaled whose address X-Forwarded-For is would not help: whoever forges the login forges the
  // address of one of that person's nodes as well.
  proof: secretOrSocket,
  example: { trust: SECRET_EXAMPLE },
  lines: { nginx: tailscaleLines },
};
