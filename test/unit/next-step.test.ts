import { describe, expect, it } from 'vitest';
import type { Abilities } from '../../internal/oidc/authorize/abilities.ts';
import { decideNextStep, type Situation } from '../../internal/oidc/authorize/next-step.ts';
import type { AuthorizationRequest } from '../../internal/oidc/authorize/request.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { makeClient } from '../support/clients.ts';
import { identify } from '../support/requests.ts';

const NOW = 1_800_000_000;
const alice = identify('alice');
const since = (seconds: number) => identify('alice', { authTime: NOW - seconds });

const NOTHING: Abilities = {
  reauthenticate: undefined,
  switchAccount: false,
  stepUp: () => false,
};
const UPSTREAM: Abilities = {
  reauthenticate: 'https://proxy.example/anew',
  switchAccount: true,
  stepUp: () => true,
};
const sent = (...errands: readonly string[]) => ({ since: NOW, authTime: NOW - 100, errands });

const request = (different: Partial<AuthorizationRequest> = {}): AuthorizationRequest => ({
  client: makeClient('conf'),
  redirectUri: 'https://rp.example/callback',
  redirectUriSent: true,
  scope: ['openid'],
  nonce: undefined,
  state: undefined,
  challenge: undefined,
  jkt: undefined,
  prompt: new Set(),
  maxAge: undefined,
  idTokenHint: undefined,
  loginHint: undefined,
  acrValues: [],
  claimsRequest: undefined,
  resource: [],
  authorizationDetails: [],
  ...different,
});

/** `proceed`, `sign_in`, or what it is refused with. */
function decide(different: Partial<Situation>): string {
  const step = decideNextStep({
    request: request(),
    identity: alice,
    clientSubject: toSubject('alice'),
    hintedSubject: undefined,
    hintedElsewhere: false,
    journey: undefined,
    can: NOTHING,
    now: NOW,
    ...different,
  });
  return step.kind === 'refuse' ? `${step.error.code} ${step.error.reason}` : step.kind;
}

const prompting = (...prompt: readonly string[]) => request({ prompt: new Set(prompt) });
const wishing = request({ acrValues: ['phr', 'mfa'] });
const essential = (name: string, more = {}) =>
  request({ claimsRequest: { idToken: [[name, { essential: true, ...more }]], userinfo: [] } });

