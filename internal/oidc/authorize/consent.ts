// Does the End-User have to agree? What they agree to, and for how long that is remembered.

import { isPublic } from '../../protocol/client.ts';
import type { Identity } from '../../protocol/identity.ts';
import { present } from '../../protocol/present.ts';
import { isSubset } from '../../protocol/scope.ts';
import { DAY } from '../../protocol/time.ts';
import type { Consent } from '../../store/store.ts';
import { scopesReleasing } from '../claims.ts';
import type { Deps } from '../deps.ts';
import { describeDetails, isWord, wordsAt, wordsFor } from '../details/consent.ts';
import type { ClientLinks, ProtocolResponse } from '../endpoint.ts';
import type { Policy } from '../policy.ts';
import { allowedScope } from '../scopes.ts';
import type { Visit } from './answer.ts';
import { hashDefinition } from './client-definition.ts';
import { park } from './pending.ts';
import type { AuthorizationRequest } from './request.ts';

/** After this the End-User is asked once more. */
const CONSENT_TTL = 180 * DAY;

/** The scopes the End-User is asked about: a claim asked for by name counts as its scope. */
const scopesToShow = (
  { scope, client, claimsRequest }: AuthorizationRequest,
  { scopes }: Policy,
): readonly string[] => {
  const requested = [...(claimsRequest?.idToken ?? []), ...(claimsRequest?.userinfo ?? [])];
  const among = [...scope, ...allowedScope(client, scopes)];
  return [...new Set([...scope, ...scopesReleasing(requested, among, client, scopes)])];
};

/**
 * What the End-User is asked to agree to, word by word: the scopes, each at each resource, and one word for
 * exactly these details, since those of yesterday's transfer are no agreement to today's.
 */
const consentScope = (request: AuthorizationRequest, policy: Policy): readonly string[] => [
  ...scopesToShow(request, policy).flatMap((scope) => wordsAt(scope, request.resource)),
  ...wordsFor(request.authorizationDetails),
];

/** `prompt=consent` always asks; what was remembered counts while it covers what is asked for. */
export function needsConsent(
  request: AuthorizationRequest,
  remembered: Consent | undefined,
  policy: Policy,
): boolean {
  if (request.prompt.has('consent')) return true;
  switch (request.client.consent) {
    case 'skip':
      return false;
    case 'always':
      return true;
    case 'once':
      return (
        remembered === undefined ||
        !isSameClient(remembered, request) ||
        !isAgreed(request, remembered.scope, policy)
      );
    default:
      return request.client.consent satisfies never;
  }
}

/** Whether all of this is in what was agreed to: since the page, a reload may have made it more. */
export const isAgreed = (
  request: AuthorizationRequest,
  agreed: readonly string[],
  policy: Policy,
): boolean => isSubset(consentScope(request, policy), agreed);

const isSameClient = (remembered: Consent, request: AuthorizationRequest): boolean =>
  remembered.client === hashDefinition(request.client) && isSameReceiver(remembered, request);

// Anybody can make an app that says it is this public client; only where the answer goes tells
// them apart (RFC 8252 §8.6).
const isSameReceiver = ({ redirectUri }: Consent, request: AuthorizationRequest): boolean =>
  !isPublic(request.client) || redirectUri === request.redirectUri;

/** Puts the request aside for this End-User, and answers the page that asks them. */
export async function askConsent(
  request: AuthorizationRequest,
  { params, journey, pending }: Pick<Visit, 'params' | 'journey' | 'pending'>,
  { subject }: Identity,
  deps: Deps,
): Promise<ProtocolResponse> {
  const policy = deps.policy();
  const scope = consentScope(request, policy);
  return {
    kind: 'page',
    status: 200,
    page: {
      kind: 'consent',
      clientName: request.client.clientName ?? request.client.clientId,
      links: linksOf(request.client),
      redirectHost: hostOf(request.redirectUri),
      redirectUri: request.redirectUri,
      subject,
      scope: scopesToShow(request, policy).map((name) => ({
        name,
        description: policy.scopes.get(name)?.description,
      })),
      resource: request.resource,
      details: describeDetails(request.authorizationDetails, policy.authorizationDetailsTypes),
      handle: await park({ params, pending }, { subject, scope, ...present({ journey }) }, deps),
    },
  };
}

export const linksOf = ({ clientUri, policyUri, tosUri, logoUri }: ClientLinks): ClientLinks => ({
  clientUri,
  policyUri,
  tosUri,
  logoUri,
});

/** Only a client that asks once has anything to remember; what was agreed to before still counts. */
export async function rememberConsent(
  request: AuthorizationRequest,
  { subject }: Identity,
  { store, now, policy }: Pick<Deps, 'store' | 'now' | 'policy'>,
): Promise<void> {
  if (request.client.consent !== 'once') return;
  const before = await store.findConsent(subject, request.client.clientId);
  const kept =
    before !== undefined && isSameClient(before, request)
      ? before.scope.filter((word) => !isWord(word))
      : [];
  const consent = {
    scope: [...new Set([...kept, ...consentScope(request, policy())])],
    grantedAt: now(),
    client: hashDefinition(request.client),
    ...(isPublic(request.client) ? { redirectUri: request.redirectUri } : {}),
  };
  await store.keepConsent(subject, request.client.clientId, consent, CONSENT_TTL);
}

// For people to read: the part between `//` and the next `/`, or the scheme of an app.
export const hostOf = (redirectUri: string): string =>
  /^[a-z]+:\/\/([^/?#]+)/.exec(redirectUri)?.[1] ?? redirectUri.split(':', 1).join();
