// An emulation of the OIDC authenticator of the Kubernetes API server, after its source
// (staging/src/k8s.io/apiserver/plugin/pkg/authenticator/token/oidc/oidc.go and go-oidc's verifier):
// its rules, in its order, with jose for the signatures. Not the API server itself.

import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';

/** What an AuthenticationConfiguration says about one issuer, or the `--oidc-…` flags. */
export type AuthenticatorOptions = {
  readonly issuerUrl: string;
  /** Where discovery is fetched from instead; the issuer in it has to be `issuerUrl` all the same. */
  readonly discoveryUrl: string;
  /** MatchAny: one of them in `aud` is enough. */
  readonly audiences: readonly string[];
  readonly signingAlgs: readonly string[];
  readonly usernameClaim: string;
  /** Default of the flags: the issuer and `#`, but nothing before an email; `-` is nothing. */
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  readonly requiredClaims?: Readonly<Record<string, string>>;
  readonly now?: () => Date;
};

type User = { readonly username: string; readonly groups: readonly string[] };

/** Undefined: a token of somebody else, for the next authenticator. Throws what the log would say. */
export type Authenticator = (token: string) => Promise<User | undefined>;

/** Go allows a token to begin five minutes from now, and not to end a second ago. */
const NOT_BEFORE_LEEWAY = 300;

export async function createAuthenticator(options: AuthenticatorOptions): Promise<Authenticator> {
  const { issuerUrl, discoveryUrl } = options;
  if (!issuerUrl.startsWith('https://')) throw new Error('issuer.url: URL scheme must be https');
  if (issuerUrl === discoveryUrl) throw new Error('discoveryURL must be different from URL');
  const response = await fetch(discoveryUrl);
  if (!response.ok) throw new Error(`oidc: discovery: ${response.status}`);
  const metadata: unknown = await response.json();
  const issuer = member(metadata, 'issuer');
  if (issuer !== issuerUrl) throw new Error(`oidc: issuer did not match: got ${issuer}`);
  const keys = createRemoteJWKSet(new URL(member(metadata, 'jwks_uri')));
  return async (token) => {
    if (decodeJwt(token).iss !== issuerUrl) return undefined;
    const claims = await verify(token, keys, options);
    const user = { username: usernameOf(claims, options), groups: groupsOf(claims, options) };
    for (const [claim, wanted] of Object.entries(options.requiredClaims ?? {})) {
      if (claims[claim] !== wanted) throw new Error(`oidc: required claim ${claim}`);
    }
    return user;
  };
}

function member(metadata: unknown, name: string): string {
  const value = Object.entries(Object(metadata)).find(([key]) => key === name)?.[1];
  if (typeof value !== 'string') throw new Error(`oidc: discovery: no ${name}`);
  return value;
}

async function verify(
  token: string,
  keys: ReturnType<typeof createRemoteJWKSet>,
  { signingAlgs, audiences, now = () => new Date() }: AuthenticatorOptions,
): Promise<JWTPayload> {
  // Times are looked at below, by Go's rules and not by jose's.
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [...signingAlgs],
    currentDate: new Date(((decodeJwt(token).exp ?? 0) - 1) * 1000),
  });
  const seconds = now().getTime() / 1000;
  if (payload.exp === undefined || payload.exp < seconds) throw new Error('oidc: token is expired');
  if (payload.nbf !== undefined && seconds + NOT_BEFORE_LEEWAY < payload.nbf) {
    throw new Error('oidc: current time before the nbf time');
  }
  const audience = [payload.aud ?? []].flat();
  if (!audience.some((name) => audiences.includes(name))) {
    throw new Error(`oidc: expected audience in ${audiences} got ${audience}`);
  }
  return payload;
}

function usernameOf(claims: JWTPayload, options: AuthenticatorOptions): string {
  const { usernameClaim, usernamePrefix, issuerUrl } = options;
  const username = claims[usernameClaim];
  if (typeof username !== 'string') throw new Error(`oidc: parse username claims ${usernameClaim}`);
  if (usernameClaim === 'email' && Object.hasOwn(claims, 'email_verified')) {
    const isVerified = claims['email_verified'];
    if (typeof isVerified !== 'boolean') throw new Error('oidc: parse email_verified claim');
    if (!isVerified) throw new Error('oidc: email not verified');
  }
  if (usernamePrefix === '-') return username;
  if (usernamePrefix !== undefined) return usernamePrefix + username;
  return usernameClaim === 'email' ? username : `${issuerUrl}#${username}`;
}

function groupsOf(
  claims: JWTPayload,
  { groupsClaim, groupsPrefix = '' }: AuthenticatorOptions,
): readonly string[] {
  if (groupsClaim === undefined || !Object.hasOwn(claims, groupsClaim)) return [];
  const value = claims[groupsClaim];
  const groups = Array.isArray(value) ? value : [value];
  return groups.map((group: unknown) => {
    if (typeof group !== 'string') throw new Error(`oidc: parse groups claim ${groupsClaim}`);
    return groupsPrefix + group;
  });
}
