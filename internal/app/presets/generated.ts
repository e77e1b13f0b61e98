import type { PresetName } from '../../protocol/presets.ts';
import { renderReference } from './reference.ts';
import { showPreset } from './show.ts';

/** One configuration of every proxy, for the preset that shows it best. */
const DEPLOYED: readonly {
  readonly file: string;
  readonly preset: PresetName;
  readonly proxy: string;
}[] = [
  { file: 'deploy/nginx/asteroid.conf', preset: 'nginx-auth-request', proxy: 'nginx' },
  { file: 'deploy/apache/asteroid.conf', preset: 'nginx-auth-request', proxy: 'apache' },
  { file: 'deploy/haproxy/asteroid.cfg', preset: 'nginx-auth-request', proxy: 'haproxy' },
  { file: 'deploy/caddy/Caddyfile', preset: 'nginx-auth-request', proxy: 'caddy' },
  { file: 'deploy/traefik/asteroid.yaml', preset: 'traefik-forwardauth', proxy: 'traefik' },
  { file: 'deploy/envoy/asteroid.yaml', preset: 'envoy-ext-authz', proxy: 'envoy' },
  { file: 'deploy/oauth2-proxy/alpha.yaml', preset: 'oauth2-proxy', proxy: 'oauth2-proxy' },
  { file: 'deploy/istio/asteroid.yaml', preset: 'istio-jwt', proxy: 'istio' },
];

/** Every file that is made from the presets: name from the root of the project → text. */
export const renderPresetFiles = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/presets.md', renderReference()],
    ...DEPLOYED.map(
      ({ file, preset, proxy }) => [file, showPreset({ preset, proxy }, undefined).proxy] as const,
    ),
  ]);
