// Sessions: what ties the flows of one browser to one `sid`. A cookie remembers it, sealed, so that
// nobody can make one; it never says who anybody is. That is the upstream's word alone, and where the
// two disagree the cookie's session is over (calibre-web #2623: one user's cookie, another's header).

import { hash } from 'node:crypto';
import type { Identity } from '../protocol/identity.ts';
import { type SessionId, type Subject, toSessionId, toSubject } from '../protocol/ids.ts';
import { DAY } from '../protocol/time.ts';
import type { Deps } from './deps.ts';
import type { SessionChange } from './endpoint.ts';

export type Session = {
  readonly sid: SessionId;
  readonly subject: Subject;
  /** What was derived from the upstream's own session id, where it sends one. */
  readonly upstream?: SessionId;
  /** Seconds since 1970, give or take half of a session's life. */
  readonly seenAt: number;
  /** Present after a sign-out: then nothing may be signed in to silently. */
  readonly signedOutAt?: number;
};

/** Who is here, as the upstream says. */
export type Present = Pick<Session, 'subject' | 'upstream'> & Pick<Identity, 'authTime'>;

export type SessionTerms = {
  readonly now: number;
  readonly lifetime: number;
  /** The client asked for no interaction. */
  readonly silent: boolean;
  /** To be used if a session begins. */
  readonly fresh: SessionId;
};

export type SessionDecision =
  /** Signed out, and nothing since shows that the End-User wants to be signed in. */
  | { readonly kind: 'signed_out' }
  | {
      readonly kind: 'session';
      readonly session: Session;
      /** The cookie has to be written. */
      readonly isChanged: boolean;
      /** Another session that was in this browser until now. */
      readonly replaced: Session | undefined;
    };

/** Which session a sign-in belongs to; the upstream's word always wins over the cookie's. */
export function decideSession(
  known: Session | undefined,
  present: Present,
  terms: SessionTerms,
): SessionDecision {
  const { now, silent, fresh } = terms;
  if (known === undefined || !isSame(known, present)) {
    const replaced = known?.signedOutAt === undefined ? known : undefined;
    return begin(present.upstream ?? fresh, present, now, replaced);
  }
  if (known.signedOutAt !== undefined) {
    const isNewer = present.authTime !== undefined && present.authTime > known.signedOutAt;
    // A sid that ended is never used again, not even where the upstream's session is the same.
    return silent && !isNewer ? { kind: 'signed_out' } : begin(fresh, present, now, undefined);
  }
  if (isOver(known, terms)) return begin(present.upstream ?? fresh, present, now, known);
  const isChanged = now - known.seenAt > terms.lifetime / 2;
  const session = isChanged ? { ...known, seenAt: now } : known;
  return { kind: 'session', session, isChanged, replaced: undefined };
}

/**
 * The session that this browser is in right now, if it is in one; without an identity, the cookie's.
 * That is enough to end it, and for nothing else.
 */
export function findCurrent(
  known: Session | undefined,
  present: Present | undefined,
  terms: Pick<SessionTerms, 'now' | 'lifetime'>,
): Session | undefined {
  if (known !== undefined && (present === undefined || isSame(known, present))) {
    return known.signedOutAt === undefined && !isOver(known, terms) ? known : undefined;
  }
  if (present?.upstream === undefined) return undefined;
  const { subject, upstream } = present;
  return { sid: upstream, subject, upstream, seenAt: terms.now };
}

function begin(
  sid: SessionId,
  { subject, upstream }: Present,
  seenAt: number,
  replaced: Session | undefined,
): SessionDecision {
  const session = { sid, subject, seenAt, ...(upstream === undefined ? {} : { upstream }) };
  // Where the cookie was too old, the upstream's session may still be the one it was.
  return { kind: 'session', session, isChanged: true, replaced: only(replaced, sid) };
}

const only = (replaced: Session | undefined, sid: SessionId): Session | undefined =>
  replaced?.sid === sid ? undefined : replaced;

/** An upstream that does not say which session it is says nothing against this one. */
const isSame = (known: Session, { subject, upstream }: Present): boolean =>
  known.subject === subject && (upstream === undefined || known.upstream === upstream);

const isOver = (
  { seenAt }: Session,
  { now, lifetime }: Pick<SessionTerms, 'now' | 'lifetime'>,
): boolean => now - seenAt >= lifetime;

/** The upstream's own session id never leaves us: whoever knows one may be able to use it there. */
export function toPresent(
  { subject, sid, authTime }: Identity,
  { issuer }: Pick<Deps, 'issuer'>,
): Present {
  return {
    subject,
    ...(sid === undefined
      ? {}
      : {
          upstream: toSessionId(
            hash('sha256', JSON.stringify([issuer, subject, sid]), 'base64url'),
          ),
        }),
    ...(authTime === undefined ? {} : { authTime }),
  };
}

/** How long a browser remembers that somebody signed out. */
const SIGNED_OUT_TTL = 30 * DAY;

// Issuers may share their keys: a cookie of one is of no use at another.
const purposeOf = (issuer: string): string => `session ${issuer}`;

export function sealSession(
  { sid, subject, upstream, seenAt, signedOutAt }: Session,
  { keys, issuer, policy }: Pick<Deps, 'keys' | 'issuer' | 'policy'>,
): SessionChange {
  const text = JSON.stringify([sid, subject, seenAt, upstream ?? null, signedOutAt ?? null]);
  return {
    value: keys.seal(purposeOf(issuer), text),
    maxAge: signedOutAt === undefined ? policy().sessionLifetime : SIGNED_OUT_TTL,
  };
}

/** Undefined for everything that `sealSession` did not make at this issuer. */
export function unsealSession(
  sealed: string | undefined,
  { keys, issuer }: Pick<Deps, 'keys' | 'issuer'>,
): Session | undefined {
  const text = sealed === undefined ? undefined : keys.unseal(purposeOf(issuer), sealed);
  if (text === undefined) return undefined;
  const [sid, subject, seenAt, upstream, signedOutAt] = JSON.parse(text) as SealedSession;
  return {
    sid: toSessionId(sid),
    subject: toSubject(subject),
    seenAt,
    ...(upstream === null ? {} : { upstream: toSessionId(upstream) }),
    ...(signedOutAt === null ? {} : { signedOutAt }),
  };
}

// What our own key authenticates has the shape that we gave it.
type SealedSession = readonly [string, string, number, string | null, number | null];
