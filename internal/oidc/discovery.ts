// Provider metadata (OIDC Discovery 1.0 §3, RFC 8414 §2), derived from the tables and the policy:
// what is not in a table is not advertised, and what is advertised works.

import { ENCRYPTION_ALGS, ENCRYPTION_ENCS } from '../protocol/client-tokens.ts';
import { LANGUAGES } from '../protocol/languages.ts';
import { CODE_CHALLENGE_METHOD, DPOP_ALGS, SIGNING_ALGS } from '../protocol/names.ts';
import { listReleased, type ScopeTable, STANDARD_SCOPES } from '../protocol/scope-table.ts';
import { RESPONSE_MODES } from './authorize/response.ts';
import { CLIENT_AUTH_METHODS } from './clientauth/table.ts';
import type { Deps } from './deps.ts';
import type { Endpoint } from './endpoint.ts';
import { grantsOf, hasDevices } from './grants/table.ts';
import {
  aliasUrls,
  ENDPOINT_PATHS,
  type EndpointBases,
  type EndpointMember,
  endpointUrl,
} from './paths.ts';
import type { Policy } from './policy.ts';
import { rememberLast } from './remember-last.ts';

export const createDiscoveryEndpoint = (deps: Deps): Endpoint => {
  const { policy } = deps;
  const describe = rememberLast((current: Policy) => describeIssuer(deps, current));
  return async () => ({
    kind: 'json',
    status: 200,
    body: describe(policy()),
    maxAge: policy().metadataMaxAge,
  });
};

type DiscoveryDeps = Pick<Deps, 'issuer' | 'bases' | 'pairwiseSalt' | 'workloads' | 'registration'>;

/** Members whose default would promise something else are written out even when they say no. */
function describeIssuer(deps: DiscoveryDeps, policy: Policy) {
  const { issuer, bases, pairwiseSalt, workloads } = deps;
  const members = membersOf(deps, policy);
  const scopes = publicScopes(policy.scopes);
  return {
    issuer,
    ...endpointUrls(bases, members),
    scopes_supported: [...scopes.keys()],
    response_types_supported: ['code'],
    response_modes_supported: [...RESPONSE_MODES.keys()],
    grant_types_supported: grantsOf(policy).map(({ grantType }) => grantType),
    subject_types_supported: pairwiseSalt === undefined ? ['public'] : ['public', 'pairwise'],
    id_token_signing_alg_values_supported: SIGNING_ALGS,
    userinfo_signing_alg_values_supported: SIGNING_ALGS,
    introspection_signing_alg_values_supported: SIGNING_ALGS,
    ...encryptionMembers(),
    ...authMethods({ workloads }, policy),
    code_challenge_methods_supported: [CODE_CHALLENGE_METHOD],
    ...describeCertificates(bases, members, policy),
    dpop_signing_alg_values_supported: DPOP_ALGS,
    claim_types_supported: ['normal'],
    ui_locales_supported: LANGUAGES,
    // What is made for one client only is not for all to read here.
    claims_supported: [...SIGN_IN_CLAIMS, ...listReleased(scopes)],
    prompt_values_supported: promptValues(policy),
    claims_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    ...requestObjects(policy),
    require_pushed_authorization_requests: policy.requirePushedAuthorizationRequests,
    authorization_signing_alg_values_supported: SIGNING_ALGS,
    request_uri_parameter_supported: false,
    require_request_uri_registration: false,
    authorization_response_iss_parameter_supported: true,
    ...(policy.authorizationDetailsTypes.size === 0
      ? {}
      : { authorization_details_types_supported: [...policy.authorizationDetailsTypes.keys()] }),
    ...(policy.acrValuesSupported.length === 0
      ? {}
      : { acr_values_supported: policy.acrValuesSupported }),
    ...(policy.serviceDocumentation === undefined
      ? {}
      : { service_documentation: policy.serviceDocumentation }),
  };
}

/** (RFC 8705 §3.3, §5) */
const describeCertificates = (
  { mtls }: EndpointBases,
  members: readonly EndpointMember[],
  { clientCertificates }: Policy,
) =>
  clientCertificates === 'none'
    ? {}
    : {
        tls_client_certificate_bound_access_tokens: true,
        ...(mtls === undefined ? {} : { mtls_endpoint_aliases: aliasUrls(mtls, members) }),
      };

const encryptionMembers = () =>
  Object.fromEntries(
    ['id_token', 'userinfo', 'introspection'].flatMap((what) => [
      [`${what}_encryption_alg_values_supported`, ENCRYPTION_ALGS],
      [`${what}_encryption_enc_values_supported`, ENCRYPTION_ENCS],
    ]),
  );

/** Without what is for some clients only; the standard scopes are no secret. */
const publicScopes = (scopes: ScopeTable): ScopeTable =>
  new Map(
    [...scopes].filter(([name, { clients }]) => clients === undefined || STANDARD_SCOPES.has(name)),
  );

/** RFC 9101 §10.5: only what some client may use. */
const requestObjects = ({
  requestObjectSigningAlgs: algs,
  requireSignedRequestObject,
}: Policy) => ({
  request_parameter_supported: algs.length > 0,
  require_signed_request_object: requireSignedRequestObject,
  ...(algs.length === 0 ? {} : { request_object_signing_alg_values_supported: algs }),
});

/** The algorithms have to be there wherever a method is that signs (RFC 8414 §2). */
function authMethods(deps: Pick<Deps, 'workloads'>, policy: Policy) {
  const methods = CLIENT_AUTH_METHODS.filter(({ isOn }) => isOn?.(deps, policy) ?? true);
  const names = methods.map(({ name }) => name);
  const algs = [...new Set(methods.flatMap(({ signingAlgs = [] }) => signingAlgs))];
  return {
    token_endpoint_auth_methods_supported: names,
    token_endpoint_auth_signing_alg_values_supported: algs,
    revocation_endpoint_auth_methods_supported: names,
    revocation_endpoint_auth_signing_alg_values_supported: algs,
    introspection_endpoint_auth_methods_supported: names.filter((name) => name !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: algs,
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
  'azp',
  's_hash',
];

const MEMBERS = Object.keys(ENDPOINT_PATHS) as readonly EndpointMember[];

/** Endpoints that are there: what is off is not advertised either. */
function membersOf({ registration }: DiscoveryDeps, policy: Policy): readonly EndpointMember[] {
  const switched: { readonly [Member in EndpointMember]?: boolean } = {
    device_authorization_endpoint: hasDevices(policy),
    registration_endpoint: registration !== undefined,
  };
  return MEMBERS.filter((member) => switched[member] ?? true);
}

const endpointUrls = (bases: EndpointBases, members: readonly EndpointMember[]) =>
  Object.fromEntries(members.map((member) => [member, endpointUrl(bases, member)]));

/** Signing in again, or as somebody else, takes somewhere to do it. */
const promptValues = ({ reauthenticateUrl }: Policy): readonly string[] =>
  reauthenticateUrl === undefined
    ? ['none', 'consent']
    : ['none', 'consent', 'login', 'select_account'];
