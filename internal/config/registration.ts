// What a client that registers itself may say (RFC 7591 §2): the same words and the same rules as in
// clients.yaml, but of the words only those that grant nothing, and within the operator's policy.

import { type ClientTerms, findClientProblems } from './checks/client.ts';
import { type ClientMetadata, clientSchema } from './client.ts';
import type { Config } from './config.ts';
import type { Finding, Path } from './finding.ts';
import { readValue } from './issues.ts';
import { resolveProfile } from './profiles/profile.ts';
import { findWebPageProblem } from './sections/client-description.ts';
import { isLoopbackHost } from './sections/loopback.ts';

type RegistrationPolicy = NonNullable<Config['registration']>;

/** What anybody may say of a client; everything else is ignored as if it were unknown (RFC 7591 §2). */
export const REGISTRABLE = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'contacts',
  'software_id',
  'software_version',
  'redirect_uris',
  'post_logout_redirect_uris',
  'initiate_login_uri',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'grant_types',
  'response_types',
  'application_type',
  'scope',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'jwks',
  'jwks_uri',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'tls_client_certificate_bound_access_tokens',
  'dpop_bound_access_tokens',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_object_signing_alg',
  'authorization_signed_response_alg',
  'subject_type',
  'id_token_signed_response_alg',
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_signed_response_alg',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
  'introspection_signed_response_alg',
  'introspection_encrypted_response_alg',
  'introspection_encrypted_response_enc',
  'require_auth_time',
  'default_max_age',
] as const satisfies readonly (keyof ClientMetadata)[];

export type Said = Readonly<Record<string, unknown>>;

export type ReadRegistration =
  | {
      readonly ok: true;
      readonly client: ClientMetadata;
      /** What is registrable of it, defaults filled in. */
      readonly effective: Said;
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export type RegistrationTerms = {
  readonly policy: RegistrationPolicy;
  readonly clients: ClientTerms;
};

/**
 * Whether anybody may register this. Its document of redirect URIs (OIDC Core §8.1) is not looked at here,
 * but that it has one is believed.
 */
export function readRegistration(
  clientId: string,
  said: Said,
  { policy, clients }: RegistrationTerms,
): ReadRegistration {
  const given = pick(said);
  const sector = readSector(said);
  const reading = readValue(clientSchema, {
    // The standard's default (OIDC Registration §2), unless the issuer has promised another.
    ...(clients.issuer.profile === undefined ? { id_token_signed_response_alg: 'RS256' } : {}),
    scope: policy.scope,
    ...impliedBy(given),
    ...given,
    client_id: clientId,
    consent: policy.consent,
    ...(sector.host === undefined || given['subject_type'] !== 'pairwise'
      ? {}
      : { sector_identifier: sector.host }),
  });
  if (!reading.ok) return { ok: false, findings: [...sector.findings, ...reading.findings] };
  const { client, problems } = resolveProfile(
    reading.value,
    new Set(Object.keys(given)),
    clients.issuer,
  );
  const findings = [
    ...sector.findings,
    ...problems,
    ...findClientProblems(client, clients),
    ...findPolicyProblems(client, policy),
  ];
  if (findings.length > 0) return { ok: false, findings };
  const { [SECTOR]: uri } = said;
  return {
    ok: true,
    client,
    effective: { ...pick(client), ...(sector.host && { [SECTOR]: uri }) },
  };
}

const SECTOR = 'sector_identifier_uri';

type Sector = { readonly host: string | undefined; readonly findings: readonly Finding[] };

/** Public clients may have one too: then it says nothing, and has to be right all the same. */
function readSector({ [SECTOR]: uri }: Said): Sector {
  if (uri === undefined || uri === null) return { host: undefined, findings: [] };
  const problem = typeof uri === 'string' ? findWebPageProblem(uri) : 'has to be text';
  if (problem !== undefined) return { host: undefined, findings: [say(problem, SECTOR)] };
  return { host: new URL(String(uri)).hostname, findings: [] };
}

/** A member that is null is one that is not there (RFC 7592 §2.2). */
const pick = (said: Said): Said =>
  Object.fromEntries(
    REGISTRABLE.map((key) => [key, Object.hasOwn(said, key) ? said[key] : undefined] as const)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([key, value]) => [key, key === 'jwks' ? keySetOf(value) : value]),
  );

/** Other members of a JWK Set are ignored (RFC 7517 §5). */
const keySetOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'keys' in value ? { keys: value.keys } : value;

/** Without codes there is no response type (RFC 7591 §2.1). */
const impliedBy = ({ grant_types: grants }: Said): Said =>
  Array.isArray(grants) && !grants.includes('authorization_code') ? { response_types: [] } : {};

const say = (problem: string, ...path: Path): Finding => ({ path, problem });

const findPolicyProblems = (
  client: ClientMetadata,
  policy: RegistrationPolicy,
): readonly Finding[] => [
  ...client.grant_types.flatMap((grantType, index) =>
    policy.grant_types.includes(grantType)
      ? []
      : [say(`has to be one of ${policy.grant_types.join(' ')}`, 'grant_types', index)],
  ),
  ...findMethodProblems(client, policy),
  ...findScopeProblems(client, policy),
  ...findResponseTypeProblems(client),
  ...(client.request_object_signing_alg === 'none'
    ? [say('has to be an algorithm that signs', 'request_object_signing_alg')]
    : []),
  ...BROWSED.flatMap((key) =>
    [client[key] ?? []].flat().flatMap((uri, index) => {
      const problem = findPlaceProblem(uri, policy.redirect_uris);
      return problem === undefined ? [] : [say(problem, key, index)];
    }),
  ),
];

function findMethodProblems(
  client: ClientMetadata,
  { token_endpoint_auth_methods: methods }: RegistrationPolicy,
): readonly Finding[] {
  const key = 'token_endpoint_auth_method';
  return methods.includes(client[key]) ? [] : [say(`has to be one of ${methods.join(' ')}`, key)];
}

function findScopeProblems(
  { scope = '' }: ClientMetadata,
  policy: RegistrationPolicy,
): readonly Finding[] {
  const allowed = policy.scope.split(' ');
  return scope.split(' ').every((name) => allowed.includes(name))
    ? []
    : [say(`has to be of ${policy.scope}`, 'scope')];
}

/** RFC 7591 §2.1: each of the two without the other would be good for nothing. */
function findResponseTypeProblems(client: ClientMetadata): readonly Finding[] {
  const hasCode = client.response_types.length > 0;
  return hasCode === client.grant_types.includes('authorization_code')
    ? []
    : [say('does not go with grant_types: code is for authorization_code', 'response_types')];
}

/** What browsers of End-Users may be sent to. */
const BROWSED = [
  'redirect_uris',
  'post_logout_redirect_uris',
  'frontchannel_logout_uri',
  'initiate_login_uri',
] as const;

/** What is no URI at all has been found by then, and is no place that is allowed either. */
function findPlaceProblem(
  uri: string,
  { hosts, allow_loopback, allow_private_use_schemes }: RegistrationPolicy['redirect_uris'],
): string | undefined {
  if (!/^https?:/.test(uri)) {
    return allow_private_use_schemes ? undefined : 'has a scheme that may not be registered';
  }
  const host = URL.canParse(uri) ? new URL(uri).hostname : '';
  if (isLoopbackHost(host)) {
    return allow_loopback ? undefined : 'is on loopback, which may not be registered';
  }
  return hosts === undefined || hosts.includes(host)
    ? undefined
    : 'is at a host that may not be registered';
}
