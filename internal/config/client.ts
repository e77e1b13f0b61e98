// What may be said about one client, by the registered names of its metadata (RFC 7591 §2, OIDC
// Registration §2) and a few of our own. Which grant types and authentication methods exist is for
// the caller to say: the tables are the domain's.

import * as z from 'zod';
import type { Client } from '../protocol/client.ts';
import { toClientId, toSubject } from '../protocol/ids.ts';
import { SIGNING_ALGS } from '../protocol/names.ts';
import { parseScope } from '../protocol/scope.ts';
import { count, fileName, later, section, text, textWith } from './fields.ts';
import { clientAssertion, toAssertionTerms } from './sections/client-assertion.ts';
import { clientDescription, toDescription } from './sections/client-description.ts';
import { clientDpop, toDpopMetadata } from './sections/client-dpop.ts';
import { clientGrants, toGrantTerms } from './sections/client-grants.ts';
import { clientKeys } from './sections/client-keys.ts';
import { clientLimits, toClientBudgets } from './sections/client-limits.ts';
import { clientProfile, toProfileTerms } from './sections/client-profile.ts';
import { clientRequests, toRequests } from './sections/client-requests.ts';
import { clientShaping, toShaping } from './sections/client-shaping.ts';
import { clientTls, toClientTls } from './sections/client-tls.ts';
import { clientTokens, toTokenForms } from './sections/client-tokens.ts';
import { clientLifetimes, toLifetimes } from './sections/lifetimes.ts';
import { clientSubject, toSectorIdentifier } from './sections/pairwise.ts';

const clientId = () =>
  textWith((value) =>
    // RFC 6749 §A.1, without the blank that nobody means.
    /^[!-~]{1,255}$/.test(value)
      ? undefined
      : 'has to be 1 to 255 printable ASCII characters without blanks',
  );

const scope = () =>
  textWith((value) =>
    parseScope(value) === undefined
      ? 'has to be scope names with one blank between them'
      : undefined,
  );

/** An absolute URI without a fragment (RFC 8707 §2). */
const resource = () =>
  textWith((value) =>
    /^[a-z][a-z0-9+.-]*:[!-~]+$/.test(value) && !value.includes('#')
      ? undefined
      : 'has to be an absolute URI without a fragment',
  );

/** Compared as it stands: neither a subdomain nor a wildcard is meant. */
const emailDomain = () =>
  textWith((value) =>
    /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value)
      ? undefined
      : 'has to be a domain, as in example.com, without an @',
  );

const allow = () =>
  section({
    subjects: z.array(text()).default([]).meta({ description: 'Subjects that may sign in' }),
    groups: z.array(text()).default([]).meta({ description: 'Groups whose members may sign in' }),
    email_domains: z.array(emailDomain()).default([]).meta({
      description: 'Domains of verified email addresses whose owners may sign in',
    }),
  }).refine((given) => Object.values(given).some((list) => list.length > 0), {
    error:
      'lets nobody in; name subjects, groups or email_domains, or remove it to let everybody in',
  });

const SECRET_FORMS = {
  client_secret: z.string().optional().meta({
    description: 'A secret in plain text; outside dev better one of the other forms',
  }),
  client_secret_hash: z.string().optional().meta({
    description: 'The hash of a secret, as `asteroid hash` prints it',
  }),
  client_secret_file: fileName().optional().meta({
    description: 'File with a secret; one line end at its end does not count',
  }),
};