const CASES: ReadonlyArray<readonly [string, Partial<Situation>, string]> = [
  ['nothing special', {}, 'proceed'],
  ['nobody', { identity: undefined }, 'sign_in'],
  [
    'nobody and prompt=none',
    { identity: undefined, request: prompting('none') },
    'login_required no_identity',
  ],
  ['prompt=none', { request: prompting('none') }, 'proceed'],
  ['prompt=consent', { request: prompting('consent') }, 'proceed'],
  [
    'prompt=login, which a header cannot prove',
    { request: prompting('login') },
    'login_required reauthentication_unproven',
  ],
  [
    'max_age=0, which is prompt=login',
    { request: request({ maxAge: 0 }), identity: since(0) },
    'login_required reauthentication_unproven',
  ],
  [
    'prompt=select_account without a page to do it on',
    { request: prompting('select_account') },
    'account_selection_required account_selection_required',
  ],
  ['max_age reached exactly', { request: request({ maxAge: 60 }), identity: since(60) }, 'proceed'],
  [
    'max_age exceeded by a second',
    { request: request({ maxAge: 60 }), identity: since(61) },
    'login_required auth_time_too_old',
  ],
  [
    'max_age and an unknown auth_time',
    { request: request({ maxAge: 60 }) },
    'login_required auth_time_unknown',
  ],
  [
    'max_age exceeded, prompt=none and an upstream that could do it',
    {
      request: request({ maxAge: 60, prompt: new Set(['none']) }),
      identity: since(61),
      can: UPSTREAM,
    },
    'login_required auth_time_too_old',
  ],
  [
    'require_auth_time and an unknown auth_time',
    { request: request({ client: makeClient('conf', { requireAuthTime: true }) }) },
    'login_required auth_time_unknown',
  ],
  [
    'require_auth_time and an old sign-in',
    {
      request: request({ client: makeClient('conf', { requireAuthTime: true }) }),
      identity: since(99_999),
    },
    'proceed',
  ],
  [
    'an essential auth_time that is unknown',
    { request: essential('auth_time') },
    'login_required auth_time_unknown',
  ],
  [
    'an essential acr that was not reached',
    { request: essential('acr', { values: ['phr'] }), identity: identify('alice', { acr: 'pwd' }) },
    'unmet_authentication_requirements acr_unmet',
  ],
  [
    'an essential acr that is unknown',
    { request: essential('acr') },
    'unmet_authentication_requirements acr_unmet',
  ],
  [
    'an essential acr that was reached',
    {
      request: essential('acr', { values: ['pwd', 'phr'] }),
      identity: identify('alice', { acr: 'phr' }),
    },
    'proceed',
  ],
  [
    'an acr that is merely wished for',
    {
      request: request({
        claimsRequest: { idToken: [['acr', { value: 'phr' }]], userinfo: [] },
      }),
    },
    'proceed',
  ],
  ['a hint at the same End-User', { hintedSubject: toSubject('alice') }, 'proceed'],
  [
    'a hint at the End-User as this client knows them',
    { clientSubject: toSubject('pairwise'), hintedSubject: toSubject('pairwise') },
    'proceed',
  ],
  [
    'a hint at the real subject, which this client does not know',
    { clientSubject: toSubject('pairwise'), hintedSubject: toSubject('alice') },
    'login_required another_subject',
  ],
  [
    'a demand for the real subject, which this client does not know',
    {
      request: essential('sub', { value: 'alice' }),
      clientSubject: toSubject('pairwise'),
    },
    'login_required another_subject',
  ],
  [
    'a hint at somebody else',
    { hintedSubject: toSubject('bob') },
    'login_required another_subject',
  ],
  [
    'a sub claim for somebody else',
    { request: essential('sub', { value: 'bob' }) },
    'login_required another_subject',
  ],
  [
    'a sub claim for the same End-User',
    { request: essential('sub', { value: 'alice' }) },
    'proceed',
  ],
  [
    'prompt=login where the upstream can do it',
    { request: prompting('login'), can: UPSTREAM },
    'reauthenticate',
  ],
  [
    'prompt=login where it did it',
    {
      request: prompting('login'),
      can: UPSTREAM,
      journey: sent('reauthenticate'),
      identity: since(0),
    },
    'proceed',
  ],
  [
    'prompt=login where it was asked in vain',
    { request: prompting('login'), can: UPSTREAM, journey: sent('reauthenticate') },
    'login_required reauthentication_unproven',
  ],
  [
    'prompt=login and a sign-in that was asked for',
    { request: prompting('login'), journey: sent('sign_in'), identity: since(-5) },
    'proceed',
  ],
  [
    'max_age exceeded where the upstream can sign in anew',
    { request: request({ maxAge: 60 }), identity: since(61), can: UPSTREAM },
    'reauthenticate',
  ],
  [
    'max_age exceeded on the way back',
    {
      request: request({ maxAge: 1 }),
      identity: since(300),
      journey: { since: NOW - 301, errands: ['reauthenticate'] },
    },
    'proceed',
  ],
  [
    'a hint at somebody else where accounts can be switched',
    { hintedSubject: toSubject('bob'), can: UPSTREAM },
    'ask_account',
  ],
  [
    'a hint at somebody else after it was asked about',
    { hintedSubject: toSubject('bob'), can: UPSTREAM, journey: sent('account') },
    'login_required another_subject',
  ],
  [
    'another account before a new sign-in',
    { hintedSubject: toSubject('bob'), can: UPSTREAM, request: prompting('login') },
    'ask_account',
  ],
  ['a login_hint at somebody else', { hintedElsewhere: true, can: UPSTREAM }, 'ask_account'],
  ['a login_hint where nobody can switch', { hintedElsewhere: true }, 'proceed'],
  [
    'a login_hint at somebody else, asked about before',
    { hintedElsewhere: true, can: UPSTREAM, journey: sent('account') },
    'proceed',
  ],
  [
    'a login_hint at somebody else and silence',
    { hintedElsewhere: true, request: prompting('none') },
    'login_required another_login',
  ],
  [
    'prompt=select_account where the upstream can do it',
    { request: prompting('select_account'), can: UPSTREAM },
    'ask_account',
  ],
  [
    'prompt=select_account where only signing out is possible',
    { request: prompting('select_account'), can: { ...NOTHING, switchAccount: true } },
    'account_selection_required account_selection_required',
  ],
  ['an acr wished for that can be had', { request: wishing, can: UPSTREAM }, 'reauthenticate'],
  [
    'an acr wished for in vain',
    { request: wishing, can: UPSTREAM, journey: sent('reauthenticate') },
    'unmet_authentication_requirements acr_unmet',
  ],
  [
    'an acr wished for in silence',
    { request: { ...wishing, prompt: new Set(['none']) }, can: UPSTREAM },
    'interaction_required acr_unmet',
  ],
  [
    'an acr wished for that cannot be had',
    { request: wishing, can: { ...UPSTREAM, stepUp: () => false } },
    'proceed',
  ],
  [
    'an acr wished for that is there',
    { request: wishing, can: UPSTREAM, identity: identify('alice', { acr: 'mfa' }) },
    'proceed',
  ],
];

describe('next step of an authorization request (OIDC Core §3.1.2.1, §3.1.2.3; AZ-7, AZ-8, AZ-10)', () => {
  for (const [given, situation, expected] of CASES) {
    it(`answers ${expected} to ${given}`, () => {
      expect(decide(situation)).toBe(expected);
    });
  }
});
