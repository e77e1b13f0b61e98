// Who a request is from: a header for tools, the End-User that was fixed at start, or the cookie of the
// chooser.

import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ChoiceCookie } from '../chooser/choice.ts';
import { findEntered } from '../chooser/userinfo.ts';
import type { Identity } from '../protocol/identity.ts';
import { toSubject } from '../protocol/ids.ts';
import type { Clock } from '../protocol/time.ts';
import { toLines } from './app-request.ts';
import type { SignedIn, Users } from './end-user.ts';
import { ProducerRefusal } from './refusal.ts';

/** For tools that keep no cookies; an empty one is nobody. Never reaches the app. */
const AS_HEADER = 'X-Asteroid-As';

export type WhoDeps = {
  readonly cookie: ChoiceCookie;
  /** Everybody is this one, whatever the cookie says. */
  readonly as: string | undefined;
  readonly now: Clock;
  /** Fresh for each producer: stays of two of them have nothing in common. */
  readonly salt: string;
};

/** Throws what is wrong with the header. */
export function createIdentify({ cookie, as, now, salt }: WhoDeps) {
  const start = now();
  const standing = (user: string, users: Users): SignedIn | undefined =>
    toSignedIn({ subject: toSubject(user), authTime: start, claims: {} }, users, salt);
  return (request: IncomingMessage, users: Users): SignedIn | undefined => {
    const named = readAsHeader(request);
    if (named === '') return undefined;
    if (named !== undefined) {
      assertKnown(named, users, AS_HEADER);
      return standing(named, users);
    }
    if (as !== undefined) return standing(as, users);
    const chosen = cookie.find(request.headers.cookie);
    return chosen === undefined ? undefined : toSignedIn(chosen, users, salt);
  };
}

/** Somebody who is gone from users.yaml is nobody, whatever their cookie says. */
function toSignedIn(chosen: Identity, users: Users, salt: string): SignedIn | undefined {
  const { subject, authTime: since = 0, acr, amr } = chosen;
  const claims = findEntered(subject, chosen.claims) ?? users.get(subject);
  if (claims === undefined) return undefined;
  const sid = hash('sha256', `${salt} ${since} ${subject}`, 'base64url');
  return { subject, claims, since, sid, acr, amr };
}

function assertKnown(user: string, users: Users, where: string): void {
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
