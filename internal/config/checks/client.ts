// What the parts of one client's metadata say together.

import type { ScopeTable } from '../../protocol/scope-table.ts';
import type { ClientMetadata } from '../client.ts';
import type { Finding, Path } from '../finding.ts';
import { findNearest } from '../nearest.ts';
import type { IssuerTerms } from '../profiles/profile.ts';
import { findRedirectUriProblem } from '../redirect-uri.ts';
import type { ClientCertificates } from '../sections/mtls.ts';
import { findAssertionProblems, type PlatformTerms } from './client-assertion.ts';
import { findGrantProblems } from './client-grants.ts';
import { findRequestProblems } from './client-requests.ts';
import { findScopeProblems } from './client-scope.ts';
import { findTlsProblems } from './client-tls.ts';
import { findKeyProblems } from './keys.ts';
import { findPairwiseProblems } from './pairwise.ts';
import { findShapingProblems } from './shaping.ts';
import { findTokenProblems } from './tokens.ts';

/** What exists; whoever owns the tables says so. */
export type ClientTerms = {
  readonly grantTypes: ReadonlySet<string>;
  readonly authMethods: ReadonlySet<string>;
  /** The issuer has a salt. */
  readonly pairwise: boolean;
  readonly certificates: ClientCertificates;
  /** Names of `token_issuers`; undefined where those could not be read. */
  readonly tokenIssuers: ReadonlySet<string> | undefined;
  /** The scopes of the issuer; undefined where they could not be read. */
  readonly scopes: ScopeTable | undefined;
  readonly issuer: IssuerTerms;
  /** Declared by the issuer; undefined: that could not be read. */
  readonly detailsTypes: ReadonlySet<string> | undefined;
  /** Absent: those of the configuration could not be read. */
  readonly platforms?: PlatformTerms | undefined;
};

/** Every problem of one client; paths begin at the client. */
export const findClientProblems = (
  client: ClientMetadata,
  terms: ClientTerms,
): readonly Finding[] => [
  ...findUnknownWords(client, terms),
  ...findUriProblems(client, 'redirect_uris'),
  ...findUriProblems(client, 'post_logout_redirect_uris'),
  ...findLogoutUriProblems(client),
  ...findMissingUris(client),
  ...findFormProblems(client),
  ...findKeyProblems(client),
  ...findTlsProblems(client, terms.certificates),
  ...findAssertionProblems(client, terms.platforms),
  ...findPairwiseProblems(client, terms.pairwise),
  ...findShapingProblems(client, terms.scopes),
  ...findScopeProblems(client, terms.scopes),
  ...findTokenProblems(client),
  ...findGrantProblems(client, terms.tokenIssuers),
  ...findRequestProblems(client, terms.detailsTypes),
  ...(client.token_endpoint_auth_method === 'none' ? findPublicProblems(client) : []),
];

const say = (problem: string, ...path: Path): Finding => ({ path, problem });

function findUnknownWords(client: ClientMetadata, terms: ClientTerms): readonly Finding[] {
  const method = client.token_endpoint_auth_method;
  const unknown = client.grant_types.flatMap((grantType, index) =>
    terms.grantTypes.has(grantType)
      ? []
      : [say(oneOf(grantType, terms.grantTypes), 'grant_types', index)],
  );
  if (terms.authMethods.has(method)) return unknown;
  return [...unknown, say(oneOf(method, terms.authMethods), 'token_endpoint_auth_method')];
}

function oneOf(word: string, known: ReadonlySet<string>): string {
  const nearest = findNearest(word, known);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `has to be one of ${[...known].join(', ')}${hint}`;
}

function findUriProblems(
  client: ClientMetadata,
  key: 'redirect_uris' | 'post_logout_redirect_uris',
): readonly Finding[] {
  const terms = {
    applicationType: client.application_type,
    allowHttp: client.allow_http_redirect,
  };
  return client[key].flatMap((uri, index) => {
    const problem =
      client[key].indexOf(uri) < index
        ? 'is listed twice; remove one'
        : findRedirectUriProblem(uri, terms);
    return problem === undefined ? [] : [say(problem, key, index)];
  });
}

const LOGOUT_URIS = ['backchannel_logout_uri', 'frontchannel_logout_uri'] as const;

/** The rules of redirect URIs; no app can be reached by its scheme from a server or in a frame. */
const findLogoutUriProblems = (client: ClientMetadata): readonly Finding[] =>
  LOGOUT_URIS.flatMap((key) => {
    const uri = client[key];
    if (uri === undefined) return [];
    const terms = { applicationType: 'web', allowHttp: client.allow_http_redirect } as const;
    const problem =
      findRedirectUriProblem(uri, terms) ??
      (key === 'frontchannel_logout_uri' ? findFrameProblem(uri, client) : undefined);
    return problem === undefined ? [] : [say(problem, key)];
  });

/** Front-Channel Logout 1.0 §2: scheme, host and port are those of a redirect URI. */
function findFrameProblem(uri: string, client: ClientMetadata): string | undefined {
  const { origin, searchParams } = new URL(uri);
  if (searchParams.has('sid')) return 'has the parameter sid, which is added to it; rename it';
  const known = client.redirect_uris.filter((other) => URL.canParse(other));
  return known.some((other) => new URL(other).origin === origin)
    ? undefined
    : 'is at another scheme, host or port than every redirect URI; move it to one of those';
}

const findMissingUris = (client: ClientMetadata): readonly Finding[] =>
  client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0
    ? [say('is missing; the grant authorization_code needs one at least', 'redirect_uris')]
    : [];

const FORMS = ['client_secret', 'client_secret_hash', 'client_secret_file'] as const;

function findFormProblems({ client_secrets }: ClientMetadata): readonly Finding[] {
  return client_secrets.flatMap((entry, index) =>
    FORMS.filter((form) => entry[form] !== undefined).length === 1
      ? []
      : [say(`has to be exactly one of ${FORMS.join(', ')}`, 'client_secrets', index)],
  );
}

/** A public client has nothing to prove itself by (RFC 6749 §2.1), and must not seem to have. */
function findPublicProblems(client: ClientMetadata): readonly Finding[] {
  const secrets = [...FORMS, 'client_secrets' as const].filter((key) => {
    const value = client[key];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  const method = 'token_endpoint_auth_method';
  return [
    ...secrets.map((key) => say(`is of no use with ${method}: none; remove one of the two`, key)),
    ...client.grant_types.flatMap((grantType, index) =>
      grantType === 'client_credentials'
        ? [
            say(
              'needs a client that authenticates (RFC 6749 §4.4); remove it',
              'grant_types',
              index,
            ),
          ]
        : [],
    ),
    ...(client.refresh_token_rotation === 'never'
      ? [
          say(
            'would let a stolen refresh token of a public client live on; remove it',
            'refresh_token_rotation',
          ),
        ]
      : []),
    ...(client.require_pkce === false
      ? [
          say(
            'cannot be switched off for a public client (RFC 9700 §2.1.1); remove it',
            'require_pkce',
          ),
        ]
      : []),
  ];
}
