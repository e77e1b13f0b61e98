// Metadata member → path below the issuer. Routes and discovery both read this table.

export const ENDPOINT_PATHS = {
  authorization_endpoint: '/authorize',
  token_endpoint: '/token',
  userinfo_endpoint: '/userinfo',
  introspection_endpoint: '/introspect',
  revocation_endpoint: '/revoke',
  end_session_endpoint: '/end_session',
  jwks_uri: '/jwks.json',
} as const;

/** Where a path of ours is. An issuer may end in a slash, and then no second one follows. */
export const toUrl = (issuer: string, path: string): string =>
  `${issuer.endsWith('/') ? issuer.slice(0, -1) : issuer}${path}`;

/** Pages of our own, not in the metadata. */
export const PAGE_PATHS = {
  consent: '/consent',
  choose: '/choose',
  signOut: '/sign_out',
  signedOut: '/signed_out',
} as const;

/** Inserted between host and path of the issuer (RFC 8414 §3.1), or appended (Discovery 1.0 §4). */
export const WELL_KNOWN = {
  openid: '/.well-known/openid-configuration',
  oauth: '/.well-known/oauth-authorization-server',
} as const;
