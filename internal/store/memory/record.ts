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
  | readonly ['g', ...Common, terms: Packed | null]
  | readonly ['r', ...Common, attempt: string, usedAt: number, terms?: Packed, refresh?: Packed]
  | readonly ['e', ...Common, compared: Packed, family: string | null, binding: string | null];

/** A line of what changes, and one of the grant, which does not. JSON has no line breaks of its own. */
export const asAuthorization: Form<Authorization> = {
  print(held) {
    const line = JSON.stringify(toLine(held));
    return held.state === 'ended' ? line : `${line}\n${printGrant(held.grant)}`;
  },
  // What is parsed was printed here, and nothing else can write into it.
  parse(text) {
    const end = text.indexOf('\n');
    if (end < 0) return toEnded(JSON.parse(text) as Ended);
    return fromLine(JSON.parse(text.slice(0, end)) as Live, parseGrant(text.slice(end + 1)));
  },
};

/** What was read last. Who spends reads a grant and writes it back as it is: it is not printed anew. */
let lately: { readonly grant: Grant; readonly text: string } | undefined;

function parseGrant(text: string): Grant {
  const grant = grants.unpack(JSON.parse(text) as Packed);
  lately = { grant, text };
  return grant;
}

const printGrant = (grant: Grant): string =>
  lately?.grant === grant ? lately.text : JSON.stringify(grants.pack(grant));

function toLine(held: Authorization): Line {
  const { flow, code, life } = held;
  if (held.state === 'ended') {
    const compares = compared.pack(held.compared);
    const { family = null, binding = null } = held;
    return ['e', flow, code.hash, code.expiresAt, life, compares, family, binding];
  }
  if (held.state === 'granted') {
    const terms = held.terms === undefined ? null : refreshTerms.pack(held.terms);
    return ['g', flow, code.hash, code.expiresAt, life, terms];
  }
  const { attempt, usedAt, refresh } = held;
  const spent = ['r', flow, code.hash, code.expiresAt, life, attempt, usedAt] as const;
  if (refresh === undefined) return spent;
  return [...spent, refreshTerms.pack(refresh.terms), refreshes.pack(refresh)];
}

type Ended = Extract<Line, readonly ['e', ...unknown[]]>;
type Live = Exclude<Line, Ended>;

function toEnded([, flow, hash, expiresAt, life, body, family, binding]: Ended): Authorization {
  return {
    state: 'ended',
    compared: compared.unpack(body),
    flow,
    code: { hash, expiresAt },
    life,
    family: family ?? undefined,
    binding: binding ?? undefined,
  };
}

function fromLine(line: Live, grant: Grant): Authorization {
  const [state, flow, hash, expiresAt, life] = line;
  const code = { hash, expiresAt };
  if (state === 'g') {
    const terms = line[5] === null ? undefined : refreshTerms.unpack(line[5]);
    return { state: 'granted', grant, compared: grant, flow, code, life, terms };
  }
  const [, , , , , attempt, usedAt, terms, family] = line;
  const spent = { attempt, usedAt, refresh: toRefresh(terms, family) };
  return { state: 'redeemed', grant, compared: grant, flow, code, life, ...spent };
}

function toRefresh(terms: Packed | undefined, family: Packed | undefined): Refresh | undefined {
  if (terms === undefined || family === undefined) return undefined;
  return { terms: refreshTerms.unpack(terms), ...refreshes.unpack(family) };
}
