// Whom somebody chose to be in this browser: remembered in a cookie that only the keys of this issuer
// can seal, and the word of a proxy that is not there.

import { createSealedCookie, MAX_CHARS } from '../http/cookies.ts';
import type { Identity } from '../protocol/identity.ts';
import { DAY } from '../protocol/time.ts';

export type ChoiceCookie = {
  /** Undefined for every Cookie header without a choice that was made here. */
  readonly find: (header: string | undefined) => Identity | undefined;
  /** A `Set-Cookie` value; undefined where the claims are more than a browser would keep. */
  readonly print: (choice: Identity) => string | undefined;
  /** The `Set-Cookie` value that forgets it. */
  readonly forget: string;
};

export type ChoiceTerms = {
  /** Begins the name of the cookie. */
  readonly name: string;
  /** Where browsers are; issuers on one host have cookies of their own. */
  readonly url: string;
  readonly seal: (purpose: string, text: string) => string;
  readonly unseal: (purpose: string, sealed: string) => string | undefined;
};

export function createChoiceCookie({ name, url, seal, unseal }: ChoiceTerms): ChoiceCookie {
  const cookie = createSealedCookie(name, url);
  // Issuers may share their keys: a choice at one is none at another.
  const purpose = `chosen at ${url}`;
  return {
    find(header) {
      const sealed = cookie.read(header);
      const json = sealed === undefined ? undefined : unseal(purpose, sealed);
      // Our own key authenticates that it is what `print` was given.
      return json === undefined ? undefined : (JSON.parse(json) as Identity);
    },
    print(choice) {
      const value = seal(purpose, JSON.stringify(choice));
      return value.length > MAX_COOKIE ? undefined : cookie.print({ value, maxAge: DAY });
    },
    forget: cookie.print({ value: 'forgotten', maxAge: 0 }),
  };
}

/** Browsers count name and value together (RFC 6265bis §5.6). */
const MAX_COOKIE = MAX_CHARS - 200;
