import { invalidRequest, type OAuthError } from '../../protocol/errors.ts';

/**
 * One answer whatever is wrong with a presented token (RFC 8693 §2.2.2): a caller must not find out
 * whether a token that is not its own is alive, revoked or somebody's.
 */
export const refuseToken = (reason: string): OAuthError =>
  invalidRequest({
    description: 'the presented token is invalid, expired, revoked or not for this client',
    reason,
  });
