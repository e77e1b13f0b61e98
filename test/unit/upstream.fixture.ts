// A proxy at 10.42.7.3 that knows the secret, and what its requests look like.

import { createHeaderUpstream } from '../../internal/upstream/headers.ts';
import type { HeaderOptions, PlainOptions } from '../../internal/upstream/options.ts';
import type { Identification, Peer } from '../../internal/upstream/upstream.ts';

export const SECRET = 'an-upstream-secret-of-32-bytes!!';

export const PROXY: Peer = { address: '10.42.7.3', unixSocket: false, certificate: undefined };

export const SECRET_LINE: readonly string[] = ['X-Asteroid-Upstream-Secret', SECRET];

/** Everything that can be configured without a transform. */
export const HEADERS: HeaderOptions = {
  subject: { name: 'X-Authenticated-User' },
  email: { name: 'X-Authenticated-Email', verified: false },
  preferredUsername: { name: 'X-Authenticated-Login', encoding: 'utf-8' },
  name: { name: 'X-Authenticated-Name', encoding: 'utf-8' },
  groups: { name: 'X-Authenticated-Groups', format: 'csv' },
  authTime: { name: 'X-Authenticated-At' },
  acr: { name: 'X-Authenticated-Acr' },
  amr: { name: 'X-Authenticated-Amr', format: 'space' },
  sid: { name: 'X-Authenticated-Session' },
};

export const OPTIONS: PlainOptions = {
  trust: {
    peers: ['10.42.7.0/24'],
    secret: { header: 'X-Asteroid-Upstream-Secret', secrets: () => [Buffer.from(SECRET)] },
  },
  headers: HEADERS,
};

/** What the proxy's request comes to, its secret included. */
export const identify = (
  headers: readonly string[],
  options: Partial<PlainOptions> = {},
): Identification =>
  createHeaderUpstream({ ...OPTIONS, ...options }).identify({
    rawHeaders: [...SECRET_LINE, ...headers],
    peer: PROXY,
  });

/** Like `identify`, with header options that are put over the usual ones. */
export const identifyWith = (
  headers: readonly string[],
  options: Partial<HeaderOptions>,
): Identification => identify(headers, { headers: { ...HEADERS, ...options } });

export const refusal = (
  status: 400 | 401 | 403,
  reason: string,
  header?: string,
): Identification => ({ kind: 'refused', status, reason, header });

/** The bytes of a text as Node hands them over: one character per byte. */
export const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

export const ALICE: readonly string[] = ['X-Authenticated-User', 'alice'];

/** Who was identified; undefined when nobody was. */
export const subjectOf = (identification: Identification): string | undefined =>
  identification.kind === 'identified' ? identification.identity.subject : undefined;

/** The claims of whoever was identified; undefined when nobody was. */
export const claimsOf = (identification: Identification) =>
  identification.kind === 'identified' ? identification.identity.claims : undefined;
