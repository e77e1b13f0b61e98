// Who is signed in where a proxy would say it: every browser of the issuer, until somebody else is. The
// upstream of the configuration is asked first, and whomever a header names is who that request is from.

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
};

export function createSignedInUser({ clock, checkUser }: Terms): SignedInUser {
  let identity: Identity | undefined;
  let last = 0;
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
    },
    signOut() {
      identity = undefined;
    },
    upstream: (configured) => ({
      headerNames: configured.headerNames,
      identify(request) {
        const said = configured.identify(request);
        if (said.kind !== 'anonymous' || identity === undefined) return said;
        return { kind: 'identified', identity };
      },
    }),
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
