// Who is signed in in which browser. In memory: a restart signs everybody out. With more than one process,
// keep them where every process sees them, or a back-channel sign-out misses those of the others.

import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { Attempt, SignedIn } from './sign-in.ts';

/** A browser that was sent to the issuer, or one that came back. */
export type Session =
  | { readonly kind: 'signing-in'; readonly attempt: Attempt; readonly returnTo: string }
  | { readonly kind: 'signed-in'; readonly user: SignedIn };

export type Sessions = ReturnType<typeof createSessions>;

/** @param url where browsers find the application: over https, the cookie never travels without it. */
export function createSessions(url: string) {
  const isSecure = url.startsWith('https:');
  // __Host- keeps neighbours on other subdomains from planting a session of theirs.
  const name = isSecure ? '__Host-session' : 'session';
  // Lax: the cookie comes along when the issuer sends the browser back, but not with a foreign POST.
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, path: '/' } as const;
  const sessions = new Map<string, Session>();

  const idOf = (request: Request): string => {
    const pairs = (request.headers.cookie ?? '').split(/; */).map((pair) => pair.split('='));
    return pairs.find(([key]) => key === name)?.[1] ?? '';
  };

  const find = (request: Request): Session | undefined => sessions.get(idOf(request));

  return {
    find,

    findUser(request: Request): SignedIn | undefined {
      const session = find(request);
      return session?.kind === 'signed-in' ? session.user : undefined;
    },

    /** Under an id of its own each time: one that somebody knew before the sign-in opens nothing. */
    begin(request: Request, response: Response, session: Session): void {
      sessions.delete(idOf(request));
      const id = randomBytes(32).toString('base64url');
      sessions.set(id, session);
      response.cookie(name, id, cookie);
    },

    /** The same session, with tokens that were refreshed. */
    update(request: Request, user: SignedIn): void {
      if (sessions.has(idOf(request))) sessions.set(idOf(request), { kind: 'signed-in', user });
    },

    end(request: Request, response: Response): void {
      sessions.delete(idOf(request));
      response.clearCookie(name, cookie);
    },

    /** Ends those of other browsers, too: what a back-channel sign-out wants. */
    endWhere(isOver: (user: SignedIn) => boolean): void {
      for (const [id, session] of sessions) {
        if (session.kind === 'signed-in' && isOver(session.user)) sessions.delete(id);
      }
    },
  };
}
