// What may be wrong with an access token that is a JWT, for whoever is shown it (RFC 9068 §4). This issuer
// does not take such a token for its own either.

import type { FaultEntry } from './entry.ts';
import { claimFaults, missing, type Sections, signatureFaults, type Token } from './jwt-faults.ts';

const ACCESS_TOKEN: Token = { kind: 'access_token', name: 'The access token', steps: ['token'] };

const SECTIONS: Sections = {
  iss: 'RFC 9068 §4',
  aud: 'RFC 9068 §4',
  exp: 'RFC 9068 §4',
  nbf: 'RFC 7519 §4.1.5',
  iat: 'RFC 9068 §2.2',
  signature: 'RFC 9068 §4',
  alg: 'RFC 9068 §4, RFC 8725 §3.1',
  kid: 'RFC 7515 §4.1.4',
  typ: 'RFC 9068 §4',
};

const jwt = {
  ...claimFaults(ACCESS_TOKEN, SECTIONS),
  ...signatureFaults(ACCESS_TOKEN, SECTIONS),
};

export const ACCESS_TOKEN_FAULTS = {
  ...jwt,
  'sub.missing': missing(ACCESS_TOKEN, 'sub', '`sub` is there (RFC 9068 §2.2)'),
  'client_id.missing': missing(ACCESS_TOKEN, 'client_id', '`client_id` is there (RFC 9068 §2.2)'),
  'jti.missing': missing(ACCESS_TOKEN, 'jti', '`jti` is there (RFC 9068 §2.2)'),
  'scope.missing': missing(
    ACCESS_TOKEN,
    'scope',
    'a token without the scope does not open what takes one (RFC 6750 §3.1 insufficient_scope)',
  ),
} satisfies { readonly [name: string]: FaultEntry };
