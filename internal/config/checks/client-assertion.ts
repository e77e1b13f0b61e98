// Whether a client has what its way of authenticating needs, and nothing that belongs to another way.

import { ASSERTION_ALGS } from '../../protocol/client-assertion.ts';
import { trustDomainOf } from '../../protocol/spiffe-id.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding } from '../finding.ts';
import { KEY_FORMS } from '../sections/client-keys.ts';

/** Platforms that the configuration names. */
export type PlatformTerms = {
  readonly clusters: ReadonlySet<string>;
  readonly trustDomains: ReadonlySet<string>;
};

const METHOD = 'token_endpoint_auth_method';
const SECRETS = [
  'client_secret',
  'client_secret_hash',
  'client_secret_file',
  'client_secrets',
] as const;

/** Members that one method needs, and no other has a use for. */
const OWN_MEMBERS = {
  service_account: 'kubernetes_service_account',
  service_account_issuer: 'kubernetes_service_account',
  spiffe_id: 'spiffe_jwt',
} as const;

const ALGS: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(ASSERTION_ALGS));

/** @param platforms undefined: they could not be read. */
export const findAssertionProblems = (
  client: ClientMetadata,
  platforms: PlatformTerms | undefined,
): readonly Finding[] => [
  ...findMemberProblems(client),
  ...findSecretProblems(client),
  ...findAlgProblems(client),
  ...(platforms === undefined ? [] : findPlatformProblems(client, platforms)),
];

/** What is looser than the rule, for the log. */
export const findAssertionWarnings = (client: ClientMetadata): readonly Finding[] =>
  client.token_endpoint_auth_audience === 'token_endpoint'
    ? [
        say(
          'token_endpoint_auth_audience',
          'takes assertions for the URL of the token endpoint (RFC 7523bis forbids it); remove it where the client can name the issuer',
        ),
      ]
    : [];

const say = (key: string, problem: string): Finding => ({ path: [key], problem });

function findMemberProblems(client: ClientMetadata): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  const problems = Object.entries(OWN_MEMBERS).flatMap(([key, owner]) => {
    const isThere = client[key as keyof typeof OWN_MEMBERS] !== undefined;
    if (isThere === (owner === method)) return [];
    return isThere
      ? [say(key, `is of no use without ${METHOD}: ${owner}; remove one of the two`)]
      : [say(key, `is missing; ${METHOD}: ${owner} needs it`)];
  });
  const hasKeys = KEY_FORMS.some((form) => client[form] !== undefined);
  if (method !== 'private_key_jwt' || hasKeys) return problems;
  return [...problems, say('jwks', `is missing; add jwks, jwks_file or jwks_uri for ${method}`)];
}

/** Nothing may seem to be a way in that is none. */
function findSecretProblems(client: ClientMetadata): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  if (method === 'client_secret_jwt') return findHashProblems(client);
  if (!ALGS.has(method)) return [];
  return SECRETS.filter((key) => (client[key]?.length ?? 0) > 0).map((key) =>
    say(key, `is of no use with ${METHOD}: ${method}; remove one of the two`),
  );
}

/** A hash checks what is shown, and not what is signed. */
const findHashProblems = ({
  client_secret_hash: hash,
  client_secrets: entries,
}: ClientMetadata): readonly Finding[] => {
  const problem =
    'cannot check what client_secret_jwt signs; use client_secret_file, with the secret itself';
  return [
    ...(hash === undefined ? [] : [say('client_secret_hash', problem)]),
    ...entries.flatMap(({ client_secret_hash }, index) =>
      client_secret_hash === undefined
        ? []
        : [{ path: ['client_secrets', index, 'client_secret_hash'], problem }],
    ),
  ];
};

function findAlgProblems(client: ClientMetadata): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  const algs = ALGS.get(method);
  const isOwn = method === 'client_secret_jwt' || method === 'private_key_jwt';
  const alg = client.token_endpoint_auth_signing_alg;
  const problems = [];
  if (alg !== undefined && algs?.includes(alg) !== true) {
    const problem = `is no algorithm of ${METHOD}: ${method}; remove one of the two`;
    problems.push(say('token_endpoint_auth_signing_alg', problem));
  }
  if (!isOwn && client.token_endpoint_auth_audience !== 'issuer') {
    const problem = `is of no use with ${METHOD}: ${method}; remove it`;
    problems.push(say('token_endpoint_auth_audience', problem));
  }
  return problems;
}

function findPlatformProblems(
  { service_account_issuer: issuer, spiffe_id: id }: ClientMetadata,
  { clusters, trustDomains }: PlatformTerms,
): readonly Finding[] {
  const domain = id === undefined ? undefined : trustDomainOf(id);
  return [
    ...(issuer === undefined || clusters.has(issuer)
      ? []
      : [say('service_account_issuer', 'is no issuer of kubernetes in asteroid.yaml')]),
    ...(domain === undefined || trustDomains.has(domain)
      ? []
      : [say('spiffe_id', 'is of a trust domain that spiffe in asteroid.yaml does not name')]),
  ];
}
