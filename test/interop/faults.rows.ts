// What each fault of the catalogue comes to in the hands of a real client. Where the library refuses, by its
// own words; where it accepts, by what it got and what was on the wire.

import { expect } from 'vitest';
import type { FaultName, Metadata } from '../../internal/testissuer/api.ts';
import {
  askForDevice,
  beSignedOut,
  callApi,
  introspect,
  push,
  readUserinfo,
  redeemTwice,
  refreshTwice,
  revoke,
  signIn,
  signInFreshly,
  signInFromElsewhere,
  signInWithoutPkce,
  type Visitor,
  type Wire,
  type World,
} from './faults.fixture.ts';

type Journey = (world: World, visitor?: Visitor) => Promise<unknown>;

export type Row = {
  readonly journey: Journey;
  readonly with?: Metadata;
  /** When the fault is there, and before the client comes. */
  readonly before?: (world: World) => Promise<void>;
  readonly visitor?: Visitor;
  /** In the words of the library. */
  readonly refuses?: RegExp;
  /** The library sees nothing wrong. `why` is the end of a sentence about it. */
  readonly accepts?: { readonly why: string; readonly check: (found: Found) => void };
  /** What the client does is refused without the fault, and in these words. */
  readonly otherwise?: RegExp;
};

type Found = {
  readonly result: unknown;
  /** What was on the wire since the fault was there. */
  readonly wire: readonly Wire[];
};

type Part = 'header' | 'claims';

const decode = (jwt: string, part: Part): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[part === 'header' ? 0 : 1] ?? '', 'base64url').toString());

const answers = ({ wire }: Found, path: string): readonly Wire[] =>
  wire.filter((answer) => answer.path === path);

const lastAnswer = (found: Found, path: string): Wire => {
  const answer = answers(found, path).at(-1);
  if (answer === undefined) throw new Error(`nothing was asked of ${path}`);
  return answer;
};

const tokenAnswer = (found: Found): Record<string, unknown> =>
  JSON.parse(lastAnswer(found, '/token').body);

const token = (found: Found, name: string, part: Part) =>
  decode(String(tokenAnswer(found)[name]), part);

const refuses = (journey: Journey, words: RegExp, more: Partial<Row> = {}): Row => ({
  journey,
  refuses: words,
  ...more,
});

const accepts = (
  journey: Journey,
  why: string,
  check: (found: Found) => void,
  more: Partial<Row> = {},
): Row => ({ journey, accepts: { why, check }, ...more });

const REFUSED = /unexpected HTTP response status code/;
const CUT_OFF = /failed to parse "response" body as JSON/;

/** How any endpoint fares. */
const answerRows = (journey: Journey, path: string) => ({
  status: refuses(journey, REFUSED),
  slow: accepts(
    journey,
    'late',
    (found) => expect(answers(found, path).length).toBeGreaterThan(0),
    {
      with: { seconds: 0.05 },
    },
  ),
  timeout: refuses(journey, /operation timed out/, { visitor: { patience: 1 } }),
  reset: refuses(journey, /other side closed|ECONNRESET|terminated/),
  html: refuses(journey, /unexpected response content-type|unexpected HTTP response status code/),
  redirect: refuses(journey, REFUSED),
});

const bodyRows = (journey: Journey, path: string) => ({
  ...answerRows(journey, path),
  truncated: refuses(journey, CUT_OFF),
  content_type: accepts(journey, 'whatever it is called, because it is JSON', (found) => {
    const types = answers(found, path).map(({ headers }) => headers.get('content-type'));
    expect(types).toContain('text/plain');
  }),
});

const under = <Prefix extends string, Name extends string>(
  prefix: Prefix,
  rows: Readonly<Record<Name, Row>>,
): { readonly [Key in Name as `${Prefix}.${Key}`]: Row } =>
  Object.fromEntries(Object.entries(rows).map(([name, row]) => [`${prefix}.${name}`, row])) as {
    readonly [Key in Name as `${Prefix}.${Key}`]: Row;
  };

const twoKeys = { before: ({ issuer }: World) => issuer.keys.rotate({ overlap: true }) };
const HOUR = 3600;
const now = () => Date.now() / 1000;

