/** What a client says of itself to End-Users, and who vouches for that. */
export type ClientDescription = {
  /** It registered itself (RFC 7591): nobody does. */
  readonly registered: boolean;
  /** Pages of its own; all of them https. */
  readonly clientUri: string | undefined;
  readonly policyUri: string | undefined;
  readonly tosUri: string | undefined;
  /** A picture that browsers fetch, and we never do. */
  readonly logoUri: string | undefined;
};

// Ours, and of a form of their own: whoever else asks costs the store nothing.
const REGISTERED_ID = /^dyn_[A-Za-z0-9_-]{22}$/;

/** Whether a client of this id could have registered itself. */
export const isRegisteredId = (clientId: string): boolean => REGISTERED_ID.test(clientId);

/** @param id 16 random bytes in base64url. */
export const toRegisteredId = (id: string): string => `dyn_${id}`;
