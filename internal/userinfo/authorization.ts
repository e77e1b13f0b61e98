// How a remote backend says who it is to a service over HTTP. Secrets are asked for with each request,
// so that a rotated one needs no restart, and never repeated in an error.

import { SourceError } from './source-error.ts';

/** Called for every request. */
export type ReadSecret = () => string | Promise<string>;

export type HttpAuthentication =
  | { readonly kind: 'bearer'; readonly token: ReadSecret }
  | { readonly kind: 'basic'; readonly username: string; readonly password: ReadSecret };

/** Throws for a user name with a colon, which would move the rest of it into the password (RFC 7617 §2). */
export function checkUsername(authentication: HttpAuthentication | undefined, type: string): void {
  if (authentication?.kind === 'basic' && authentication.username.includes(':')) {
    throw new Error(`the user name of the ${type} userinfo backend has a colon in it`);
  }
}

/** The header fields that authenticate a request; none without authentication. */
export async function toHeaders(
  authentication: HttpAuthentication | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (authentication === undefined) return {};
  if (authentication.kind === 'bearer') return toBearer(await authentication.token());
  const pair = `${authentication.username}:${await authentication.password()}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Throws for what cannot be in a header field: an error of the HTTP client would repeat it. */
export function toBearer(token: string): Readonly<Record<string, string>> {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new SourceError('credentials', 'the bearer token is not printable ASCII');
  return { authorization: `Bearer ${token}` };
}
