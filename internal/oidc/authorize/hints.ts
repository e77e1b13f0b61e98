// Whom the client expects (OIDC Core §3.1.2.1). A hint is compared with who is there, never trusted.

import { lowerAscii } from '../../protocol/ascii.ts';
import type { Awaitable } from '../../protocol/awaitable.ts';
import type { Claims } from '../../protocol/claims.ts';
import { invalidRequest } from '../../protocol/errors.ts';
import type { Identity } from '../../protocol/identity.ts';
import type { Subject } from '../../protocol/ids.ts';
import { satisfies } from '../claims.ts';
import type { Deps } from '../deps.ts';
import { openIdTokenHint } from '../id-token-hint.ts';
import { isSameSector } from '../subject.ts';
import { abilitiesOf } from './abilities.ts';
import { findRequest } from './acr.ts';
import type { AuthorizationRequest } from './request.ts';

/**
 * The End-User of an ID Token of ours, expired or not, as the client knows them; throws
 * `invalid_request` on anything else, and on one in which they have another name.
 */
export async function readHint(
  { idTokenHint, client }: Pick<AuthorizationRequest, 'idTokenHint' | 'client'>,
  deps: Pick<Deps, 'keys' | 'issuer' | 'findClient'>,
): Promise<Subject | undefined> {
  if (idTokenHint === undefined) return undefined;
  const hint = await openIdTokenHint(idTokenHint, deps);
  if (hint === undefined) {
    throw invalidRequest({
      description: 'the id_token_hint is not an ID Token of this issuer',
      reason: 'id_token_hint_invalid',
    });
  }
  if (!isSameSector(await deps.findClient(hint.clientId), client)) {
    throw invalidRequest({
      description: 'the id_token_hint names its End-User in a way that is not for this client',
      reason: 'id_token_hint_foreign',
    });
  }
  return hint.subject;
}

/** Whom the client asks for, by a name that people and the upstream know: a pairwise one is none. */
export const nameAskedFor = (
  { client, loginHint }: Pick<AuthorizationRequest, 'client' | 'loginHint'>,
  hintedSubject: Subject | undefined,
): string | undefined =>
  (client.sectorIdentifier === undefined ? hintedSubject : undefined) ?? loginHint;

/**
 * Whether the client takes nobody but another End-User than this one for an answer.
 * @param clientSubject the one who is there, as the client knows them.
 */
export function isAnotherDemanded(
  { claimsRequest }: Pick<AuthorizationRequest, 'claimsRequest'>,
  hintedSubject: Subject | undefined,
  clientSubject: Subject | undefined,
): boolean {
  if (hintedSubject !== undefined && hintedSubject !== clientSubject) return true;
  const wanted = findRequest(claimsRequest, 'sub');
  return wanted !== undefined && !satisfies(clientSubject, wanted);
}

/**
 * Whether a login_hint is about somebody else. An address is nobody's as long as no address of the
 * End-User is known. Throws `Unavailable` when a backend cannot tell.
 */
async function isAboutAnother(
  loginHint: string,
  { subject, claims }: Identity,
  { userinfo }: Pick<Deps, 'userinfo'>,
): Promise<boolean> {
  if (loginHint === subject) return false;
  const known = [claims, (await userinfo.find(subject, claims)) ?? {}];
  if (textsOf(known, 'preferred_username').includes(loginHint)) return false;
  const emails = textsOf(known, 'email').map(lowerAscii);
  if (emails.includes(lowerAscii(loginHint))) return false;
  return emails.length > 0 || !loginHint.includes('@');
}

const textsOf = (known: readonly Claims[], name: string): readonly string[] =>
  known.map((claims) => claims[name]).filter((value) => typeof value === 'string');

/** What the client's hints say about who is there. */
export type Hints = {
  readonly hintedSubject: Subject | undefined;
  readonly hintedElsewhere: boolean;
};

const NO_HINTS: Hints = { hintedSubject: undefined, hintedElsewhere: false };

type Visiting = { readonly identity: Identity | undefined };

export const readHints = (
  request: AuthorizationRequest,
  visit: Visiting,
  deps: Deps,
): Awaitable<Hints> =>
  request.idTokenHint === undefined && request.loginHint === undefined
    ? NO_HINTS
    : readBoth(request, visit, deps);

async function readBoth(
  request: AuthorizationRequest,
  visit: Visiting,
  deps: Deps,
): Promise<Hints> {
  const hintedSubject = await readHint(request, deps);
  return { hintedSubject, hintedElsewhere: await isHintedElsewhere(request, visit, deps) };
}

// Only where it matters: to tell may take a question to a backend.
async function isHintedElsewhere(
  { loginHint, prompt }: AuthorizationRequest,
  { identity }: Visiting,
  deps: Deps,
): Promise<boolean> {
  if (loginHint === undefined || identity === undefined) return false;
  const can = abilitiesOf(deps.policy());
  if (!prompt.has('none') && !can.switchAccount) return false;
  return isAboutAnother(loginHint, identity, deps);
}
