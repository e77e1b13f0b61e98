// Who is signed in to the console. The cookie names a credential and never holds one; it is sealed, so that it
// is of no use at another issuer; and it is bound in time. Every form has a proof of the same session, because
// a cookie is sent by whatever page sends a form.

import { hash } from 'node:crypto';
import { ID_BYTES, type Random } from '../../../protocol/random.ts';
import type { Clock } from '../../../protocol/time.ts';
import { findOnly } from '../../cookies.ts';
import { PREFIX } from './parts.ts';

/** A browser before its sign-in. */
export type Visitor = {
  /** Another one after each sign-in, so that nobody else can have chosen it. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly begunAt: number;
};

export type SignedIn = Visitor & {
  /** What was proven. */
  readonly credential: string;
};

export type Seals = {
  readonly seal: (purpose: string, text: string) => string;
  readonly unseal: (purpose: string, sealed: string) => string | undefined;
};

export type SessionTerms = {
  readonly issuer: string;
  readonly seals: Seals;
  readonly now: Clock;
  readonly random: Random;
  /** Seconds that a sign-in counts. */
  readonly lifetime: () => number;
};

type SessionCookie<Session> = {
  /** Undefined for what was not begun here, or is over. @param cookie as the header has it. */
  read(cookie: string | undefined, isSecure: boolean): Session | undefined;
  /** A `Set-Cookie` value. @param session undefined: the cookie goes. */
  print(session: Session | undefined, isSecure: boolean): string;
};

export type Sessions = {
  begin(): Visitor;
  /** One cookie each: whoever comes without that of a sign-in would lose it to the page that asks for one. */
  readonly visitors: SessionCookie<Visitor>;
  readonly signIns: SessionCookie<SignedIn>;
  /** For forms of whoever has this id. */
  prove(id: string): string;
  isProven(id: string, proof: string): boolean;
};

const MAX_CHARS = 4096;

export function createSessions(terms: SessionTerms): Sessions {
  const { issuer, seals, now, random, lifetime } = terms;
  const formPurpose = `console form ${issuer}`;
  const isOver = (at: number): boolean => now() - at >= lifetime() || at > now() + 60;
  return {
    begin: () => ({ id: random(ID_BYTES), begunAt: now() }),
    visitors: createCookie<Visitor>('console-visitor', isOver, terms),
    signIns: createCookie<SignedIn>('console', isOver, terms),
    prove: (id) => seals.seal(formPurpose, JSON.stringify([id, now()])),
    isProven(id, proof) {
      const text = seals.unseal(formPurpose, proof);
      if (text === undefined) return false;
      const [of, at] = JSON.parse(text) as readonly [string, number];
      return of === id && !isOver(at);
    },
  };
}

function createCookie<Session extends Visitor>(
  word: string,
  isOver: (at: number) => boolean,
  { issuer, seals, lifetime }: SessionTerms,
): SessionCookie<Session> {
  const purpose = `${word} ${issuer}`;
  // Cookies know no ports: those of several issuers that are forwarded to one machine would be one.
  const base = `asteroid-${word}-${hash('sha256', issuer, 'base64url').slice(0, 8)}`;
  const nameOf = (isSecure: boolean): string => `${isSecure ? '__Host-' : ''}${base}`;
  return {
    read(cookie, isSecure) {
      const sealed = cookie === undefined ? undefined : findOnly(cookie, nameOf(isSecure));
      const text = sealed === undefined ? undefined : seals.unseal(purpose, sealed);
      if (text === undefined) return undefined;
      // What our own key authenticates has the shape that we gave it.
      const session = JSON.parse(text) as Session;
      return isOver(session.begunAt) ? undefined : session;
    },
    print(session, isSecure) {
      const flags = `Path=${isSecure ? '/; Secure' : PREFIX}; HttpOnly; SameSite=Strict`;
      if (session === undefined) return `${nameOf(isSecure)}=; Max-Age=0; ${flags}`;
      const value = seals.seal(purpose, JSON.stringify(session));
      if (value.length > MAX_CHARS) throw new Error('this is not what a cookie can hold');
      return `${nameOf(isSecure)}=${value}; Max-Age=${lifetime()}; ${flags}`;
    },
  };
}
