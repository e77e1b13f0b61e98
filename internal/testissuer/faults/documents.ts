// What may be wrong with the two documents that clients read first: the metadata and the keys.

import { endpointFaults } from './endpoint-faults.ts';
import { type FaultEntry, fault } from './entry.ts';
import { setsMembers } from './json-answer.ts';
import { ELSEWHERE } from './jwt-faults.ts';
import { anything, text } from './parameters.ts';

const missingMember = (member: string): FaultEntry =>
  fault({
    does: `The metadata has no \`${member}\`.`,
    tests: `\`${member}\` is there before it is used (OIDC Discovery §3)`,
    steps: ['discovery'],
    with: {},
    make: () => setsMembers(() => ({ [member]: undefined }), ['issuer']),
  });

export const DISCOVERY_FAULTS = {
  ...endpointFaults('discovery', 'The metadata document'),
  'issuer.wrong': fault({
    does: 'The metadata is that of another issuer.',
    tests: '`issuer` is exactly what was asked for (OIDC Discovery §4.3, RFC 8414 §3.3)',
    steps: ['discovery'],
    with: { issuer: text('what `issuer` says', ELSEWHERE) },
    make: ({ issuer }) => setsMembers(() => ({ issuer }), ['issuer']),
  }),
  'issuer.missing': missingMember('issuer'),
  'jwks_uri.missing': missingMember('jwks_uri'),
  'authorization_endpoint.missing': missingMember('authorization_endpoint'),
  'token_endpoint.missing': missingMember('token_endpoint'),
  'member.changed': fault({
    does: 'One member of the metadata says something else, e.g. that an endpoint is elsewhere.',
    tests:
      'what is announced is used as announced, and what is not supported is not used (OIDC Discovery §3)',
    steps: ['discovery'],
    with: {
      member: text('its name', 'token_endpoint'),
      value: anything('what it says; null takes it away', `${ELSEWHERE}/token`),
    },
    make: ({ member, value }) => setsMembers(() => ({ [member]: value ?? undefined }), ['issuer']),
  }),
} satisfies { readonly [name: string]: FaultEntry };

export const JWKS_FAULTS = {
  ...endpointFaults('jwks', 'The JWKS'),
  empty: fault({
    does: 'There are no keys in the JWKS.',
    tests:
      'a key that is not there verifies nothing, and is looked for again later (OIDC Core §10.1.1)',
    steps: ['jwks'],
    with: {},
    make: () => setsMembers(() => ({ keys: [] }), ['keys']),
  }),
  stale: fault({
    does: 'The JWKS stays what it was when the fault was added, whatever is rotated.',
    tests:
      'what a key signed that cannot be found yet is refused, and accepted when it is there (OIDC Core §10.1.1)',
    steps: ['jwks'],
    with: {},
    make: (_, { publicKeys }) => {
      const keys = publicKeys();
      return setsMembers(() => ({ keys }), ['keys']);
    },
  }),
} satisfies { readonly [name: string]: FaultEntry };
