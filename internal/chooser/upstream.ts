// The upstream of an issuer without a proxy: a header still counts, and where none came the choice of the
// browser does.

import type { Identity } from '../protocol/identity.ts';
import type { Identification, Upstream, UpstreamRequest } from '../upstream/upstream.ts';

export type ChosenTerms = {
  readonly find: (cookieHeader: string | undefined) => Identity | undefined;
  /**
   * Whoever reaches the listener may choose: nothing is configured that could prove a proxy, and where
   * we listen is what keeps others out. Their headers go on counting for nothing.
   */
  readonly isOpen: boolean;
};

export const createChosenUpstream = (
  upstream: Upstream,
  { find, isOpen }: ChosenTerms,
): Upstream => ({
  headerNames: upstream.headerNames,
  identify(request) {
    const said = upstream.identify(request);
    const isNobody =
      said.kind === 'anonymous' || (isOpen && isStranger(said) && !names(request, upstream));
    if (!isNobody) return said;
    const identity = find(cookieHeaderOf(request));
    return identity === undefined ? ANONYMOUS : { kind: 'identified', identity };
  },
});

const ANONYMOUS: Identification = { kind: 'anonymous' };

const isStranger = (said: Identification): boolean =>
  said.kind === 'refused' && said.reason === 'untrusted_peer';

const names = ({ rawHeaders }: UpstreamRequest, { headerNames }: Upstream): boolean =>
  rawHeaders.some((name, index) => index % 2 === 0 && headerNames.includes(name.toLowerCase()));

/** Undefined also when it was sent twice: who could tell which is meant? */
function cookieHeaderOf({ rawHeaders }: UpstreamRequest): string | undefined {
  const sent = rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'cookie',
  );
  return sent.length === 1 ? sent[0] : undefined;
}
