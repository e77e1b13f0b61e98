// What may be wrong with an ID Token (OIDC Core §3.1.3.7).

import { setting } from './draft.ts';
import type { FaultEntry } from './entry.ts';
import {
  claimFaults,
  jwtFault,
  missing,
  type Sections,
  signatureFaults,
  type Token,
} from './jwt-faults.ts';
import { seconds, text } from './parameters.ts';

const ID_TOKEN: Token = { kind: 'id_token', name: 'The ID Token', steps: ['token'] };

const SECTIONS: Sections = {
  iss: 'OIDC Core §3.1.3.7 no. 2',
  aud: 'OIDC Core §3.1.3.7 no. 3',
  exp: 'OIDC Core §3.1.3.7 no. 9',
  nbf: 'RFC 7519 §4.1.5',
  iat: 'OIDC Core §3.1.3.7 no. 10',
  signature: 'OIDC Core §3.1.3.7 no. 6',
  alg: 'OIDC Core §3.1.3.7 no. 7',
  kid: 'OIDC Core §10.1',
  typ: 'RFC 8725 §3.11',
};

const jwt = { ...claimFaults(ID_TOKEN, SECTIONS), ...signatureFaults(ID_TOKEN, SECTIONS) };

export const ID_TOKEN_FAULTS = {
  ...jwt,
  'sub.wrong': jwtFault(
    ID_TOKEN,
    'The ID Token is about another End-User than the rest of the flow.',
    'a refreshed ID Token and UserInfo have the `sub` of the first one (OIDC Core §12.2, §5.3.2)',
    { sub: text('what `sub` says', 'somebody-else') },
    ({ sub }) => setting({ sub }),
  ),
  'sub.missing': missing(ID_TOKEN, 'sub', '`sub` is there (OIDC Core §2)'),
  'azp.wrong': jwtFault(
    ID_TOKEN,
    'The ID Token names the client among others, and another one as the party it was issued to.',
    '`azp`, where there is one, is the client (OIDC Core §3.1.3.7 no. 5)',
    { azp: text('what `azp` says', 'another-client') },
    ({ azp }) =>
      (draft) =>
        setting({ azp, aud: [...[draft.claims['aud'] ?? []].flat(), azp] })(draft),
  ),
  'nonce.wrong': jwtFault(
    ID_TOKEN,
    'The ID Token has the nonce of another request.',
    '`nonce` is what this browser was sent away with (OIDC Core §3.1.3.7 no. 11)',
    { nonce: text('what `nonce` says', 'another-nonce') },
    ({ nonce }) => setting({ nonce }),
  ),
  'nonce.missing': missing(
    ID_TOKEN,
    'nonce',
    '`nonce` is there where one was sent (OIDC Core §3.1.3.7 no. 11)',
  ),
  'at_hash.wrong': jwtFault(
    ID_TOKEN,
    'The ID Token came with another access token.',
    '`at_hash`, where there is one, fits the access token (OIDC Core §3.1.3.8)',
    { at_hash: text('what `at_hash` says', 'AAAAAAAAAAAAAAAAAAAAAA') },
    ({ at_hash }) => setting({ at_hash }),
  ),
  'auth_time.past': jwtFault(
    ID_TOKEN,
    'The End-User signed in long ago.',
    '`auth_time` is not older than the `max_age` that was asked for (OIDC Core §3.1.3.7 no. 13)',
    { seconds: seconds('how much earlier', 86_400) },
    ({ seconds: ago }, { now }) =>
      (draft) =>
        setting({ auth_time: Number(draft.claims['auth_time'] ?? now()) - ago })(draft),
  ),
  'auth_time.missing': missing(
    ID_TOKEN,
    'auth_time',
    '`auth_time` is there where `max_age` was sent (OIDC Core §3.1.3.7 no. 13)',
  ),
} satisfies { readonly [name: string]: FaultEntry };
