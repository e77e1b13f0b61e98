// Codes, refresh tokens and page handles: `<prefix>_<authorizationId>.<secret>`. The id finds the
// record, the secret is the right to use it; only its hash is ever stored.

import { hash } from 'node:crypto';
import { type AuthorizationId, toAuthorizationId } from '../protocol/ids.ts';

/** `ac` authorization code, `dc` device code, `pr` request put aside while a page is shown, `pu` request pushed. */
export type HandlePrefix = 'ac' | 'dc' | 'pr' | 'pu';

export type Handle = { readonly id: AuthorizationId; readonly hash: string };

/** The parts of a refresh token; `family` and `secret` are as presented, not hashed. */
export type RefreshTokenParts = {
  readonly id: AuthorizationId;
  readonly family: string;
  readonly secret: string;
};

// 16 random bytes are 22 characters of base64url, 32 are 43.
const HANDLE = /^(ac|dc|pr|pu)_([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;
const REFRESH_TOKEN = /^rt_([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** SHA-256, base64url: the only form in which a secret reaches the store. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'base64url');

export const printHandle = (prefix: HandlePrefix, id: AuthorizationId, secret: string): string =>
  `${prefix}_${id}.${secret}`;

/** Undefined unless the whole text is a handle of this kind. */
export function parseHandle(prefix: HandlePrefix, text: string): Handle | undefined {
  const [, found, id, secret] = HANDLE.exec(text) ?? [];
  if (found !== prefix || id === undefined || secret === undefined) return undefined;
  return { id: toAuthorizationId(id), hash: hashSecret(secret) };
}

/** Which authorization a code, a handle or a refresh token would be of; nothing says that it is one. */
export function idOfHandle(text: string): AuthorizationId | undefined {
  const id = /^[a-z]{2}_([A-Za-z0-9_-]{22})\./.exec(text)?.[1];
  return id === undefined ? undefined : toAuthorizationId(id);
}

export const printRefreshToken = ({ id, family, secret }: RefreshTokenParts): string =>
  `rt_${id}.${family}.${secret}`;

/** Undefined unless the whole text is a refresh token of ours. */
export function parseRefreshToken(text: string): RefreshTokenParts | undefined {
  const [, id, family, secret] = REFRESH_TOKEN.exec(text) ?? [];
  if (id === undefined || family === undefined || secret === undefined) return undefined;
  return { id: toAuthorizationId(id), family, secret };
}
