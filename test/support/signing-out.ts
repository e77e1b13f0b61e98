import type { Page } from '../../internal/oidc/endpoint.ts';
import { openBrowser, type SignedIn, type TestBrowser } from './browser.ts';
import { makeClient } from './clients.ts';
import { createTestIssuer, type Different, type TestIssuer } from './issuer.ts';
import type { Query } from './requests.ts';
import { claimsOf } from './tokens.ts';

export const AFTER = 'https://rp.example/after';

/** `rp` and `rp2` are as valid as each other; what one may not do with the other's, nobody may. */
const CLIENTS = [
  makeClient('rp', {
    clientName: 'Corner <Shop>',
    postLogoutRedirectUris: [AFTER, 'https://rp.example/after?a=b%20c&d'],
    backchannelLogoutUri: 'https://rp.example/backchannel',
  }),
  makeClient('rp2', {
    postLogoutRedirectUris: ['https://rp2.example/after'],
    backchannelLogoutUri: 'https://rp2.example/backchannel?x=1',
  }),
  makeClient('frame', {
    postLogoutRedirectUris: [AFTER],
    frontchannelLogoutUri: 'https://rp.example/frontchannel',
  }),
  makeClient('frame2', { frontchannelLogoutUri: 'https://rp2.example/frontchannel?x=%20y' }),
];

export type SigningOut = TestIssuer & {
  readonly browser: TestBrowser;
  /** Ends at a page that asks, if it must. */
  signOut(query?: Query): ReturnType<TestBrowser['endSession']>;
  readonly reasons: () => readonly string[];
};

/** An issuer with clients that care for sign-outs, and alice at her browser. */
export function createSigningOut(different: Different = {}): SigningOut {
  const clients = [...CLIENTS, ...(different.clients ?? [])];
  const test = createTestIssuer({ ...different, clients });
  const browser = openBrowser(test);
  return {
    ...test,
    browser,
    async signOut(query = {}) {
      const answer = await browser.endSession(query);
      return answer.page?.kind === 'sign_out' ? browser.answerPage(answer.page) : answer;
    },
    reasons: () =>
      test.events.flatMap((event) => (event.type === 'sign_out.asked' ? [event.reason] : [])),
  };
}

export const hintOf = ({ id_token }: SignedIn): Query => ({ id_token_hint: id_token });

export const sidOf = ({ id_token }: SignedIn): string => String(claimsOf(id_token)['sid']);

/** What a page is, for comparing. */
export const kindOf = (page: Page | undefined): string =>
  page?.kind === 'signed_out' && page.stayed ? 'stayed' : (page?.kind ?? 'no page');

/** Which sessions have ended. */
export const endedSids = ({ events }: TestIssuer): readonly string[] =>
  events.flatMap((event) => (event.type === 'session.ended' ? [event.sid] : []));
