// From the word for a refusal to what an operator can do about it.

import type { DeclaredName } from '../upstream/declared.ts';
import type { NamedLine } from './arrivals.ts';
import { findRemedy, type Hole } from './remedies.ts';

export type Advice = {
  readonly sentence: string;
  /** A line of nginx's configuration; undefined where the proxy is not what has to change. */
  readonly line: string | undefined;
};

type Entry = {
  readonly sentence: string;
  readonly hole?: Hole;
  /** Whose header the line is about, where no other line gives it away. */
  readonly about?: DeclaredName['kind'];
  /** In place of the hole's line: what sets a header instead of removing it. */
  readonly line?: (header: string) => string;
};

const setHeader =
  (value: string) =>
  (header: string): string =>
    `proxy_set_header ${header} ${value};`;

/** By the reasons of docs/errors.md. */
const ADVICE: { readonly [word: string]: Entry } = {
  untrusted_peer: {
    sentence:
      'The connection is not from a proxy that upstream.trust names: add its address, or find out who goes around it.',
  },
  upstream_secret: {
    sentence:
      'The secret of the proxy is missing, wrong or there twice: compare its length and hash with what the proxy should send.',
    about: 'secret',
    line: setHeader('$asteroid_secret'),
  },
  header_alias: {
    sentence:
      'A header came under another spelling of a configured name: the proxy has to drop it.',
    hole: 'alias',
  },
  hop_by_hop: {
    sentence:
      'Connection names a configured header: the proxy has to send a Connection of its own.',
    hole: 'connection',
  },
  duplicate_header: {
    sentence:
      'A configured header came twice, or with a comma: the proxy has to set it, not add it.',
    line: setHeader('$user'),
  },
  placeholder: {
    sentence: 'The proxy wrote a placeholder for somebody who is not signed in.',
    hole: 'stranger',
  },
  header_value: {
    sentence:
      'A value has characters or a length that the configuration does not allow: look at its pattern and encoding.',
  },
  header_encoding: {
    sentence: 'A value is not in the encoding that the configuration declares for its header.',
  },
  attribute_missing: {
    sentence: 'An attribute under upstream.headers.required did not come.',
    line: setHeader('$attribute'),
  },
  plain_header: {
    sentence: 'A header came that the proxy has to remove: beside an assertion it says nothing.',
    hole: 'header',
  },
  assertion_invalid: {
    sentence:
      'What the proxy signed does not count: `detail` in the identity.refused event says which check failed.',
  },
  keys_unavailable: {
    sentence: 'The keys of whoever signs cannot be had: look at upstream.assertion.jwks_uri.',
  },
  subject_denied: { sentence: 'The End-User is on upstream.subject.deny.' },
  no_identity: {
    sentence:
      'The proxy is proven and names nobody: the header of the subject is missing or empty.',
    about: 'identity',
    line: setHeader('$user'),
  },
  host_foreign: {
    sentence: 'Host is not the issuer’s: the proxy has to pass on the one that browsers use.',
    line: () => 'proxy_set_header Host $http_host;',
  },
  host_missing: {
    sentence: 'There is no Host: the proxy has to speak HTTP/1.1 and pass it on.',
    line: () => 'proxy_http_version 1.1; proxy_set_header Host $http_host;',
  },
  header_repeated: {
    sentence: 'A header that may come once came twice: the proxy has to set it, not add it.',
  },
};

export type AdviceFacts = {
  readonly lines: readonly NamedLine[];
  readonly declared: readonly DeclaredName[];
};

/** Undefined for a word that says nothing about the proxy. */
export function adviseOn(
  word: string | undefined,
  { lines, declared }: AdviceFacts,
): Advice | undefined {
  const entry = word === undefined || !Object.hasOwn(ADVICE, word) ? undefined : ADVICE[word];
  if (entry === undefined) return undefined;
  const { sentence, hole, about = 'identity' } = entry;
  const suspect = hole === undefined ? undefined : lines.find(({ how }) => how !== 'exact');
  const header = suspect?.header ?? declared.find(({ kind }) => kind === about)?.name ?? '';
  const place = { header, host: '', path: '/authorize' };
  const line =
    entry.line?.(header) ?? (hole === undefined ? undefined : findRemedy(hole, 'nginx', place));
  return { sentence, line };
}
