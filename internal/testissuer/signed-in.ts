// Who is signed in where a proxy would say it: every browser of the issuer, until somebody else is. The
// upstream is asked first: whomever a header names is who that request is from.
// Of a browser in which somebody was chosen, what happened last counts: the choice, or what the test said.

import type { ChoiceCookie } from '../chooser/choice.ts';
import { type Claims, RESERVED_CLAIMS } from '../protocol/claims.ts';
import type { Identity } from '../protocol/identity.ts';
import { toSessionId, toSubject } from '../protocol/ids.ts';
import { present } from '../protocol/present.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { SignedIn, TestIssuer } from './api.ts';
import { checkMembers } from './members.ts';
import { Misuse } from './misuse.ts';

const MEMBERS = [
  'sub',
  'auth_time',
  'acr',
  'amr',
  'sid',
  'claims',
] as const satisfies readonly (keyof SignedIn)[];

type Terms = {
  readonly clock: TestIssuer['clock'];
  /** Throws `Misuse` for who is certainly nobody. */
  readonly checkUser: (sub: string) => void;
};

export type SignedInUser = Pick<TestIssuer, 'signIn' | 'signOut'> & {
  readonly upstream: (configured: Upstream) => Upstream;
  readonly choice: (cookie: ChoiceCookie) => ChoiceCookie;
};

export function createSignedInUser({ clock, checkUser }: Terms): SignedInUser {
  let identity: Identity | undefined;
  let last = 0;
  let choices = createChoices();
  return {
    signIn(user) {
      const given: SignedIn = typeof user === 'string' ? { sub: user } : user;
      checkMembers('signIn', given, MEMBERS);
      checkUser(given.sub);
      checkClaims(given.claims ?? {});
      // Two sign-ins take two moments: a client that asked for a newer one has to be able to tell.
      if (given.auth_time === undefined && clock.now() <= last) {
        clock.advance(last + 1 - clock.now());
      }
      identity = toIdentity(given, clock.now());
      last = identity.authTime ?? last;
      choices = createChoices([]);
    },
    signOut() {
      identity = undefined;
      choices = createChoices([]);
    },
    upstream: (configured) => ({
      headerNames: configured.headerNames,
      identify(request) {
        const said = configured.identify(request);
        if (said.kind !== 'anonymous' || identity === undefined) return said;
        return { kind: 'identified', identity };
      },
    }),
    choice: (cookie) => ({
      ...cookie,
      find: (header) => (choices.has(header) ? cookie.find(header) : undefined),
      print(choice) {
        // As two of `signIn`: whoever is asked to sign in again, and does, has done so later.
        const isAtOnce = identity !== undefined && choice.authTime === last && last === clock.now();
        const printed = cookie.print(isAtOnce ? { ...choice, authTime: last + 1 } : choice);
        choices.add(printed);
        return printed;
      },
    }),
  };
}

/** @param made since a test said who is signed in; absent: none has, and choices of earlier processes count. */
function createChoices(made?: readonly string[]) {
  const pairs = made && new Set(made);
  return {
    has: (header: string | undefined): boolean =>
      pairs === undefined || (header ?? '').split(/; */).some((pair) => pairs.has(pair)),
    add: (printed: string | undefined): void =>
      void pairs?.add(printed?.split(';', 1)[0] ?? 'nothing was chosen'),
  };
}

function toIdentity({ sub, auth_time, acr, amr, sid, claims }: SignedIn, now: number): Identity {
  if (auth_time !== undefined && (!Number.isSafeInteger(auth_time) || auth_time > now)) {
    throw new Misuse(
      'signIn: auth_time has to be a moment of the past, in whole seconds since 1970',
    );
  }
  return {
    subject: toSubject(sub),
    authTime: auth_time ?? now,
    claims: copy(claims ?? {}),
    ...present({ acr, amr, sid: sid === undefined ? undefined : toSessionId(sid) }),
  };
}

/** Nobody changes afterwards what was said. */
const copy = (claims: Claims): Claims => JSON.parse(JSON.stringify(claims));

function checkClaims(claims: Claims): void {
  const reserved = Object.keys(claims).find((name) => RESERVED_CLAIMS.has(name));
  if (reserved === undefined) return;
  throw new Misuse(
    `signIn: claims.${reserved} is a claim that only the issuer may set; leave it out`,
  );
}
