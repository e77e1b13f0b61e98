// Metadata member → path below the issuer. Routes and discovery both read this table.

export const ENDPOINT_PATHS = {
  authorization_endpoint: '/authorize',
  pushed_authorization_request_endpoint: '/par',
  token_endpoint: '/token',
  userinfo_endpoint: '/userinfo',
  introspection_endpoint: '/introspect',
  revocation_endpoint: '/revoke',
  end_session_endpoint: '/end_session',
  device_authorization_endpoint: '/device_authorization',
  jwks_uri: '/jwks.json',
  registration_endpoint: '/register',
} as const;

export type EndpointMember = keyof typeof ENDPOINT_PATHS;

/** Who opens each: a person's browser, at a name that the proxy stands behind, or programs. */
const ENDPOINT_CALLERS: {
  readonly [Member in keyof typeof ENDPOINT_PATHS]: 'browser' | 'back';
} = {
  authorization_endpoint: 'browser',
  pushed_authorization_request_endpoint: 'back',
  token_endpoint: 'back',
  userinfo_endpoint: 'back',
  introspection_endpoint: 'back',
  revocation_endpoint: 'back',
  end_session_endpoint: 'browser',
  device_authorization_endpoint: 'back',
  jwks_uri: 'back',
  registration_endpoint: 'back',
};

/** Where each kind of caller reaches us; both are the issuer unless there are two horizons. */
export type EndpointBases = {
  readonly browser: string;
  readonly back: string;
  /** Where clients are asked for certificates, if that is elsewhere (RFC 8705 §5). */
  readonly mtls?: string | undefined;
};

/** The URL of an endpoint, as those who call it know it. */
export const endpointUrl = (bases: EndpointBases, member: keyof typeof ENDPOINT_PATHS): string =>
  toUrl(bases[ENDPOINT_CALLERS[member]], ENDPOINT_PATHS[member]);

/**
 * Metadata member → URL of the same endpoint where certificates are asked for; only programs show any.
 *
 * @param members those that are on.
 */
export const aliasUrls = (
  mtls: string,
  members: readonly EndpointMember[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    members
      .filter((member) => member.endsWith('_endpoint') && ENDPOINT_CALLERS[member] === 'back')
      .map((member) => [member, toUrl(mtls, ENDPOINT_PATHS[member])]),
  );

/** Every URL by which an endpoint is called, whichever of our names was used. */
export const everyEndpointUrl = (
  bases: EndpointBases,
  member: keyof typeof ENDPOINT_PATHS,
): readonly string[] => [
  ...new Set(
    [bases.browser, bases.back, bases.mtls]
      .filter((base) => base !== undefined)
      .map((base) => toUrl(base, ENDPOINT_PATHS[member])),
  ),
];

/** The URL of a page, as browsers know it. */
export const pageUrl = (bases: EndpointBases, page: keyof typeof PAGE_PATHS): string =>
  toUrl(bases.browser, PAGE_PATHS[page]);

/** Where a path of ours is. An issuer may end in a slash, and then no second one follows. */
const toUrl = (issuer: string, path: string): string =>
  `${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}${path}`;

/** Pages of our own, not in the metadata. */
export const PAGE_PATHS = {
  consent: '/consent',
  choose: '/choose',
  account: '/account',
  device: '/device',
  review: '/review',
  signOut: '/sign_out',
  signedOut: '/signed_out',
} as const;

/** Asked by proxies in front of resource servers; no standard has a name for it. */
export const CHECK_PATH = '/check';

/** Inserted between host and path of the issuer (RFC 8414 §3.1), or appended (Discovery 1.0 §4). */
export const WELL_KNOWN = {
  openid: '/.well-known/openid-configuration',
  oauth: '/.well-known/oauth-authorization-server',
} as const;
