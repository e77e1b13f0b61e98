// The FAPI 2.0 Security Profile (Final), as far as it is about one client: what it demands of an
// authorization server, in ordinary client metadata. `iss` in every authorization response, S256 as
// the only PKCE method and the issuer as the audience of assertions are so for everybody.

import type { ClientMetadata } from '../client.ts';
import type { Finding, Path } from '../finding.ts';
import { isLoopbackHost } from '../sections/loopback.ts';
import type { IssuerTerms, Profile, Setting } from './profile.ts';

/** Longer ones are refused (§5.3.2.2). */
const CODE_LIFETIME = 60;

/** §5.4.1; `Ed25519` is the fully specified name of what `EdDSA` means there (RFC 9864). */
const ALGS: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

const METHODS: readonly string[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
];

/** Whatever a client may be told or may tell in signed form; absent: it is not. */
const SIGNED = [
  'id_token_signed_response_alg',
  'access_token_signing_alg',
  'userinfo_signed_response_alg',
  'introspection_signed_response_alg',
  'authorization_signed_response_alg',
  'request_object_signing_alg',
  'token_endpoint_auth_signing_alg',
];

export const fapi2: Profile = {
  settings: (client, issuer) => [
    ...senderConstraint(client),
    ...(client.grant_types.includes('authorization_code') ? codeSettings(client, issuer) : []),
    ...(client.grant_types.includes('refresh_token') ? [ROTATION] : []),
  ],
  findProblems: (client) => [
    ...findMethodProblems(client),
    ...findAlgProblems(client),
    ...findUriProblems(client),
    ...findLifetimeProblems(client),
  ],
};

/** By certificate where the client says so, else by DPoP (§5.3.2.1). */
const senderConstraint = (client: ClientMetadata): readonly Setting[] =>
  memberOf(client, 'tls_client_certificate_bound_access_tokens') === true
    ? []
    : [
        {
          key: 'dpop_bound_access_tokens',
          value: true,
          why: 'it gets tokens only with a DPoP proof, and they are of use with that key only (§5.3.2.1); for certificates set tls_client_certificate_bound_access_tokens',
        },
      ];

const codeSettings = ({ lifetimes }: ClientMetadata, issuer: IssuerTerms): readonly Setting[] => [
  {
    key: 'require_pushed_authorization_requests',
    value: true,
    why: 'it pushes its authorization requests to /par first (§5.3.2.2)',
  },
  { key: 'require_pkce', value: true, why: 'its requests need PKCE with S256 (§5.3.2.2)' },
  {
    key: 'require_redirect_uri',
    value: true,
    why: 'its requests name the redirect URI, though it may have only one (§5.3.2.2)',
  },
  {
    key: 'lifetimes',
    value: {
      ...lifetimes,
      authorization_code: Math.min(
        lifetimes.authorization_code ?? issuer.authorizationCode,
        CODE_LIFETIME,
      ),
    },
    why: `its codes live for at most ${CODE_LIFETIME} s (§5.3.2.2)`,
  },
];

// A lost answer would lock out a client that is not sure to have been attacked; its tokens are bound.
const ROTATION: Setting = {
  key: 'refresh_token_rotation',
  value: 'never',
  why: 'a refresh token stays the same, since it is of use to this client only (§5.3.2.1)',
};

const UNDER = 'under profile: fapi2';

const say = (problem: string, ...path: Path): Finding => ({ path, problem });

function findMethodProblems(client: ClientMetadata): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  if (!METHODS.includes(method)) {
    return [say(`has to be one of ${METHODS.join(', ')} ${UNDER}`, 'token_endpoint_auth_method')];
  }
  if (method !== 'private_key_jwt') return [];
  const alg = 'token_endpoint_auth_signing_alg';
  return [
    ...(memberOf(client, alg) === undefined
      ? [say(`is missing; it has to be one of ${ALGS.join(', ')} ${UNDER}`, alg)]
      : []),
    // A server that is the attacker's could have an assertion made for ours (CVE-2025-27370).
    ...(memberOf(client, 'token_endpoint_auth_audience') === 'token_endpoint'
      ? [say(`has to be issuer ${UNDER}`, 'token_endpoint_auth_audience')]
      : []),
  ];
}

const findAlgProblems = (client: ClientMetadata): readonly Finding[] =>
  SIGNED.flatMap((key) => {
    const alg = memberOf(client, key);
    return alg === undefined || ALGS.includes(String(alg))
      ? []
      : [say(`has to be one of ${ALGS.join(', ')} ${UNDER}`, key)];
  });

/** Plain http is for apps on the End-User's own machine (§5.3.2.2, RFC 8252 §7.3). */
const findUriProblems = (client: ClientMetadata): readonly Finding[] =>
  client.redirect_uris.flatMap((uri, index) =>
    uri.startsWith('http://') && !(client.application_type === 'native' && isOnLoopback(uri))
      ? [say(`has to be https ${UNDER}`, 'redirect_uris', index)]
      : [],
  );

const isOnLoopback = (uri: string): boolean =>
  URL.canParse(uri) && isLoopbackHost(new URL(uri).hostname);

const findLifetimeProblems = ({ lifetimes }: ClientMetadata): readonly Finding[] =>
  (lifetimes.authorization_code ?? 0) > CODE_LIFETIME
    ? [say(`has to be at most ${CODE_LIFETIME}s ${UNDER}`, 'lifetimes', 'authorization_code')]
    : [];

const memberOf = (client: ClientMetadata, key: string): unknown =>
  new Map<string, unknown>(Object.entries(client)).get(key);
