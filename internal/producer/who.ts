// Who a request is from: a header for tools, the End-User that was fixed at start, or the cookie of the
// chooser.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { toSubject } from '../protocol/ids.ts';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import type { Clock } from '../protocol/time.ts';
import { toLines } from './app-request.ts';
import type { Stay, StayCookie } from './cookie.ts';
import type { SignedIn, Users } from './end-user.ts';
import { ProducerRefusal } from './refusal.ts';

/** For tools that keep no cookies; an empty one is nobody. Never reaches the app. */
export const AS_HEADER = 'X-Asteroid-As';

export type WhoDeps = {
  readonly cookie: StayCookie;
  /** Everybody is this one, whatever the cookie says. */
  readonly as: string | undefined;
  readonly now: Clock;
  readonly random: Random;
};

/** Throws what is wrong with the header. */
export function createIdentify({ cookie, as, now, random }: WhoDeps) {
  /** One stay for each End-User that needs no cookie, for as long as the producer runs. */
  const standing = new Map<string, Stay>();
  const standingOf = (user: string): Stay => {
    const stay = standing.get(user) ?? { user, since: now(), sid: random(ID_BYTES) };
    standing.set(user, stay);
    return stay;
  };
  return (request: IncomingMessage, users: Users): SignedIn | undefined => {
    const named = readAsHeader(request);
    if (named === '') return undefined;
    if (named !== undefined) {
      assertKnown(named, users, AS_HEADER);
      return toSignedIn(standingOf(named), users);
    }
    if (as !== undefined) return toSignedIn(standingOf(as), users);
    const stay = cookie.read(request.headers.cookie);
    return stay === undefined ? undefined : toSignedIn(stay, users);
  };
}

/** Somebody who is gone from users.yaml is nobody, whatever their cookie says. */
function toSignedIn({ user, since, sid }: Stay, users: Users): SignedIn | undefined {
  const subject = toSubject(user);
  const claims = users.get(subject);
  return claims === undefined ? undefined : { subject, claims, since, sid };
}

export function assertKnown(user: string, users: Users, where: string): void {
  if (users.has(toSubject(user))) return;
  const known = [...users.keys()].join(', ');
  throw new ProducerRefusal(400, `${where}: there is no such End-User; there are ${known}`);
}

function readAsHeader({ rawHeaders, headers }: IncomingMessage): string | undefined {
  const lines = toLines(rawHeaders).filter(([name]) => name.toLowerCase() === LOWER_AS_HEADER);
  const [only, ...more] = lines;
  if (only === undefined) return undefined;
  if (more.length > 0) throw new ProducerRefusal(400, `${AS_HEADER} was sent twice`);
  // A page anywhere on the web could send it, once the app allows its headers to everybody.
  assertSameSite(headers);
  return only[1];
}

const LOWER_AS_HEADER = AS_HEADER.toLowerCase();

/** Browsers say where a request comes from; tools say nothing. */
export function assertSameSite(headers: IncomingHttpHeaders): void {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (
    (origin !== undefined && origin !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  ) {
    throw new ProducerRefusal(403, 'this came from a page of another site');
  }
}