const idToken = {
  'iss.wrong': refuses(signIn, /unexpected JWT "iss"/),
  'iss.missing': refuses(signIn, /JWT "iss" \(issuer\) claim missing/),
  'aud.wrong': refuses(signIn, /unexpected JWT "aud"/),
  'aud.missing': refuses(signIn, /JWT "aud" \(audience\) claim missing/),
  'exp.past': refuses(signIn, /expiration is past current timestamp/),
  'exp.missing': refuses(signIn, /JWT "exp" \(expiration time\) claim missing/),
  'nbf.future': refuses(signIn, /unexpected JWT "nbf"/),
  'iat.future': accepts(signIn, 'however far ahead it was made', (found) =>
    expect(token(found, 'id_token', 'claims')['iat']).toBeGreaterThan(now() + HOUR / 2),
  ),
  'iat.missing': refuses(signIn, /JWT "iat" \(issued at\) claim missing/),
  'kid.unknown': refuses(signIn, /no applicable keys found/),
  'kid.missing': refuses(signIn, /several applicable keys|multiple|KEY_SELECTION/i, twoKeys),
  'alg.none': refuses(signIn, /unexpected JWT "alg" header parameter/),
  'alg.hs256': refuses(signIn, /unexpected JWT "alg" header parameter/),
  'signature.corrupt': refuses(signIn, /JWT signature verification failed/),
  'signature.unpublished': refuses(signIn, /no applicable keys found/),
  'typ.wrong': accepts(signIn, 'whatever `typ` says', (found) =>
    expect(token(found, 'id_token', 'header')).toMatchObject({ typ: 'JWT+other' }),
  ),
  'sub.wrong': refuses(readUserinfo, /unexpected "response" body "sub" property value/),
  'sub.missing': refuses(signIn, /JWT "sub" \(subject\) claim missing/),
  'azp.wrong': refuses(signIn, /unexpected ID Token "azp"/),
  'nonce.wrong': refuses(signIn, /unexpected ID Token "nonce" claim value/),
  'nonce.missing': refuses(signIn, /JWT "nonce" \(nonce\) claim missing/),
  'at_hash.wrong': accepts(signIn, 'with whatever access token it came', (found) =>
    expect(token(found, 'id_token', 'claims')).toMatchObject({ at_hash: 'A'.repeat(22) }),
  ),
  'auth_time.past': refuses(signInFreshly, /too much time has elapsed/),
  'auth_time.missing': refuses(
    signInFreshly,
    /JWT "auth_time" \(authentication time\) claim missing/,
  ),
};

const accessToken = {
  'iss.wrong': refuses(callApi, /unexpected JWT "iss"/),
  'iss.missing': refuses(callApi, /JWT "iss" \(issuer\) claim missing/),
  'aud.wrong': refuses(callApi, /unexpected JWT "aud"/),
  'aud.missing': refuses(callApi, /JWT "aud" \(audience\) claim missing/),
  'exp.past': refuses(callApi, /expiration is past current timestamp/),
  'exp.missing': refuses(callApi, /JWT "exp" \(expiration time\) claim missing/),
  'nbf.future': refuses(callApi, /unexpected JWT "nbf"/),
  'iat.future': accepts(callApi, 'however far ahead it was made', (found) =>
    expect(token(found, 'access_token', 'claims')['iat']).toBeGreaterThan(now() + HOUR / 2),
  ),
  'iat.missing': refuses(callApi, /JWT "iat" \(issued at\) claim missing/),
  'kid.unknown': refuses(callApi, /no applicable keys found/),
  'kid.missing': refuses(callApi, /KEY_SELECTION/, twoKeys),
  'alg.none': refuses(callApi, /unexpected JWT "alg" header parameter/),
  'alg.hs256': refuses(callApi, /unexpected JWT "alg" header parameter/),
  'signature.corrupt': refuses(callApi, /JWT signature verification failed/),
  'signature.unpublished': refuses(callApi, /no applicable keys found/),
  'typ.wrong': refuses(callApi, /unexpected JWT "typ" header parameter value/),
  'sub.missing': refuses(callApi, /JWT "sub" \(subject\) claim missing/),
  'client_id.missing': refuses(callApi, /JWT "client_id" \(client id\) claim missing/),
  'jti.missing': refuses(callApi, /JWT "jti" \(jwt id\) claim missing/),
  'scope.missing': refuses(callApi, /insufficient_scope/),
};

