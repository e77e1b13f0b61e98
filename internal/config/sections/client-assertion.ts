// How one client authenticates without showing a secret: assertions of its own, and names that a
// platform vouches for.

import * as z from 'zod';
import { type AssertionTerms, HMAC_ALGS } from '../../protocol/client-assertion.ts';
import { ASYMMETRIC_ALGS } from '../../protocol/names.ts';
import { trustDomainOf } from '../../protocol/spiffe-id.ts';
import { type section, text, textWith } from '../fields.ts';

/** Kubernetes: a namespace is a DNS label, the name of a service account a DNS subdomain. */
const SERVICE_ACCOUNT = /^system:serviceaccount:[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}$/;

/** Keys of a client's metadata. */
export const clientAssertion = {
  token_endpoint_auth_signing_alg: z
    .enum([...HMAC_ALGS, ...ASYMMETRIC_ALGS])
    .optional()
    .meta({ description: 'The only algorithm of its assertions; default: any of its method' }),
  token_endpoint_auth_audience: z.enum(['issuer', 'token_endpoint']).default('issuer').meta({
    description: 'token_endpoint: assertions for the URL of the token endpoint are taken as well',
  }),
  service_account: textWith((value) =>
    SERVICE_ACCOUNT.test(value) ? undefined : 'has to be system:serviceaccount:NAMESPACE:NAME',
  )
    .optional()
    .meta({
      description: 'The only service account that is this client; for kubernetes_service_account',
      examples: ['system:serviceaccount:shop:checkout'],
    }),
  service_account_issuer: text().optional().meta({
    description: 'The cluster it is of, an issuer of kubernetes in asteroid.yaml',
  }),
  spiffe_id: textWith((value) =>
    trustDomainOf(value) === undefined ? 'has to be spiffe://TRUST-DOMAIN/PATH' : undefined,
  )
    .optional()
    .meta({
      description: 'The only SPIFFE ID that is this client; for spiffe_jwt',
      examples: ['spiffe://example.org/shop/checkout'],
    }),
};

type Given = z.output<ReturnType<typeof section<typeof clientAssertion>>>;

/** From the names of the file to those of the domain. */
export const toAssertionTerms = (given: Given): AssertionTerms => ({
  tokenEndpointAuthSigningAlg: given.token_endpoint_auth_signing_alg,
  tokenEndpointAuthAudience: given.token_endpoint_auth_audience,
  serviceAccount:
    given.service_account === undefined || given.service_account_issuer === undefined
      ? undefined
      : { issuer: given.service_account_issuer, subject: given.service_account },
  spiffeId: given.spiffe_id,
});
