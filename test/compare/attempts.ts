// What a mock should not accept, because the real issuer will not: each with the nearest request that is
// honest, so that a refusal is for the one thing that differs. Sent to both over HTTP.

import { AFTER_SIGN_OUT, CALLBACK, type Compared, SECRET } from './issuers.ts';
import {
  askByName,
  askUserinfo,
  authorize,
  type Changes,
  codeForm,
  introspect,
  postRaw,
  type Reply,
  redeem,
  refresh,
  requestToken,
  revoke,
  signIn,
  signOut,
  VERIFIER,
} from './requests.ts';

type Try = (issuer: Compared, foreign: Compared) => Promise<Reply>;

export type Attempt = {
  readonly what: string;
  /** Where the standard says so. */
  readonly rule: string;
  readonly bad: Try;
  readonly honest: Try;
};

const MACHINE: Changes = { grant_type: 'client_credentials', scope: 'api.read' };
const PLAIN = { code_challenge: VERIFIER, code_challenge_method: 'plain' };
const OTHER_VERIFIER = VERIFIER.replace('0001', '0002');
const FORM = 'application/x-www-form-urlencoded';

const asForm = (form: Changes): string =>
  new URLSearchParams(Object.entries(form) as never).toString();

const wellFormed: Try = (issuer) => authorize(issuer);

const authorizing: readonly Attempt[] = [
  {
    what: 'a client that does not exist',
    rule: 'RFC 6749 §4.1.2.1',
    bad: (issuer) => authorize(issuer, { client_id: 'nobody-knows-it' }),
    honest: wellFormed,
  },
  {
    what: "somebody else's `redirect_uri`",
    rule: 'RFC 9700 §2.1',
    bad: (issuer) => authorize(issuer, { redirect_uri: 'https://evil.example/callback' }),
    honest: wellFormed,
  },
  {
    what: 'a `redirect_uri` with another path',
    rule: 'RFC 9700 §4.1.3',
    bad: (issuer) => authorize(issuer, { redirect_uri: `${CALLBACK}/../evil` }),
    honest: (issuer) => authorize(issuer, { redirect_uri: `${CALLBACK}/other` }),
  },
  {
    what: 'neither `state` nor PKCE',
    rule: 'RFC 9700 §2.1.1',
    bad: (issuer) =>
      authorize(issuer, {
        state: undefined,
        code_challenge: undefined,
        code_challenge_method: undefined,
      }),
    honest: (issuer) => authorize(issuer, { state: undefined }),
  },
  {
    what: 'PKCE by `plain`',
    rule: 'RFC 9700 §2.1.1',
    bad: (issuer) => authorize(issuer, PLAIN),
    honest: wellFormed,
  },
  {
    what: 'the implicit flow',
    rule: 'RFC 9700 §2.1.2',
    bad: (issuer) => authorize(issuer, { response_type: 'token' }),
    honest: wellFormed,
  },
  {
    what: '`prompt=none` when nobody is signed in',
    rule: 'OIDC Core §3.1.2.6',
    bad: (issuer) => authorize(issuer, { prompt: 'none' }, { 'X-Authenticated-User': '' }),
    honest: (issuer) => authorize(issuer, { prompt: 'none' }),
  },
];