const logoutToken = {
  'iss.wrong': refuses(beSignedOut, /unexpected "iss" claim value/),
  'iss.missing': refuses(beSignedOut, /missing required "iss" claim/),
  'aud.wrong': refuses(beSignedOut, /unexpected "aud" claim value/),
  'aud.missing': refuses(beSignedOut, /missing required "aud" claim/),
  'exp.past': refuses(beSignedOut, /"exp" claim timestamp check failed/),
  'exp.missing': refuses(beSignedOut, /missing required "exp" claim/),
  'nbf.future': refuses(beSignedOut, /"nbf" claim timestamp check failed/),
  'iat.future': refuses(beSignedOut, /"iat" claim timestamp check failed/),
  'iat.missing': refuses(beSignedOut, /missing required "iat" claim/),
  'kid.unknown': refuses(beSignedOut, /no applicable key found in the JSON Web Key Set/),
  'kid.missing': refuses(beSignedOut, /multiple matching keys found/, twoKeys),
  'alg.none': refuses(beSignedOut, /"alg" \(Algorithm\) Header Parameter value not allowed/),
  'alg.hs256': refuses(beSignedOut, /"alg" \(Algorithm\) Header Parameter value not allowed/),
  'signature.corrupt': refuses(beSignedOut, /signature verification failed/),
  'signature.unpublished': refuses(beSignedOut, /no applicable key found in the JSON Web Key Set/),
  'typ.wrong': refuses(beSignedOut, /unexpected "typ" JWT header value/),
  'nonce.present': refuses(beSignedOut, /a logout token has no nonce/),
  'subject.missing': refuses(beSignedOut, /neither sub nor sid/),
  'events.missing': refuses(beSignedOut, /missing required "events" claim/),
  'jti.missing': refuses(beSignedOut, /missing required "jti" claim/),
};

const authorization = {
  'state.dropped': refuses(signIn, /response parameter "state" missing/),
  'state.changed': refuses(signIn, /unexpected "state" response parameter value/),
  'iss.missing': refuses(signIn, /response parameter "iss" \(issuer\) missing/),
  'iss.wrong': refuses(signIn, /unexpected "iss" \(issuer\) response parameter value/),
  'code.changed': refuses(signIn, /invalid_grant/),
  'code.missing': refuses(signIn, /no authorization code/),
  error: refuses(signIn, /temporarily_unavailable/, { with: { error: 'temporarily_unavailable' } }),
  repeated: refuses(signIn, /must be provided only once/),
};

const REUSED = /invalid_grant/;

const flow = {
  'clock.skew': refuses(signIn, /expiration is past current timestamp/, {
    with: { seconds: -7200 },
  }),
  'pkce.unchecked': accepts(
    signInWithoutPkce,
    'what it did not ask for',
    (found) => expect(lastAnswer(found, '/token').sent.has('code_verifier')).toBe(false),
    { visitor: { client: 'careful' }, otherwise: /invalid_request/ },
  ),
  'redirect_uri.unchecked': accepts(
    signInFromElsewhere,
    'its tokens for another page',
    (found) => expect(lastAnswer(found, '/token').sent.get('redirect_uri')).toMatch(/moved$/),
    { otherwise: REUSED },
  ),
  'code.reuse.accepted': accepts(
    redeemTwice,
    'the same tokens twice',
    (found) => {
      const [first, second] = answers(found, '/token');
      expect(second?.body).toBe(first?.body);
      expect(second?.sent.get('code')).toBe(first?.sent.get('code'));
    },
    { otherwise: REUSED },
  ),
  'refresh_token.reuse.accepted': accepts(
    refreshTwice,
    'other tokens each time',
    (found) => {
      const [first, second, third] = answers(found, '/token').map(({ body }) => JSON.parse(body));
      const all = [first, second, third].map(({ refresh_token }) => refresh_token);
      expect(new Set(all).size).toBe(3);
    },
    { visitor: { client: 'hasty' }, otherwise: REUSED },
  ),
  'refresh_token.reuse.refused': refuses(refreshTwice, REUSED),
  'keys.rotated': accepts(signIn, 'a key that it had to look for', (found) => {
    const { keys } = JSON.parse(lastAnswer(found, '/jwks.json').body);
    expect(token(found, 'id_token', 'header')['kid']).toBe(keys[0].kid);
    expect(keys).toHaveLength(1);
  }),
};

