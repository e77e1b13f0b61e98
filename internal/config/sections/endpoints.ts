// Where the endpoints are reached when people and programs take different ways to one issuer.

import { section } from '../fields.ts';
import { issuer } from './issuer.ts';

export const endpoints = () =>
  section({
    browser_base: issuer()
      .optional()
      .meta({
        description:
          'What the URLs begin with that browsers open, in discovery and on the way back from signing in; left out: the issuer',
        examples: ['https://sso.example.com'],
      }),
    backchannel_base: issuer()
      .optional()
      .meta({
        description: 'What the URLs begin with that programs call; left out: the issuer',
        examples: ['http://asteroid.sso.svc.cluster.local:8880'],
      }),
    mtls_base: issuer()
      .optional()
      .meta({
        description:
          'What the URLs begin with where clients show certificates (mtls_endpoint_aliases); left out: where they call anyway',
        examples: ['https://mtls.sso.example.com'],
      }),
  });
