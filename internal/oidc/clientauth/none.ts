import type { ClientAuthMethod } from './method.ts';

/** A public client names itself and proves nothing (RFC 6749 §2.1): PKCE stands in for it. */
export const none: ClientAuthMethod = {
  name: 'none',
  takes: 'identifier',
  verify: () => true,
};
