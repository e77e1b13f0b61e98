// The first questions about every request, asked before any value is looked at: do the names of the
// headers only pretend, and was it really our proxy? Whoever is not learns nothing about what would be
// accepted.

import type { CommonOptions } from './options.ts';
import { createScan } from './scan.ts';
import { createProof } from './trust.ts';
import type { Refused, UpstreamRequest } from './upstream.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

type Passed = { readonly kind: 'passed'; readonly lines: Lines };

const NO_LINES: readonly string[] = [];

export type Gate = {
  readonly pass: (request: UpstreamRequest) => Passed | Refused;
  /** The configured names, the secret's included, in lower case. */
  readonly headerNames: readonly string[];
};

/** @param identityNames every header that says something about the End-User. */
export function createGate(
  identityNames: readonly string[],
  { trust, aliases = 'reject' }: CommonOptions,
): Gate {
  const { secret } = trust;
  const names = [...identityNames, ...(secret === undefined ? [] : [secret.header])];
  const scan = createScan(names, aliases);
  const prove = createProof(trust);

  return {
    headerNames: names.map((name) => name.toLowerCase()),
    pass({ rawHeaders, peer }) {
      const { alias, hopByHop, lines } = scan(rawHeaders);
      if (alias !== undefined) return refused(400, 'header_alias', alias);
      if (hopByHop !== undefined) return refused(400, 'hop_by_hop', hopByHop);
      const unproven = prove(peer, linesOf(lines, secret?.header));
      if (unproven === 'upstream_secret') return refused(403, unproven, secret?.header);
      if (unproven !== undefined) return refused(403, unproven, undefined);
      return { kind: 'passed', lines };
    },
  };
}

export const linesOf = (lines: Lines, header = ''): readonly string[] =>
  lines.get(header.toLowerCase()) ?? NO_LINES;

export const refused = (
  status: Refused['status'],
  reason: string,
  header: string | undefined,
): Refused => ({ kind: 'refused', status, reason, header });
