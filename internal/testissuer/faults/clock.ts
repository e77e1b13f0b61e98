// An issuer whose clock is not that of its clients.

import { shifted } from './draft.ts';
import { type FaultEntry, fault } from './entry.ts';
import { skew } from './parameters.ts';

export const CLOCK_FAULTS = {
  skew: fault({
    does: 'Every token is made by a clock that is ahead, or behind: `iat`, `exp`, `nbf` and `auth_time`.',
    tests: 'a few seconds are allowed for, and no more than minutes (RFC 7519 §4.1.4)',
    steps: ['token'],
    with: { seconds: skew('how far ahead; negative: behind', 300) },
    make: ({ seconds }) => ({
      kind: 'jwt',
      of: ['id_token', 'access_token', 'logout_token'],
      alter: shifted(seconds, 'iat', 'exp', 'nbf', 'auth_time'),
    }),
  }),
} satisfies { readonly [name: string]: FaultEntry };
