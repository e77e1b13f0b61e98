// token-exchange (RFC 8693): a token of ours, or of an issuer that the operator trusts, for a narrower
// one of ours. Everything about it is a policy of the client; without one it may exchange nothing.

import { unauthorizedClient } from '../../protocol/errors.ts';
import { TOKEN_EXCHANGE } from '../../protocol/names.ts';
import { decideActor } from '../exchange/acting.ts';
import { checkBinding } from '../exchange/binding.ts';
import { readSubjectToken } from '../exchange/subject-token.ts';
import { decideScope, readAudience } from '../exchange/target.ts';
import { readActorParams, readRequestedType, readSubjectParams } from '../exchange/token-types.ts';
import type { Authorization, Grant } from './grant.ts';

export const tokenExchange: Grant = {
  grantType: TOKEN_EXCHANGE,
  allowsPublicClients: false,
  isOn: ({ grantTypesInUse }) => grantTypesInUse.has(TOKEN_EXCHANGE),

  async authorize({ params, client, confirmation }, deps): Promise<Authorization> {
    const terms = client.tokenExchange;
    if (terms === undefined) throw unauthorizedClient({ reason: 'grant_type_not_registered' });
    const issuedTokenType = readRequestedType(params);
    const presented = readSubjectParams(params);
    const actorToken = readActorParams(params);
    const audience = readAudience(params, terms);
    const token = await readSubjectToken(presented, client, terms, deps);
    checkBinding(token.confirmation, confirmation, terms.rebind);
    const caller = { client, terms, confirmation };
    const scope = decideScope(params, token.scope, caller, deps.policy().scopes);
    const { actor, until } = await decideActor(token, actorToken, caller, deps);
    return {
      authorizationId: token.authorizationId,
      subject: token.subject,
      scope,
      resource: [],
      endUser: token.endUser,
      refreshToken: undefined,
      derivation: {
        actor,
        subjectIssuer: token.subjectIssuer,
        audience,
        until: Math.min(token.expiresAt, until),
        issuedTokenType,
      },
    };
  },
};
