// Provider metadata (OIDC Discovery 1.0 §3, RFC 8414 §2), derived from the tables and the policy:
// what is not in a table is not advertised, and what is advertised works.

import { CODE_CHALLENGE_METHOD, ISSUER_SCOPES, SIGNING_ALGS } from '../protocol/names.ts';
import { RESPONSE_MODES } from './authorize/response.ts';
import { claimsOf } from './claims.ts';
import { CLIENT_AUTH_METHODS } from './clientauth/table.ts';
import type { Deps } from './deps.ts';
import type { Endpoint } from './endpoint.ts';
import { GRANTS } from './grants/table.ts';
import { ENDPOINT_PATHS, toUrl } from './paths.ts';
import type { Policy } from './policy.ts';
import { rememberLast } from './remember-last.ts';

export const createDiscoveryEndpoint = ({ issuer, policy }: Deps): Endpoint => {
  const describe = rememberLast((current: Policy) => describeIssuer(issuer, current));
  return async () => ({
    kind: 'json',
    status: 200,
    body: describe(policy()),
    maxAge: policy().metadataMaxAge,
  });
};

/** Members whose default would promise something else are written out even when they say no. */
function describeIssuer(issuer: string, policy: Policy) {
  const methods = CLIENT_AUTH_METHODS.map(({ name }) => name);
  return {
    issuer,
    ...endpointUrls(issuer),
    scopes_supported: ISSUER_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: [...RESPONSE_MODES.keys()],
    grant_types_supported: GRANTS.map(({ grantType }) => grantType),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: SIGNING_ALGS,
    token_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: methods.filter((name) => name !== 'none'),
    code_challenge_methods_supported: [CODE_CHALLENGE_METHOD],
    claim_types_supported: ['normal'],
    claims_supported: [...SIGN_IN_CLAIMS, ...claimsOf(ISSUER_SCOPES)],
    prompt_values_supported: promptValues(policy),
    claims_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    require_request_uri_registration: false,
    authorization_response_iss_parameter_supported: true,
    ...(policy.serviceDocumentation === undefined
      ? {}
      : { service_documentation: policy.serviceDocumentation }),
  };
}

const SIGN_IN_CLAIMS = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nonce',
  'auth_time',
  'acr',
  'amr',
  'sid',
  'at_hash',
];

const endpointUrls = (issuer: string) =>
  Object.fromEntries(
    Object.entries(ENDPOINT_PATHS).map(([member, path]) => [member, toUrl(issuer, path)]),
  );

/** Signing in again, or as somebody else, takes a page to do it on. */
const promptValues = ({ chooser }: Policy): readonly string[] =>
  chooser === undefined ? ['none', 'consent'] : ['none', 'consent', 'login', 'select_account'];
