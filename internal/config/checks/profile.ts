// Whether the issuer itself can keep the profile that all its clients have.

import { type Check, problem } from './remark.ts';

export const profileCheck: Check = {
  reads: ['policy', 'issuer'],
  find: ({ policy }) =>
    policy.profile !== undefined && policy.allow_http_issuer
      ? [
          problem(
            ['policy', 'allow_http_issuer'],
            `contradicts profile: ${policy.profile}, whose tokens never travel in the clear; remove it`,
          ),
        ]
      : [],
};
