import { clientSecretBasic } from './client-secret-basic.ts';
import { clientSecretJwt } from './client-secret-jwt.ts';
import { clientSecretPost } from './client-secret-post.ts';
import { kubernetesServiceAccount } from './kubernetes-service-account.ts';
import type { ClientAuthMethod } from './method.ts';
import { none } from './none.ts';
import { privateKeyJwt } from './private-key-jwt.ts';
import { spiffeJwt } from './spiffe-jwt.ts';

/** Adding a method: write its file beside this one and its entry here. Discovery follows. */
export const CLIENT_AUTH_METHODS: readonly ClientAuthMethod[] = [
  clientSecretBasic,
  clientSecretPost,
  clientSecretJwt,
  privateKeyJwt,
  kubernetesServiceAccount,
  spiffeJwt,
  none,
];