const redeeming: readonly Attempt[] = [
  {
    what: 'a code that was never issued',
    rule: 'RFC 6749 §5.2',
    bad: (issuer) => redeem(issuer, { code: 'made-up', code_verifier: undefined }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'a code twice',
    rule: 'RFC 6749 §4.1.2',
    async bad(issuer) {
      const form = await codeForm(issuer, {
        code_challenge: undefined,
        code_challenge_method: undefined,
      });
      const { code_verifier, ...plain } = form;
      await requestToken(issuer, plain);
      return await requestToken(issuer, plain);
    },
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'a code an hour late',
    rule: 'RFC 6749 §4.1.2',
    async bad(issuer) {
      const form = await codeForm(issuer);
      issuer.wait(3600);
      return await requestToken(issuer, form);
    },
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'the code of another client',
    rule: 'RFC 6749 §4.1.3',
    bad: (issuer) => redeem(issuer, {}, { client: 'other' }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'another `redirect_uri` than before',
    rule: 'RFC 6749 §4.1.3',
    bad: (issuer) => redeem(issuer, { redirect_uri: `${CALLBACK}/other` }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'a wrong `code_verifier`',
    rule: 'RFC 7636 §4.6',
    bad: (issuer) => redeem(issuer, { code_verifier: OTHER_VERIFIER }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'no `code_verifier` though there was a challenge',
    rule: 'RFC 7636 §4.6',
    bad: (issuer) => redeem(issuer, { code_verifier: undefined }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'a `code_verifier` though there was no challenge',
    rule: 'RFC 9700 §4.8.2',
    async bad(issuer) {
      const without = { code_challenge: undefined, code_challenge_method: undefined };
      return await requestToken(issuer, await codeForm(issuer, without));
    },
    honest: (issuer) => redeem(issuer),
  },
];

const authenticating: readonly Attempt[] = [
  {
    what: 'a wrong client secret',
    rule: 'RFC 6749 §2.3.1',
    bad: (issuer) => redeem(issuer, {}, { secret: 'what-anybody-might-guess-0123456789' }),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'no client secret at all',
    rule: 'RFC 6749 §3.2.1',
    bad: (issuer) => redeem(issuer, { client_id: 'app' }, 'nobody'),
    honest: (issuer) => redeem(issuer),
  },
  {
    what: 'the secret in the query',
    rule: 'RFC 6749 §2.3.1',
    async bad(issuer) {
      const query = `?${new URLSearchParams({ client_id: 'app', client_secret: SECRET })}`;
      const { metadata } = issuer;
      const target = { ...metadata, token_endpoint: `${metadata.token_endpoint}${query}` };
      return await requestToken({ ...issuer, metadata: target }, MACHINE, 'nobody');
    },
    honest: (issuer) => requestToken(issuer, MACHINE),
  },
  {
    what: 'client credentials of a client that does not exist',
    rule: 'RFC 6749 §5.2',
    bad: (issuer) => requestToken(issuer, MACHINE, { client: 'nobody-knows-it' }),
    honest: (issuer) => requestToken(issuer, MACHINE),
  },
  {
    what: 'client credentials of a client that is not registered for them',
    rule: 'RFC 6749 §5.2',
    bad: (issuer) => requestToken(issuer, MACHINE, { client: 'browser' }),
    honest: (issuer) => requestToken(issuer, MACHINE, { client: 'other' }),
  },
  {
    what: 'a password for a token',
    rule: 'RFC 9700 §2.4',
    bad: (issuer) =>
      requestToken(issuer, { grant_type: 'password', username: 'admin', password: 'admin' }),
    honest: (issuer) => requestToken(issuer, MACHINE),
  },
  {
    what: 'a scope that nobody has',
    rule: 'RFC 6749 §3.3',
    bad: (issuer) => requestToken(issuer, { ...MACHINE, scope: 'not-a-scope' }),
    honest: (issuer) => requestToken(issuer, MACHINE),
  },
  {
    what: 'a token request in JSON',
    rule: 'RFC 6749 §3.2',
    bad: (issuer) => postRaw(issuer, JSON.stringify(MACHINE), 'application/json'),
    honest: (issuer) => postRaw(issuer, asForm(MACHINE), FORM),
  },
  {
    what: 'a token request without `Content-Type`',
    rule: 'RFC 6749 §3.2',
    bad: (issuer) => postRaw(issuer, asForm(MACHINE), undefined),
    honest: (issuer) => postRaw(issuer, asForm(MACHINE), FORM),
  },
  {
    what: 'a parameter twice',
    rule: 'RFC 6749 §3.2',
    bad: (issuer) => postRaw(issuer, `${asForm(MACHINE)}&scope=api.read`, FORM),
    honest: (issuer) => postRaw(issuer, `${asForm(MACHINE)}&unheard-of=`, FORM),
  },
];

const living: readonly Attempt[] = [
  {
    what: 'a refresh token that was never issued',
    rule: 'RFC 6749 §5.2',
    bad: (issuer) => refresh(issuer, 'made-up'),
    honest: async (issuer) => refresh(issuer, (await signIn(issuer))['refresh_token']),
  },
  {
    what: 'the refresh token of another client',
    rule: 'RFC 6749 §6',
    bad: async (issuer) =>
      refresh(issuer, (await signIn(issuer))['refresh_token'], {}, { client: 'other' }),
    honest: async (issuer) => refresh(issuer, (await signIn(issuer))['refresh_token']),
  },
  {
    what: 'a refresh token again, a minute after it was used',
    rule: 'RFC 9700 §4.14.2',
    async bad(issuer) {
      const { refresh_token } = await signIn(issuer);
      await refresh(issuer, refresh_token);
      issuer.wait(60);
      return await refresh(issuer, refresh_token);
    },
    honest: async (issuer) => {
      const { refresh_token } = await signIn(issuer);
      const next = await refresh(issuer, refresh_token);
      issuer.wait(60);
      return await refresh(issuer, next.said['refresh_token']);
    },
  },
  {
    what: 'more scope at refresh than was granted',
    rule: 'RFC 6749 §6',
    bad: async (issuer) =>
      refresh(issuer, (await signIn(issuer))['refresh_token'], { scope: 'openid api.read' }),
    honest: async (issuer) =>
      refresh(issuer, (await signIn(issuer))['refresh_token'], { scope: 'openid profile' }),
  },
  {
    what: 'UserInfo without a token',
    rule: 'RFC 6750 §3',
    bad: (issuer) => askUserinfo(issuer, undefined),
    honest: async (issuer) => askUserinfo(issuer, (await signIn(issuer))['access_token']),
  },
  {
    what: 'UserInfo with the access token of another issuer',
    rule: 'OIDC Core §5.3.1',
    bad: async (issuer, foreign) => askUserinfo(issuer, (await signIn(foreign))['access_token']),
    honest: async (issuer) => askUserinfo(issuer, (await signIn(issuer))['access_token']),
  },
  {
    what: 'UserInfo with an access token that expired',
    rule: 'RFC 6750 §3.1',
    async bad(issuer) {
      const { access_token } = await signIn(issuer);
      issuer.wait(86_400);
      return await askUserinfo(issuer, access_token);
    },
    honest: async (issuer) => {
      const { access_token } = await signIn(issuer);
      issuer.wait(60);
      return await askUserinfo(issuer, access_token);
    },
  },
  {
    what: 'UserInfo with an access token that was revoked',
    rule: 'RFC 7009 §2',
    async bad(issuer) {
      const { access_token } = await signIn(issuer);
      await revoke(issuer, access_token);
      return await askUserinfo(issuer, access_token);
    },
    honest: async (issuer) => {
      await revoke(issuer, (await signIn(issuer))['access_token']);
      return await askUserinfo(issuer, (await signIn(issuer))['access_token']);
    },
  },
  {
    what: 'a made-up token is active',
    rule: 'RFC 7662 §2.2',
    bad: (issuer) => introspect(issuer, 'made-up'),
    honest: async (issuer) => introspect(issuer, (await signIn(issuer))['access_token']),
  },
  {
    what: 'introspection by nobody in particular',
    rule: 'RFC 7662 §2.1',
    bad: async (issuer) => introspect(issuer, (await signIn(issuer))['access_token'], 'nobody'),
    honest: async (issuer) => introspect(issuer, (await signIn(issuer))['access_token']),
  },
  {
    what: 'revocation by nobody in particular',
    rule: 'RFC 7009 §2.1',
    bad: async (issuer) => revoke(issuer, (await signIn(issuer))['refresh_token'], 'nobody'),
    honest: async (issuer) => revoke(issuer, (await signIn(issuer))['refresh_token']),
  },
  {
    what: "somebody else's `post_logout_redirect_uri`",
    rule: 'RP-Initiated Logout §3',
    bad: async (issuer) =>
      signOut(issuer, {
        id_token_hint: (await signIn(issuer))['id_token'],
        post_logout_redirect_uri: 'https://evil.example/after',
      }),
    honest: async (issuer) =>
      signOut(issuer, {
        id_token_hint: (await signIn(issuer))['id_token'],
        post_logout_redirect_uri: AFTER_SIGN_OUT,
      }),
  },
];

/** The algorithm that a JWT names. */
const algOf = (token: string | undefined): string =>
  JSON.parse(Buffer.from(token?.split('.')[0] ?? '', 'base64url').toString() || '{}').alg;

const accepted = (said: Reply['said'], is: boolean): Reply => ({ accepted: is, said });

const promising: readonly Attempt[] = [
  {
    what: 'another algorithm than discovery says',
    rule: 'OIDC Discovery §3',
    async bad(issuer) {
      const tokens = await signIn(issuer);
      const said = issuer.metadata.id_token_signing_alg_values_supported;
      return accepted(tokens, !said.includes(algOf(tokens['id_token'])));
    },
    async honest(issuer) {
      const tokens = await signIn(issuer);
      return accepted(tokens, algOf(tokens['id_token']) === 'ES256');
    },
  },
  {
    what: 'an ID Token though `openid` was not asked for',
    rule: 'OIDC Core §3.1.2.1',
    async bad(issuer) {
      const form = await codeForm(issuer, { scope: 'profile' });
      const { said } = await requestToken(issuer, form);
      return accepted(said, said['id_token'] !== undefined);
    },
    async honest(issuer) {
      const tokens = await signIn(issuer);
      return accepted(tokens, tokens['id_token'] !== undefined);
    },
  },
  {
    what: 'a name in `Host` that it does not have',
    rule: 'DNS rebinding',
    bad: (issuer) => askByName(issuer, 'evil.example'),
    honest: (issuer) => askByName(issuer, new URL(issuer.url).host),
  },
];

export const ATTEMPTS: readonly Attempt[] = [
  ...authorizing,
  ...redeeming,
  ...authenticating,
  ...living,
  ...promising,
];

export type Outcome = {
  readonly what: string;
  readonly rule: string;
  /** By the name of the issuer: whether it accepted what it should not, and what is honest. */
  readonly bad: Readonly<Record<string, boolean>>;
  readonly honest: Readonly<Record<string, boolean>>;
};

/** One after the other, because time goes by for some of them. */
export async function compare(issuers: readonly [Compared, Compared]): Promise<readonly Outcome[]> {
  const [first, second] = issuers;
  const outcomes: Outcome[] = [];
  for (const { what, rule, bad, honest } of ATTEMPTS) {
    const ask = async (one: Try) => ({
      [first.name]: (await one(first, second)).accepted,
      [second.name]: (await one(second, first)).accepted,
    });
    outcomes.push({ what, rule, bad: await ask(bad), honest: await ask(honest) });
  }
  return outcomes;
}
