// How one client makes its authorization requests, and how it is answered.

import * as z from 'zod';
import { type ClientRequests, UNSIGNED } from '../../protocol/client-requests.ts';
import { ASYMMETRIC_ALGS, SIGNING_ALGS } from '../../protocol/names.ts';
import { type section, text } from '../fields.ts';

/** Keys of a client's metadata. */
export const clientRequests = {
  require_pushed_authorization_requests: z.boolean().default(false).meta({
    description: 'It has to push its authorization requests first (RFC 9126)',
  }),
  request_object_signing_alg: z
    .enum([...ASYMMETRIC_ALGS, UNSIGNED])
    .optional()
    .meta({
      description:
        'Algorithm of its request objects (RFC 9101); left out: it may not use any; none: unsigned ones, which prove nothing',
    }),
  require_signed_request_object: z.boolean().default(false).meta({
    description: 'It has to sign its authorization requests',
  }),
  authorization_signed_response_alg: z.enum(SIGNING_ALGS).default('ES256').meta({
    description: 'Algorithm of the authorization responses that it wants as a JWT (JARM)',
  }),
  authorization_details_types: z.array(text()).default([]).meta({
    description:
      'Types of authorization_details it may ask for (RFC 9396), declared in asteroid.yaml',
  }),
};

type Given = z.output<ReturnType<typeof section<typeof clientRequests>>>;

/** From the names of the file to those of the domain. */
export const toRequests = (given: Given): ClientRequests => ({
  requirePushedAuthorizationRequests: given.require_pushed_authorization_requests,
  requestObjectSigningAlg: given.request_object_signing_alg,
  requireSignedRequestObject: given.require_signed_request_object,
  authorizationSignedResponseAlg: given.authorization_signed_response_alg,
  authorizationDetailsTypes: given.authorization_details_types,
});
