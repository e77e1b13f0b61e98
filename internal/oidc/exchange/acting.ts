// Who acts for the subject from here on (RFC 8693 §1.1): the one that the actor token names, else the
// caller; nobody only for a client that may be taken for the subject itself.

import { type Actor, type ActorName, appendActor, mayAct } from '../../protocol/actor.ts';
import type { Client } from '../../protocol/client.ts';
import { OWN_TOKENS, type TokenExchangeTerms } from '../../protocol/client-grants.ts';
import type { Confirmation } from '../../protocol/confirmation.ts';
import type { Deps } from '../deps.ts';
import { admitForeign, readForeignToken } from '../token-issuer.ts';
import { checkBinding } from './binding.ts';
import { admitOwnToken, readOwnToken } from './own-token.ts';
import { refuseToken } from './refuse.ts';
import type { SubjectToken } from './subject-token.ts';
import { isHeaderOf, type PresentedToken } from './token-types.ts';

/** What an actor token proves. */
type Acting = {
  /** As we name them. */
  readonly actor: Actor;
  /** As they are known, here and where the token comes from. */
  readonly names: readonly ActorName[];
  readonly expiresAt: number;
};

/** The chain that the new token carries, and until when the one who acts is who they are. */
export type Delegation = {
  readonly actor: Actor | undefined;
  readonly until: number;
};

type Caller = {
  readonly client: Client;
  readonly terms: TokenExchangeTerms;
  readonly confirmation: Confirmation | undefined;
};

/** Throws `invalid_request` for an actor who may not act for this subject. */
export async function decideActor(
  subject: SubjectToken,
  presented: PresentedToken | undefined,
  caller: Caller,
  deps: Deps,
): Promise<Delegation> {
  const { clientId } = caller.client;
  const acting =
    presented === undefined
      ? { actor: { sub: clientId }, names: [{ iss: deps.issuer, sub: clientId }] }
      : await readActorToken(presented, caller, deps);
  if (!mayAct(subject.mayAct, acting.names, subject.issuer)) throw refuseToken('actor_not_allowed');
  const until = 'expiresAt' in acting ? acting.expiresAt : subject.expiresAt;
  // Whoever acted before is still said.
  if (presented === undefined && caller.terms.impersonation) return { actor: subject.actor, until };
  const actor = appendActor(acting.actor, subject.actor);
  if (actor === undefined) throw refuseToken('actor_chain');
  return { actor, until };
}

async function readActorToken(
  presented: PresentedToken,
  { client, terms, confirmation }: Caller,
  deps: Deps,
): Promise<Acting> {
  const { actorIssuers: issuers } = terms;
  const own = issuers.includes(OWN_TOKENS) ? await readOwnToken(presented, deps) : undefined;
  if (own !== undefined) {
    // An actor speaks for itself: with another's token anybody could be named as acting.
    if (own.clientId !== client.clientId) throw refuseToken('actor_token_not_allowed');
    const { subject, expiresAt, confirmation: bound } = await admitOwnToken(own, client, deps);
    checkBinding(bound, confirmation, false);
    const names = [{ iss: deps.issuer, sub: subject }];
    return { actor: { sub: subject }, names, expiresAt };
  }
  const isType = isHeaderOf(presented.type);
  const foreign = await readForeignToken(presented.text, { issuers, isType }, deps);
  if (typeof foreign === 'string') throw refuseToken(foreign);
  if ('cnf' in foreign.claims) throw refuseToken('confirmation_unknown');
  // Who may sign in to the client is about subjects, not about who acts for them.
  const admitted = await admitForeign(foreign, { ...client, allow: undefined }, deps);
  if (admitted.kind === 'refused') throw refuseToken(admitted.reason);
  const { subject: sub, issuer, claims, expiresAt } = foreign;
  const { sub: theirs } = claims;
  const names = [
    { iss: deps.issuer, sub: `${sub}` },
    ...(typeof theirs === 'string' ? [{ iss: issuer.issuer, sub: theirs }] : []),
  ];
  return { actor: { sub }, names, expiresAt };
}
