// Proxies that have no pages of their own: somebody is there, or is not.

import { textOf } from '../end-user.ts';
import type { Product } from '../product.ts';

/** Clients of a mesh bring their token along; here the producer does. */
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

/** Nodes with a tag, and whoever comes through Funnel, have no identity and are let through. */
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

export const k8sFrontProxy: Product = {
  host: 'kept',
  forwarding: { 'X-Forwarded-For': 'appended' },
  nobody: 'refuse',
  // Also those of the authenticator that no preset reads.
  owns: ['X-Remote-*'],
};

export const teleport: Product = {
  host: 'app',
  forwarding: {
    'X-Forwarded-For': 'peer',
    'X-Forwarded-Host': 'host',
    'X-Forwarded-Proto': 'proto',
    'X-Forwarded-Server': 'server',
    'X-Real-Ip': 'peer',
  },
  nobody: 'ask',
  owns: ['Teleport-*'],
  signing: {
    issuer: () => 'teleport.example.com',
    lifetime: 300,
    audience: 'list',
    claims: (who, { now }) => ({
      nbf: now,
      username: textOf(who, 'preferred_username') || who.subject,
      traits: { logins: [who.subject], email: [textOf(who, 'email')] },
    }),
  },
  doors: {
    '/teleport-logout': () => ({ kind: 'leave', next: undefined }),
  },
};