const metadata = {
  ...bodyRows(signIn, '/.well-known/openid-configuration'),
  'issuer.wrong': refuses(signIn, /issuer does not match the expected issuer/),
  'issuer.missing': refuses(signIn, /"issuer" property must be a string/),
  'jwks_uri.missing': refuses(signIn, /does not contain a valid "as.jwks_uri"/),
  'authorization_endpoint.missing': refuses(signIn, /valid "as.authorization_endpoint"/),
  'token_endpoint.missing': refuses(signIn, /valid "as.token_endpoint"/),
  'member.changed': refuses(signIn, /"as.token_endpoint"/, {
    with: { member: 'token_endpoint', value: 17 },
  }),
};

const jwks = {
  ...bodyRows(signIn, '/jwks.json'),
  empty: refuses(signIn, /no applicable keys found/),
  stale: refuses(signIn, /no applicable keys found/, {
    before: ({ issuer }) => issuer.keys.rotate({ overlap: false }),
  }),
};

const tokens = {
  ...bodyRows(signIn, '/token'),
  error: refuses(signIn, /invalid_grant/),
  'access_token.missing': refuses(signIn, /"access_token" property must be a string/),
  'id_token.missing': refuses(signIn, /"id_token" property must be a string/),
  'refresh_token.missing': accepts(signIn, 'and does without', (found) =>
    expect(tokenAnswer(found)).not.toHaveProperty('refresh_token'),
  ),
  'token_type.missing': refuses(signIn, /"token_type" property must be a string/),
  'token_type.wrong': refuses(signIn, /unsupported `token_type` value/),
  'expires_in.missing': accepts(signIn, 'and does without', (found) =>
    expect(tokenAnswer(found)).not.toHaveProperty('expires_in'),
  ),
  'expires_in.text': accepts(signIn, 'and reads the number in it', (found) =>
    expect(tokenAnswer(found)['expires_in']).toBe('3600'),
  ),
  'scope.narrowed': accepts(signIn, 'and tells the application', (found) => {
    expect(tokenAnswer(found)['scope']).toBe('openid');
    expect(found.result).toMatchObject({ tokens: { scope: 'openid' } });
  }),
};

export const ROWS: { readonly [Name in FaultName]: Row } = {
  ...under('authorization', authorization),
  ...under('id_token', idToken),
  ...under('access_token', accessToken),
  ...under('logout_token', logoutToken),
  ...flow,
  ...under('discovery', metadata),
  ...under('jwks', jwks),
  ...under('push', { ...bodyRows(push, '/par'), error: refuses(push, /invalid_request/) }),
  ...under('token', tokens),
  ...under('userinfo', {
    ...bodyRows(readUserinfo, '/userinfo'),
    error: refuses(readUserinfo, /challenge in the WWW-Authenticate/),
    'sub.wrong': refuses(readUserinfo, /unexpected "response" body "sub" property value/),
    'sub.missing': refuses(readUserinfo, /"sub" property must be a string/),
  }),
  ...under('introspect', {
    ...bodyRows(introspect, '/introspect'),
    error: refuses(introspect, /challenge in the WWW-Authenticate/),
    inactive: accepts(introspect, 'and hears no more of the token', ({ result }) =>
      expect(result).toEqual({ active: false }),
    ),
    'active.missing': refuses(introspect, /"active" property must be a boolean/),
  }),
  ...under('revoke', {
    ...answerRows(revoke, '/revoke'),
    // RFC 7009 §2.2: the status says everything.
    html: accepts(revoke, 'and does not read it', (found) =>
      expect(lastAnswer(found, '/revoke').headers.get('content-type')).toMatch(/^text\/html/),
    ),
    error: refuses(revoke, /challenge in the WWW-Authenticate/),
  }),
  ...under('deviceAuthorization', {
    ...bodyRows(askForDevice, '/device_authorization'),
    error: refuses(askForDevice, /challenge in the WWW-Authenticate/),
  }),
};
