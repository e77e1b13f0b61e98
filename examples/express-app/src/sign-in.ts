// Signing in, and what is believed of the answers. openid-client knows the protocol; whatever does not add up
// throws, and signs nobody in.

import * as oidc from 'openid-client';
import type { Issuer } from './issuer.ts';
import { findResponse } from './problem.ts';

/** What has to fit when the browser comes back. */
export type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string };

/** Somebody who signed in. */
export type SignedIn = {
  readonly sub: string;
  /** Names the sign-in at the issuer, which tells us by it when it is over. */
  readonly sid: unknown;
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  /** Seconds since 1970, when the access token expires. */
  readonly expiresAt: number;
};

/** The issuer wants to see the End-User again. */
export class SignInAgain extends Error {}

/** Where to send the browser, and what to remember until it comes back. */
export async function beginSignIn(
  issuer: Issuer,
): Promise<{ readonly target: URL; readonly attempt: Attempt }> {
  const verifier = oidc.randomPKCECodeVerifier();
  const attempt = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier };
  const target = oidc.buildAuthorizationUrl(await issuer.configuration(), {
    redirect_uri: `${issuer.url}/callback`,
    scope: 'openid profile email',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return { target, attempt };
}

/** @param callback the address that the browser came back to, with its query. */
export async function finishSignIn(
  issuer: Issuer,
  callback: URL,
  { state, nonce, verifier }: Attempt,
): Promise<SignedIn> {
  const configuration = await issuer.configuration();
  const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: verifier,
    idTokenExpected: true,
  });
  return await accept(issuer, tokens);
}

/** The same End-User, with an access token that is alive. */
export async function refresh(issuer: Issuer, user: SignedIn): Promise<SignedIn> {
  if (issuer.now() < user.expiresAt) return user;
  if (user.refreshToken === undefined) throw new SignInAgain('there is no refresh token');
  const tokens = await oidc
    .refreshTokenGrant(await issuer.configuration(), user.refreshToken)
    .catch(askAgainWhen((error) => Object(error).error === 'invalid_grant'));
  const fresh = await accept(issuer, tokens);
  if (fresh.sub !== user.sub) throw new Error('refreshed as another End-User');
  return fresh;
}

/** What the issuer tells of the End-User; refused when it is about somebody else. */
export async function fetchProfile(
  issuer: Issuer,
  { accessToken, sub }: SignedIn,
): Promise<oidc.UserInfoResponse> {
  return await oidc
    .fetchUserInfo(await issuer.configuration(), accessToken, sub)
    .catch(askAgainWhen((error) => findResponse(error)?.status === 401));
}

/** openid-client has checked every claim. It takes the signature on trust (it came over TLS); we do not. */
async function accept(
  issuer: Issuer,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): Promise<SignedIn> {
  const { id_token: idToken = '', expires_in: lifetime = 0 } = tokens;
  const { sub = '', sid } = await issuer.verify(idToken, { audience: issuer.clientId });
  return {
    sub,
    sid,
    idToken,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAt: issuer.now() + lifetime,
  };
}

const askAgainWhen =
  (isRefused: (error: unknown) => boolean) =>
  (error: unknown): never => {
    if (isRefused(error)) throw new SignInAgain('the issuer refused', { cause: error });
    throw error;
  };
