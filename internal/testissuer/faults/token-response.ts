// What may be wrong with a successful token response (RFC 6749 §5.1, OIDC Core §3.1.3.3).

import type { JsonValue } from '../../protocol/claims.ts';
import { endpointFaults, refusal } from './endpoint-faults.ts';
import { type FaultEntry, fault } from './entry.ts';
import { setsMembers } from './json-answer.ts';
import { text } from './parameters.ts';

/** Only where the member is there to be lost. */
const lost = (member: string, tests: string): FaultEntry =>
  fault({
    does: `The token response has no \`${member}\`.`,
    tests,
    steps: ['token'],
    with: {},
    make: () => setsMembers(() => ({ [member]: undefined }), [member]),
  });

const changed = (
  does: string,
  tests: string,
  change: (body: { readonly [member: string]: JsonValue }) => {
    readonly [member: string]: JsonValue | undefined;
  },
): FaultEntry =>
  fault({
    does,
    tests,
    steps: ['token'],
    with: {},
    make: () => setsMembers(change, ['access_token']),
  });

export const TOKEN_FAULTS = {
  ...endpointFaults('token', 'The token endpoint'),
  error: refusal('token', 'The token endpoint', 'invalid_grant'),
  'access_token.missing': lost('access_token', '`access_token` is there (RFC 6749 §5.1)'),
  'id_token.missing': lost(
    'id_token',
    'there is an ID Token where `openid` was asked for (OIDC Core §3.1.3.3)',
  ),
  'refresh_token.missing': lost(
    'refresh_token',
    'a refresh token need not be there, nor be renewed (RFC 6749 §5.1, §6)',
  ),
  'token_type.missing': lost('token_type', '`token_type` is there (RFC 6749 §5.1)'),
  'token_type.wrong': fault({
    does: 'The token response says that the access token is of a type that nobody knows.',
    tests: 'a token of an unknown type is not used (RFC 6749 §7.1)',
    steps: ['token'],
    with: { token_type: text('what `token_type` says', 'mac') },
    make: ({ token_type }) => setsMembers(() => ({ token_type }), ['access_token']),
  }),
  'expires_in.missing': lost(
    'expires_in',
    'without `expires_in` nothing is known of the life of the token (RFC 6749 §5.1)',
  ),
  'expires_in.text': changed(
    'The token response says `expires_in` as a text.',
    '`expires_in` is a number (RFC 6749 §5.1, Appendix A.14)',
    ({ expires_in }) => ({ expires_in: String(expires_in) }),
  ),
  'scope.narrowed': fault({
    does: 'The token response says that less was granted than was asked for; the token says what it did.',
    tests: 'what was granted is read in `scope` (RFC 6749 §3.3)',
    steps: ['token'],
    with: { scope: text('what `scope` says', 'openid') },
    make: ({ scope }) => setsMembers(() => ({ scope }), ['access_token']),
  }),
} satisfies { readonly [name: string]: FaultEntry };
