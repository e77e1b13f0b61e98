// What becomes of a request: an answer of the producer's own, or a call to the app.

import type { IncomingMessage } from 'node:http';
import type { Awaitable } from '../protocol/awaitable.ts';
import { addCookie, createSieve, toLines } from './app-request.ts';
import { type DoorTable, SIGN_IN } from './doors.ts';
import type { Emission } from './emission.ts';
import type { SignedIn, Users } from './end-user.ts';
import { forwardingLines } from './forwarding.ts';
import type { Line } from './plain.ts';
import type { Reply } from './product.ts';
import { ProducerRefusal } from './refusal.ts';
import { readTarget } from './target.ts';
import { createIdentify, type WhoDeps } from './who.ts';

export type DecideDeps = WhoDeps & {
  readonly emission: Emission;
  readonly doors: DoorTable;
  readonly users: () => Awaitable<Users>;
  readonly to: URL;
  readonly hosts: ReadonlySet<string>;
  /** Of the chooser. */
  readonly cookieName: string;
  /** Requests of nobody reach the app too, as on a route that needs no sign-in. */
  readonly open: boolean;
};

export type Decision = {
  readonly url: URL;
  readonly users: Users;
} & (
  | { readonly kind: 'choosing' }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'call'; readonly lines: readonly Line[] }
);

/** Throws `ProducerRefusal`. */
export function createDecide(deps: DecideDeps): (request: IncomingMessage) => Promise<Decision> {
  const { emission, doors, to, hosts, open, cookieName } = deps;
  const { product } = emission;
  const identify = createIdentify(deps);
  const sift = createSieve({
    names: emission.owned,
    cookies: [
      cookieName,
      ...(product.assertionCookie === undefined ? [] : [product.assertionCookie]),
    ],
  });

  const toApp = (
    request: IncomingMessage,
    url: URL,
    who: SignedIn | undefined,
  ): readonly Line[] => {
    const said = who === undefined ? undefined : emission.say(who);
    const rest = sift(request.rawHeaders);
    const cookied = said?.cookie === undefined ? rest : addCookie(rest, said.cookie);
    return [
      ['Host', product.host === 'kept' ? url.host : to.host],
      ...cookied,
      ...forwardingLines(product.forwarding, hopOf(request, url)),
      ...(said?.lines ?? []),
    ];
  };

  return async (request) => {
    const url = readTarget(request, hosts);
    const users = await deps.users();
    const common = { url, users };
    const [path = ''] = (request.url ?? '').split('?', 1);
    if (path === SIGN_IN) return { ...common, kind: 'choosing' };
    const who = identify(request, users);
    const door = doors.find(path, url.searchParams);
    if (door !== undefined) {
      const lines = who === undefined ? [] : emission.say(who).lines;
      return { ...common, kind: 'reply', reply: door({ who, origin: url.origin, url, lines }) };
    }
    if (who !== undefined || open) {
      return { ...common, kind: 'call', lines: toApp(request, url, who) };
    }
    if (product.nobody === 'ask' && isNavigation(request)) {
      return { ...common, kind: 'reply', reply: { kind: 'choose', back: url.href } };
    }
    throw new ProducerRefusal(401, NOBODY);
  };
}

const NOBODY = `nobody is signed in: choose somebody at ${SIGN_IN}, send X-Asteroid-As, or start with --as or --open`;

/** A person who waits for a page, not a script that waits for data. */
export const isNavigation = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;

function hopOf(request: IncomingMessage, url: URL) {
  const lines = toLines(request.rawHeaders);
  return {
    peer: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown',
    host: url.host,
    port: url.port === '' ? '80' : url.port,
    sent: (name: string): string | undefined => {
      const values = lines.filter(([sent]) => sent.toLowerCase() === name.toLowerCase());
      return values.length === 0 ? undefined : values.map(([, value]) => value).join(', ');
    },
  };
}
