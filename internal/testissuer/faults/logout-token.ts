// What may be wrong with a logout token (Back-Channel Logout 1.0 §2.6). Nobody asks for one, so that no
// step can be named; the client and the End-User are those that it is about.

import { setting, without } from './draft.ts';
import type { FaultEntry } from './entry.ts';
import {
  claimFaults,
  jwtFault,
  missing,
  type Sections,
  signatureFaults,
  type Token,
} from './jwt-faults.ts';
import { text } from './parameters.ts';

const LOGOUT_TOKEN: Token = { kind: 'logout_token', name: 'The logout token', steps: [] };

const SECTIONS: Sections = {
  iss: 'Back-Channel Logout 1.0 §2.6',
  aud: 'Back-Channel Logout 1.0 §2.6',
  exp: 'Back-Channel Logout 1.0 §2.6',
  nbf: 'RFC 7519 §4.1.5',
  iat: 'Back-Channel Logout 1.0 §2.6',
  signature: 'Back-Channel Logout 1.0 §2.6',
  alg: 'Back-Channel Logout 1.0 §2.6',
  kid: 'OIDC Core §10.1',
  typ: 'Back-Channel Logout 1.0 §2.4',
};

const jwt = {
  ...claimFaults(LOGOUT_TOKEN, SECTIONS),
  ...signatureFaults(LOGOUT_TOKEN, SECTIONS),
};

export const LOGOUT_TOKEN_FAULTS = {
  ...jwt,
  'nonce.present': jwtFault(
    LOGOUT_TOKEN,
    'The logout token has a nonce, as if it were an ID Token.',
    'a token with `nonce` is refused (Back-Channel Logout 1.0 §2.6)',
    { nonce: text('what `nonce` says', 'a-nonce') },
    ({ nonce }) => setting({ nonce }),
  ),
  'subject.missing': jwtFault(
    LOGOUT_TOKEN,
    'The logout token has neither `sub` nor `sid`.',
    'one of both is there (Back-Channel Logout 1.0 §2.6)',
    {},
    () => without('sub', 'sid'),
  ),
  'events.missing': missing(
    LOGOUT_TOKEN,
    'events',
    '`events` says that it is a logout token (Back-Channel Logout 1.0 §2.6)',
  ),
  'jti.missing': missing(LOGOUT_TOKEN, 'jti', '`jti` is there (Back-Channel Logout 1.0 §2.4)'),
} satisfies { readonly [name: string]: FaultEntry };
