// What may be wrong with what is told about an End-User, or about a token, and at the other endpoints that
// programs call.

import { bodilessFaults, endpointFaults, refusal } from './endpoint-faults.ts';
import type { FaultEntry } from './entry.ts';
import { fault } from './entry.ts';
import { setsMembers } from './json-answer.ts';
import { text } from './parameters.ts';

const SUB = '`sub` is that of the ID Token (OIDC Core §5.3.2, §5.3.4)';

export const USERINFO_FAULTS = {
  ...endpointFaults('userinfo', 'The UserInfo endpoint'),
  error: refusal('userinfo', 'The UserInfo endpoint', 'invalid_token'),
  'sub.wrong': fault({
    does: 'UserInfo is about another End-User; as JSON only.',
    tests: SUB,
    steps: ['userinfo'],
    with: { sub: text('what `sub` says', 'somebody-else') },
    make: ({ sub }) => setsMembers(() => ({ sub }), ['sub']),
  }),
  'sub.missing': fault({
    does: 'UserInfo does not say whom it is about; as JSON only.',
    tests: SUB,
    steps: ['userinfo'],
    with: {},
    make: () => setsMembers(() => ({ sub: undefined }), ['sub']),
  }),
} satisfies { readonly [name: string]: FaultEntry };

export const INTROSPECT_FAULTS = {
  ...endpointFaults('introspect', 'The introspection endpoint'),
  error: refusal('introspect', 'The introspection endpoint', 'invalid_client'),
  inactive: fault({
    does: 'The token is not active, whatever it is; as JSON only.',
    tests: 'a token that is not active opens nothing (RFC 7662 §2.2)',
    steps: ['introspect'],
    with: {},
    make: () => ({
      kind: 'answer',
      fits: (response) => response.kind === 'json' && response.status === 200,
      alter: () => ({ kind: 'json', status: 200, body: { active: false } }),
    }),
  }),
  'active.missing': fault({
    does: 'The answer does not say whether the token is active; as JSON only.',
    tests: '`active` is there, and a boolean (RFC 7662 §2.2)',
    steps: ['introspect'],
    with: {},
    make: () => setsMembers(() => ({ active: undefined }), ['active']),
  }),
} satisfies { readonly [name: string]: FaultEntry };

export const REVOKE_FAULTS = {
  ...bodilessFaults('revoke', 'The revocation endpoint'),
  error: refusal('revoke', 'The revocation endpoint', 'invalid_client'),
} satisfies { readonly [name: string]: FaultEntry };

export const PUSH_FAULTS = {
  ...endpointFaults('push', 'The pushed authorization request endpoint'),
  error: refusal('push', 'The pushed authorization request endpoint', 'invalid_request'),
} satisfies { readonly [name: string]: FaultEntry };

export const DEVICE_FAULTS = {
  ...endpointFaults('deviceAuthorization', 'The device authorization endpoint'),
  error: refusal('deviceAuthorization', 'The device authorization endpoint', 'invalid_client'),
} satisfies { readonly [name: string]: FaultEntry };
