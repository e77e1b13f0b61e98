// What labels of metrics may say, where that is a closed set.

/** Members of `Issuer`, and `unknown` for a path that is none of ours. */
export const ENDPOINTS = [
  ...['discovery', 'jwks', 'authorize', 'push', 'consent', 'account', 'choose'],
  ...['deviceAuthorization', 'device', 'token', 'userinfo', 'introspect', 'revoke', 'check'],
  ...['register', 'registeredClient', 'review', 'endSession', 'signOut', 'signedOut', 'unknown'],
];
/** Whatever else is sent is refused, and counted as `other`. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** `gone` where nobody was there any more to be answered. */
export const STATUSES = ['1xx', '2xx', '3xx', '4xx', '5xx', 'gone'];
/** What keys sign with. */
export const ALGS = ['ES256', 'RS256', 'PS256', 'EdDSA', 'ES384', 'ES512'];
/** `none` where a request names none. */
export const GRANT_TYPES = [
  ...['authorization_code', 'refresh_token', 'client_credentials'],
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'none',
];
/** Each as `store.memory.max_…` names it. */
export const BUDGETS = ['entries', 'pending', 'clients'];
