import type { PresetName } from '../../protocol/presets.ts';
import { authelia } from './authelia.ts';
import { authentik } from './authentik.ts';
import { authentikHeaders } from './authentik-headers.ts';
import { awsAlb } from './aws-alb.ts';
import { cloudflareAccess } from './cloudflare-access.ts';
import { custom } from './custom.ts';
import { envoyExtAuthz } from './envoy-ext-authz.ts';
import { googleIap } from './google-iap.ts';
import { istioJwt } from './istio-jwt.ts';
import { k8sFrontProxy } from './k8s-front-proxy.ts';
import { nginxAuthRequest } from './nginx-auth-request.ts';
import { oauth2Proxy } from './oauth2-proxy.ts';
import { oauth2ProxyIdToken } from './oauth2-proxy-id-token.ts';
import { pomerium } from './pomerium.ts';
import type { Preset } from './preset.ts';
import { tailscaleServe } from './tailscale-serve.ts';
import { teleport } from './teleport.ts';
import { traefikForwardauth } from './traefik-forwardauth.ts';

/** Adding a preset: its file, its name in `protocol/presets.ts`, its line here, and its captured request. */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  custom,
  'oauth2-proxy': oauth2Proxy,
  'oauth2-proxy-id-token': oauth2ProxyIdToken,
  'nginx-auth-request': nginxAuthRequest,
  'traefik-forwardauth': traefikForwardauth,
  'envoy-ext-authz': envoyExtAuthz,
  'istio-jwt': istioJwt,
  pomerium,
  'cloudflare-access': cloudflareAccess,
  'google-iap': googleIap,
  'aws-alb': awsAlb,
  authelia,
  authentik,
  'authentik-headers': authentikHeaders,
  teleport,
  'tailscale-serve': tailscaleServe,
  'k8s-front-proxy': k8sFrontProxy,
};
