// What an attack is made of. Owns how one becomes bytes, and the mark by which the issuer recognises
// what is left of it.

import type { Deployment } from '../admin/deployment.ts';
import { CANARY_PARAMETER } from '../admin/recorder.ts';
import type { Hole } from '../admin/remedies.ts';

/** What attacks are made for. */
export type Site = Deployment & {
  /** As browsers send it: the issuer's host, with its port if it has one. */
  readonly host: string;
};

/** How a request is put together; what is left out is what an honest client sends. */
export type Message = {
  readonly method?: string;
  /** Everything before the `?`. */
  readonly path: string;
  /** Header lines beside Host, Connection and the session. */
  readonly lines?: readonly string[];
  /** In place of the Host line. */
  readonly hostLines?: readonly string[];
  /** In place of `Connection: close`. */
  readonly connection?: readonly string[];
  readonly body?: string;
};

/** One way to get past a proxy. */
export type Attack = {
  /** `T06-underscore`: the threat and the variant. */
  readonly id: string;
  /** What is tried, for people. */
  readonly says: string;
  /** What would let it through. */
  readonly hole: Hole;
  /** The header that it is about; undefined where it is about all. */
  readonly header?: string;
  /** The path that it is about. */
  readonly path: string;
  /** Only for somebody who is signed in, or only for a stranger; absent: as both. */
  readonly as?: 'signed_in' | 'stranger';
  /** @param mark what a forged value has to contain. Messages of one connection, in order. */
  readonly messages: (mark: string) => readonly Message[];
  /** The mark alone is what must not arrive: it is only in what the proxy should not see as a request. */
  readonly hidden?: true;
};

/** @param session the Cookie of somebody who is signed in. */
export function toBytes(message: Message, mark: string, site: Site, session?: string): string {
  const { method = 'GET', path, lines = [], hostLines, connection, body = '' } = message;
  const separator = path.includes('?') ? '&' : '?';
  return [
    `${method} ${path}${separator}${CANARY_PARAMETER}=${mark} HTTP/1.1`,
    ...(hostLines ?? [`Host: ${site.host}`]),
    ...(connection ?? ['Connection: close']),
    ...(lines.some(isAgent) ? [] : ['User-Agent: asteroid-doctor']),
    ...(session === undefined ? [] : [`Cookie: ${session}`]),
    ...(method === 'POST' && !lines.some(hasFraming)
      ? [FORM, `Content-Length: ${body.length}`]
      : []),
    ...lines,
    '',
    body,
  ].join('\r\n');
}

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const isAgent = (line: string): boolean => line.startsWith('User-Agent:');
const hasFraming = (line: string): boolean =>
  /^(?:content-length|transfer-encoding)\s*:/i.test(line);

/** Paths that read who the End-User is, the authorization endpoint first. */
export const identityPaths = ({ routes }: Site) =>
  routes.filter(({ readsIdentity }) => readsIdentity);

/** A path that proxies leave open to everybody, for clients to call. */
export const openPath = (site: Site, method: string): string =>
  site.routes.find(({ listener, methods }) => listener === 'back' && methods.includes(method))
    ?.path ?? '/';

/** Where it all matters most. */
export const authorizePath = (site: Site): string => identityPaths(site)[0]?.path ?? '/authorize';

export const nameOf = (site: Site, attribute: string): string | undefined =>
  site.headers.find((header) => header.attribute === attribute)?.name;

/** The header that names the End-User: of the subject, or with the assertion. */
export const subjectHeader = (site: Site): string =>
  site.headers.find(({ kind }) => kind !== 'secret')?.name ?? 'X-Authenticated-User';
