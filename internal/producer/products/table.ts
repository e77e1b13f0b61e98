import type { PresetName } from '../../protocol/presets.ts';
import type { Product } from '../product.ts';
import { authelia } from './authelia.ts';
import { authentik, authentikHeaders } from './authentik.ts';
import { awsAlb } from './aws-alb.ts';
import { cloudflareAccess } from './cloudflare-access.ts';
import { envoyExtAuthz } from './envoy-ext-authz.ts';
import { googleIap } from './google-iap.ts';
import { istioJwt } from './istio-jwt.ts';
import { k8sFrontProxy } from './k8s-front-proxy.ts';
import { nginxAuthRequest } from './nginx-auth-request.ts';
import { oauth2Proxy } from './oauth2-proxy.ts';
import { oauth2ProxyIdToken } from './oauth2-proxy-id-token.ts';
import { pomerium } from './pomerium.ts';
import { tailscaleServe } from './tailscale-serve.ts';
import { teleport } from './teleport.ts';
import { traefikForwardauth } from './traefik-forwardauth.ts';

/** `custom` is no product: nobody knows what it would send. */
export type ProductName = Exclude<PresetName, 'custom'>;

/** A preset that gets no entry here does not compile. */
export const PRODUCTS: Readonly<Record<ProductName, Product>> = {
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

export const isProductName = (name: string): name is ProductName => Object.hasOwn(PRODUCTS, name);