export const clientSchema = section({
  client_id: clientId().meta({ description: 'Who the client is' }),
  client_name: text().optional().meta({ description: 'Its name on pages' }),
  ...SECRET_FORMS,
  client_secrets: z
    .array(later(() => section(SECRET_FORMS)))
    .default([])
    .meta({ description: 'Several live secrets, one form each, for rotation' }),
  redirect_uris: z
    .array(z.string())
    .default([])
    .meta({ description: 'Where answers may be sent; compared exactly' }),
  post_logout_redirect_uris: z
    .array(z.string())
    .default([])
    .meta({ description: 'Where it may send the browser after a sign-out' }),
  backchannel_logout_uri: text()
    .optional()
    .meta({
      description: 'Where it is told of sign-outs, from server to server',
      examples: ['https://app.example.com/backchannel-logout'],
    }),
  backchannel_logout_session_required: z.boolean().default(false).meta({
    description: 'Accepted for completeness: logout tokens always carry sid',
  }),
  frontchannel_logout_uri: text()
    .optional()
    .meta({
      description: 'What a sign-out loads in a hidden frame; at the origin of a redirect URI',
      examples: ['https://app.example.com/frontchannel-logout'],
    }),
  frontchannel_logout_session_required: z.boolean().default(false).meta({
    description: 'Accepted for completeness: the frame always gets iss and sid',
  }),
  grant_types: z
    .array(z.string())
    .min(1)
    .default(['authorization_code', 'refresh_token'])
    .meta({ description: 'Grants it may use' }),
  response_types: z
    .array(z.literal('code'))
    .default(['code'])
    .meta({ description: 'Only code exists (RFC 9700 §2.1.2)' }),
  token_endpoint_auth_method: z.string().default('client_secret_basic').meta({
    description: 'How it authenticates; none makes it a public client',
  }),
  scope: scope().optional().meta({
    description: 'What it may ask for; default: every scope the issuer knows',
  }),
  application_type: z.enum(['web', 'native']).default('web').meta({
    description: 'native allows any loopback port and private-use schemes (RFC 8252)',
  }),
  id_token_signed_response_alg: z.enum(SIGNING_ALGS).default('ES256').meta({
    description: 'Algorithm of its ID Tokens',
  }),
  id_token_claims: z.enum(['all', 'minimal']).default('all').meta({
    description: 'all: claims of the scopes also in the ID Token',
  }),
  audience: z.array(text()).default([]).meta({
    description: 'Audience of its access tokens where no resource is asked for',
  }),
  resources: z.array(resource()).default([]).meta({
    description: 'Resources it may ask for (RFC 8707)',
  }),
  serves: z.array(resource()).default([]).meta({
    description: 'Resources it is the server of: it may introspect every token meant for them',
  }),
  consent: z.enum(['skip', 'once', 'always']).default('skip').meta({
    description: 'Whether the End-User is asked',
  }),
  require_pkce: z.boolean().optional().meta({
    description: 'PKCE is demanded; always so for public clients',
  }),
  require_auth_time: z.boolean().default(false).meta({
    description: 'ID Tokens have to carry auth_time',
  }),
  default_max_age: count(0, 2 ** 31)
    .optional()
    .meta({
      description: 'max_age where the request has none, in seconds',
    }),
  refresh_token_rotation: z.enum(['always', 'never']).default('always').meta({
    description: 'never only for clients that authenticate',
  }),
  allow_iframe: z.boolean().default(false).meta({
    description: 'prompt=none from an iframe is answered',
  }),
  allow: later(allow)
    .optional()
    .meta({ description: 'Who may sign in to it, by any of the lists; default: everybody' }),
  ...clientDescription,
  ...clientKeys,
  ...clientTls,
  ...clientAssertion,
  ...clientSubject,
  ...clientShaping,
  ...clientProfile,
  ...clientRequests,
  ...clientDpop,
  ...clientTokens,
  ...clientGrants,
  ...clientLimits,
  allow_http_redirect: z.boolean().default(false).meta({
    description: 'Accept http:// redirect URIs beyond loopback',
  }),
  lifetimes: clientLifetimes().prefault({}).meta({
    description: 'What differs from the lifetimes of the issuer',
  }),
});

/** One client as it stands in the file, defaults filled in. */
export type ClientMetadata = z.output<typeof clientSchema>;

/** Secrets and keys, read from wherever the metadata says they are. */
export type ClientMaterial = Pick<Client, 'secrets' | 'keys'>;

export function toClient(metadata: ClientMetadata, { secrets, keys }: ClientMaterial): Client {
  const { allow } = metadata;
  return {
    clientId: toClientId(metadata.client_id),
    clientName: metadata.client_name,
    redirectUris: metadata.redirect_uris,
    postLogoutRedirectUris: metadata.post_logout_redirect_uris,
    backchannelLogoutUri: metadata.backchannel_logout_uri,
    frontchannelLogoutUri: metadata.frontchannel_logout_uri,
    grantTypes: metadata.grant_types,
    tokenEndpointAuthMethod: metadata.token_endpoint_auth_method,
    secrets,
    keys,
    ...toClientTls(metadata),
    scope: metadata.scope === undefined ? undefined : parseScope(metadata.scope),
    applicationType: metadata.application_type,
    idTokenSignedResponseAlg: metadata.id_token_signed_response_alg,
    idTokenClaims: metadata.id_token_claims,
    audience: metadata.audience,
    resources: metadata.resources,
    serves: metadata.serves,
    consent: metadata.consent,
    requirePkce: metadata.require_pkce ?? metadata.token_endpoint_auth_method === 'none',
    requireAuthTime: metadata.require_auth_time,
    defaultMaxAge: metadata.default_max_age,
    refreshTokenRotation: metadata.refresh_token_rotation,
    allowIframe: metadata.allow_iframe,
    allow:
      allow === undefined
        ? undefined
        : {
            subjects: allow.subjects.map(toSubject),
            groups: allow.groups,
            emailDomains: allow.email_domains,
          },
    ...toAssertionTerms(metadata),
    ...toDescription(metadata),
    ...toShaping(metadata),
    ...toProfileTerms(metadata),
    ...toRequests(metadata),
    ...toDpopMetadata(metadata),
    ...toTokenForms(metadata),
    ...toGrantTerms(metadata),
    rateLimits: toClientBudgets(metadata.rate_limit),
    sectorIdentifier: toSectorIdentifier(metadata),
    lifetimes: toLifetimes(metadata.lifetimes),
  };
}
