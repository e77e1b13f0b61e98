/** What `upstream.preset` may say; each has its file and its line in `upstream/presets/table.ts`. */
export const PRESET_NAMES = [
  'custom',
  'oauth2-proxy',
  'oauth2-proxy-id-token',
  'nginx-auth-request',
  'traefik-forwardauth',
  'envoy-ext-authz',
  'istio-jwt',
  'pomerium',
  'cloudflare-access',
  'google-iap',
  'aws-alb',
  'authelia',
  'authentik',
  'authentik-headers',
  'teleport',
  'tailscale-serve',
  'k8s-front-proxy',
] as const;

export type PresetName = (typeof PRESET_NAMES)[number];
