// Signing out: here and at the issuer at once, and here when it happened elsewhere.

import * as oidc from 'openid-client';
import type { Issuer } from './issuer.ts';
import type { SignedIn } from './sign-in.ts';

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** Where to send the browser to be signed out at the issuer as well. */
export async function findSignOut(issuer: Issuer, { idToken }: SignedIn): Promise<URL> {
  return oidc.buildEndSessionUrl(await issuer.configuration(), {
    id_token_hint: idToken,
    post_logout_redirect_uri: `${issuer.url}/`,
  });
}

/**
 * Whose sign-in is over, as the issuer tells us from server to server (Back-Channel Logout 1.0 §2.6). Throws
 * when the token is not the issuer's, not for us, or not for this.
 */
export async function readLogoutToken(
  issuer: Issuer,
  token: string,
): Promise<(user: SignedIn) => boolean> {
  const { events, nonce, sub, sid } = await issuer.verify(token, {
    audience: issuer.clientId,
    typ: 'logout+jwt',
    requiredClaims: ['iat', 'jti', 'events'],
  });
  const isLogout = Object.hasOwn(Object(events), LOGOUT_EVENT) && nonce === undefined;
  if (!isLogout || (sub ?? sid) === undefined) throw new Error('not a logout token');
  return sid === undefined ? (user) => user.sub === sub : (user) => user.sid === sid;
}
