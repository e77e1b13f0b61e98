// The words in which limits are written: what may be limited, and by what. Names are those of the
// configuration and of the audit trail.

/** What is counted. */
export const OCCASIONS = [
  'token',
  'authorize',
  'par',
  'device_authorization',
  'user_code',
  'introspection',
  'revocation',
  'userinfo',
  'registration',
  'client_authentication_failed',
  'identity_refused',
] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** For whom it is counted. */
export const KEYS = ['peer', 'client', 'client+peer', 'subject'] as const;
export type Key = (typeof KEYS)[number];

/**
 * What can be proven where. A budget of a client counts nothing that anybody else can send: at `authorize`
 * its name is in everybody's URL, and who failed to authenticate is not known to be it.
 */
export const KEYS_OF: { readonly [Name in Occasion]: readonly Key[] } = {
  token: ['peer', 'client', 'client+peer'],
  authorize: ['peer', 'subject'],
  par: ['peer', 'client', 'client+peer'],
  device_authorization: ['peer', 'client', 'client+peer'],
  user_code: ['peer', 'subject'],
  introspection: ['peer', 'client', 'client+peer'],
  revocation: ['peer', 'client', 'client+peer'],
  userinfo: ['peer', 'client', 'client+peer', 'subject'],
  registration: ['peer'],
  client_authentication_failed: ['peer', 'client+peer'],
  identity_refused: ['peer'],
};

/** Where somebody guesses: what is not counted then is a guess for free. */
export const GUESSED: ReadonlySet<Occasion> = new Set([
  'user_code',
  'client_authentication_failed',
]);

/** Headers in which proxies pass addresses on. */
export const ADDRESS_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const;
export type AddressHeader = (typeof ADDRESS_HEADERS)[number];
