// The subject token (RFC 8693 §2.1): who is meant, how far what was granted goes, and until when.

import type { Actor } from '../../protocol/actor.ts';
import { readActor } from '../../protocol/actor.ts';
import type { Client } from '../../protocol/client.ts';
import { OWN_TOKENS, type TokenExchangeTerms } from '../../protocol/client-grants.ts';
import { type Confirmation, readConfirmation } from '../../protocol/confirmation.ts';
import type { AuthorizationId, Subject } from '../../protocol/ids.ts';
import type { Deps } from '../deps.ts';
import type { AuthenticatedEndUser } from '../grants/grant.ts';
import { admitForeign, type ForeignToken, readForeignToken } from '../token-issuer.ts';
import { admitOwnToken, concerns, NOBODY_SIGNED_IN, readOwnToken } from './own-token.ts';
import { refuseToken } from './refuse.ts';
import { isHeaderOf, type PresentedToken } from './token-types.ts';

export type SubjectToken = {
  readonly subject: Subject;
  /** Undefined for a client that acts for itself. */
  readonly endUser: AuthenticatedEndUser | undefined;
  /** Nothing that is made of it may do more; undefined: it says nothing of ours. */
  readonly scope: readonly string[] | undefined;
  readonly expiresAt: number;
  /** Ending it ends what is made of the token. */
  readonly authorizationId: AuthorizationId | undefined;
  /** `iss` of the token. */
  readonly issuer: string;
  /** Who named the subject, where we did not. */
  readonly subjectIssuer: string | undefined;
  readonly actor: Actor | undefined;
  readonly mayAct: unknown;
  readonly confirmation: Confirmation | undefined;
};

/** Throws `invalid_request` for a token that this client may not exchange, for whatever reason. */
export async function readSubjectToken(
  presented: PresentedToken,
  client: Client,
  terms: TokenExchangeTerms,
  deps: Deps,
): Promise<SubjectToken> {
  if (!terms.subjectTokenTypes.includes(presented.type))
    throw refuseToken('token_type_not_allowed');
  if (terms.issuers.includes(OWN_TOKENS)) {
    const own = await readOwnToken(presented, deps);
    if (own !== undefined) {
      if (!concerns(own, client, terms)) throw refuseToken('subject_token_not_allowed');
      return admitOwnToken(own, client, deps);
    }
  }
  const isType = isHeaderOf(presented.type);
  const foreign = await readForeignToken(presented.text, { ...terms, isType }, deps);
  if (typeof foreign === 'string') throw refuseToken(foreign);
  return admitForeignToken(foreign, client, deps);
}

async function admitForeignToken(
  { issuer, subject, claims, expiresAt }: ForeignToken,
  client: Client,
  deps: Deps,
): Promise<SubjectToken> {
  const { act, may_act, cnf } = claims;
  const actor = readActor(act, issuer.issuer);
  const confirmation = readConfirmation(cnf);
  // What is left out would be forgotten: who acted, or that a thief of the token is nobody.
  if (act !== undefined && actor === undefined) throw refuseToken('actor_chain');
  if (cnf !== undefined && confirmation === undefined) throw refuseToken('confirmation_unknown');
  const admitted = await admitForeign({ issuer, subject }, client, deps);
  if (admitted.kind === 'refused') throw refuseToken(admitted.reason);
  return {
    subject,
    endUser: NOBODY_SIGNED_IN,
    scope: undefined,
    expiresAt,
    authorizationId: undefined,
    issuer: issuer.issuer,
    subjectIssuer: issuer.issuer,
    actor,
    mayAct: may_act,
    confirmation,
  };
}
