// Credentials that were shown once and are named from then on: by the hash of the configured token, so that
// it ends with its line in the configuration, or by what an access token says, never by the token.

import { hash } from 'node:crypto';
import type { Recognition, Remembered, Remembering } from '../../admin/caller.ts';
import type { Config } from '../../config/config.ts';
import type { Deps } from '../../oidc/deps.ts';
import { type LiveAccessToken, readAccessToken } from '../../oidc/token/access-token.ts';
import { findToken, judgeAccessToken, judgeToken } from './callers.ts';

type Admin = NonNullable<Config['admin']>;
type Issued = NonNullable<Admin['access_tokens']>;

const GONE: Recognition = { kind: 'refused', reason: 'admin_credential_gone' };
const WRONG: Remembered = { kind: 'refused', reason: 'admin_token_wrong' };

/** Only those who can open the seal of a credential read what stands in it. */
type Credential =
  | readonly ['token', fingerprint: string]
  | readonly ['access_token', token: LiveAccessToken];

export function createRemembering(admin: () => Admin | undefined, deps: () => Deps): Remembering {
  return {
    async remember(text) {
      const terms = admin();
      if (terms === undefined) return { kind: 'absent' };
      const found = await findToken(text, terms);
      if (found !== undefined) {
        return withCredential(judgeToken(found, deps()), ['token', toFingerprint(found.hash)]);
      }
      const { access_tokens: issued } = terms;
      if (issued === undefined || text.split('.').length !== 3) return WRONG;
      const token = await readAccessToken(text, deps());
      if (token === undefined) return WRONG;
      const judged = await judgeAccessToken(token, issued, deps());
      return withCredential(judged, ['access_token', thin(token, issued)]);
    },
    async recall(text) {
      const terms = admin();
      // What our own key authenticates has the shape that we gave it.
      const credential = JSON.parse(text) as Credential;
      return terms === undefined ? GONE : recall(credential, terms, deps());
    },
  };
}

async function recall(credential: Credential, terms: Admin, deps: Deps): Promise<Recognition> {
  if (credential[0] === 'token') {
    const found = terms.tokens.find(({ hash: own }) => toFingerprint(own) === credential[1]);
    return found === undefined ? GONE : judgeToken(found, deps);
  }
  const [, token] = credential;
  if (terms.access_tokens === undefined || token.expiresAt <= deps.now()) return GONE;
  return judgeAccessToken(token, terms.access_tokens, deps);
}

const toFingerprint = (configured: string): string =>
  hash('sha256', configured, 'base64url').slice(0, 22);

/** What it is judged by: a cookie has room for little more. */
const thin = (
  token: LiveAccessToken,
  { audience, read_scope, write_scope }: Issued,
): LiveAccessToken => ({
  ...token,
  audience: [audience],
  scope: token.scope.filter((scope) => scope === read_scope || scope === write_scope),
  added: {},
  authorizationDetails: [],
  mayAct: undefined,
});

const withCredential = (judged: Recognition, credential: Credential): Remembered =>
  judged.kind === 'known' ? { ...judged, credential: JSON.stringify(credential) } : judged;
