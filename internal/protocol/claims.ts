// What is said about an End-User, and which names are ours alone to say.

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };

/** Claims about an End-User by name (OIDC Core §5.1); absent rather than null or empty. */
export type Claims = { readonly [name: string]: JsonValue };

/** No header, backend or user file may set these: whoever could would be whom they please. */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'nonce',
  'azp',
  'auth_time',
  'acr',
  'amr',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
  'client_id',
  'scope',
  'cnf',
  'act',
  'may_act',
  'events',
  'active',
  'token_type',
  'authorization_id',
  'authorization_details',
  'subject_issuer',
  'asteroid_dev',
  '__proto__',
  'constructor',
  'prototype',
]);

/** The claims that each standard scope releases (OIDC Core §5.4; `groups` is the common extension). */
export const SCOPE_CLAIMS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'profile',
    [
      'name',
      'family_name',
      'given_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  ],
  ['email', ['email', 'email_verified']],
  ['address', ['address']],
  ['phone', ['phone_number', 'phone_number_verified']],
  ['groups', ['groups']],
]);
