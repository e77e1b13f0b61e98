// A sign-out that nobody has to be asked about any more: sessions end, and then the browser goes round:
// to clients that are told in a frame, to the upstream, and to where the client wants it.

import { type SessionId, type Subject, toSessionId } from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import { RESUME } from '../authorize/way-back.ts';
import type { Deps } from '../deps.ts';
import type { ProtocolResponse, SessionChange } from '../endpoint.ts';
import { pageUrl } from '../paths.ts';
import { sealSession } from '../session.ts';
import { fillTemplate, hasSlot, SIGNED_OUT } from '../template.ts';
import { type EndedSession, endSession } from './end.ts';
import { frontChannelUrls } from './front-channel.ts';
import { putAside } from './sealed-page.ts';
import type { Visitor } from './visitor.ts';

/** What a sign-out is about, beside the session that the browser is in. */
export type Farewell = {
  /** Of an ID Token of this End-User; their session as well, if it is another one. */
  readonly sid: SessionId | undefined;
  readonly goTo: string | undefined;
};

/** Throws `Unavailable` when it cannot be done now: then a part of it may be, and all can be again. */
export async function signOut(
  visitor: Visitor,
  { sid, goTo }: Farewell,
  requestId: string,
  deps: Deps,
): Promise<ProtocolResponse> {
  const { subject, upstream, current, stray } = visitor;
  if (subject === undefined) return arrive(goTo);
  // What may fail without anything being lost comes first.
  const next = await nextStop(goTo, deps);
  const sids = new Set([current?.sid, sid].filter((one) => one !== undefined));
  const frames: string[] = [];
  const end = async (session: EndedSession, reason: 'signed_out' | 'session_replaced') => {
    const clients = await endSession(session, { reason }, requestId, deps);
    frames.push(...frontChannelUrls(clients, session.sid, deps.issuer));
  };
  for (const one of sids) await end({ sid: one, subject }, 'signed_out');
  if (stray !== undefined && !sids.has(stray.sid)) await end(stray, 'session_replaced');
  const session = sealFarewell(subject, upstream, [...sids][0], deps);
  if (frames.length === 0) return { ...arrive(next), session };
  const page = { kind: 'front_channel_logout', frames, next } as const;
  return { kind: 'page', status: 200, page, session };
}

type Arrival = Extract<ProtocolResponse, { readonly kind: 'redirect' | 'page' }>;

/** The last stop: the client's, or else a page of ours. */
export const arrive = (location: string | undefined): Arrival =>
  location === undefined
    ? { kind: 'page', status: 200, page: { kind: 'signed_out', stayed: false } }
    : { kind: 'redirect', location };

/**
 * The upstream's sign-out, where there is one. It is told to come back to us and never to the client:
 * what it may return to is a list that operators write, and clients are not on it.
 */
async function nextStop(goTo: string | undefined, deps: Deps): Promise<string | undefined> {
  const { logoutUrl } = deps.policy();
  if (logoutUrl === undefined) return goTo;
  if (!hasSlot(logoutUrl, SIGNED_OUT)) return logoutUrl;
  const back = pageUrl(deps.bases, 'signedOut');
  const handle = goTo === undefined ? undefined : await putAside('signed_out', { goTo }, deps);
  const address = handle === undefined ? back : `${back}?${RESUME}=${encodeURIComponent(handle)}`;
  return fillTemplate(logoutUrl, { [SIGNED_OUT]: address });
}

// The browser has to remember it: the upstream goes on saying who is there.
function sealFarewell(
  subject: Subject,
  upstream: SessionId | undefined,
  sid: SessionId | undefined,
  deps: Deps,
): SessionChange {
  const now = deps.now();
  const left = {
    sid: sid ?? toSessionId(deps.random(ID_BYTES)),
    subject,
    seenAt: now,
    signedOutAt: now,
  };
  return sealSession(upstream === undefined ? left : { ...left, upstream }, deps);
}
