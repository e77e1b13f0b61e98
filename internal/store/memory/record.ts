// An authorization as one text, and back: what decisions take and give, in the form in which it is kept.

import type { Grant, RefreshTerms } from '../store.ts';
import type { Authorization, Compared, Flow, Refresh } from './authorization.ts';
import type { Form } from './expiring-map.ts';
import { createPacking } from './packing.ts';

const grants = createPacking<Grant>({
  clientId: true,
  subject: true,
  scope: true,
  redirectUri: true,
  redirectUriSent: true,
  grantedAt: true,
  resource: true,
  snapshot: true,
  challenge: true,
  nonce: true,
  sid: true,
  authTime: true,
  acr: true,
  amr: true,
  stateHash: true,
  jkt: true,
  claimsRequest: true,
  authorizationDetails: true,
});

const compared = createPacking<Compared>({
  clientId: true,
  redirectUri: true,
  redirectUriSent: true,
  challenge: true,
  jkt: true,
});

const refreshTerms = createPacking<RefreshTerms>({ ttl: true, until: true });

const refreshes = createPacking<Omit<Refresh, 'terms'>>({
  family: true,
  current: true,
  expiresAt: true,
  sealedUntil: true,
  previous: true,
  seal: true,
  binding: true,
});

type Packed = readonly unknown[];
type Common = readonly [flow: Flow, hash: string, expiresAt: number, life: number];
type Line =
  | readonly ['g', Common, grant: Packed, terms: Packed | null]
  | readonly ['r', Common, grant: Packed, attempt: string, refresh?: readonly [Packed, Packed]]
  | readonly ['e', Common, compared: Packed, family: string | null, binding: string | null];

export const asAuthorization: Form<Authorization> = {
  print: (held) => JSON.stringify(toLine(held)),
  // What is parsed was printed here, and nothing else can write into it.
  parse: (text) => fromLine(JSON.parse(text) as Line),
};

function toLine(held: Authorization): Line {
  const { flow, code, life } = held;
  const common = [flow, code.hash, code.expiresAt, life] as const;
  if (held.state === 'ended') {
    return ['e', common, compared.pack(held.compared), held.family ?? null, held.binding ?? null];
  }
  const grant = grants.pack(held.grant);
  if (held.state === 'granted') {
    return ['g', common, grant, held.terms === undefined ? null : refreshTerms.pack(held.terms)];
  }
  const { attempt, refresh } = held;
  if (refresh === undefined) return ['r', common, grant, attempt];
  return ['r', common, grant, attempt, [refreshTerms.pack(refresh.terms), refreshes.pack(refresh)]];
}

function fromLine(line: Line): Authorization {
  const [flow, hash, expiresAt, life] = line[1];
  const common = { flow, code: { hash, expiresAt }, life };
  if (line[0] === 'e') {
    const [, , body, family, binding] = line;
    const ends = { family: family ?? undefined, binding: binding ?? undefined };
    return { state: 'ended', compared: compared.unpack(body), ...common, ...ends };
  }
  const grant = grants.unpack(line[2]);
  if (line[0] === 'g') {
    const terms = line[3] === null ? undefined : refreshTerms.unpack(line[3]);
    return { state: 'granted', grant, compared: grant, ...common, terms };
  }
  const [, , , attempt, kept] = line;
  return {
    state: 'redeemed',
    grant,
    compared: grant,
    ...common,
    attempt,
    refresh: toRefresh(kept),
  };
}

function toRefresh(kept: readonly [Packed, Packed] | undefined): Refresh | undefined {
  if (kept === undefined) return undefined;
  const [terms, family] = kept;
  return { terms: refreshTerms.unpack(terms), ...refreshes.unpack(family) };
}
