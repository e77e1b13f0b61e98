// Pages of ours, answered: each asks one of the two something that is not the other's to say.

import type { TestIssuer } from '../support/issuer.ts';
import { identify, makeRequest, settle, toParams } from '../support/requests.ts';
import { hasCode, isOk, type Party, type Recipe, request, toWire } from './recipe.ts';

type Asked = Awaited<ReturnType<TestIssuer['authorize']>>;

const handleOf = ({ page }: Asked): string =>
  page !== undefined && 'handle' in page ? page.handle : 'none';

/** What would end the first application of a review. */
async function askWhatWasGranted({ issuer }: TestIssuer, { subject }: Party): Promise<string> {
  const asked = makeRequest({ method: 'GET', params: toParams({}), identity: identify(subject) });
  const { page } = await settle(issuer.review(asked));
  return page?.kind === 'review' ? (page.applications[0]?.handle ?? 'none') : 'none';
}

const askToSignOut = ({ issuer }: TestIssuer, { client, subject }: Party): Promise<Asked> =>
  settle(
    issuer.endSession(
      makeRequest({
        method: 'GET',
        params: toParams({ client_id: client }),
        identity: identify(subject),
      }),
    ),
  );

/** Back at the review, which says what was ended. */
const isEnded = ({ status, location }: Asked): boolean =>
  status === 303 && location?.includes('/review?') === true;

export const PAGE_RECIPES: readonly Recipe[] = [
  {
    name: 'account',
    endpoint: 'account',
    method: 'POST',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a slot of the operator's.
    policy: { reauthenticateUrl: 'https://login.example/?back=${url}' },
    async make(test, party) {
      const query = { ...request(party), prompt: 'select_account' };
      const handle = handleOf(await test.authorize(query, identify(party.subject)));
      return toWire({ handle, decision: 'continue' }, { subject: party.subject });
    },
    succeeded: hasCode,
    binds: [],
    shownTo: ['alice'],
  },
  {
    name: 'sign_out',
    endpoint: 'signOut',
    method: 'POST',
    async make(test, party) {
      const handle = handleOf(await askToSignOut(test, party));
      return toWire({ handle, decision: 'sign_out' }, { subject: party.subject });
    },
    succeeded: isOk,
    binds: [],
    // Nobody is signed in any more: then there is nobody to sign out.
    shownTo: ['alice', undefined],
  },
  {
    name: 'review',
    endpoint: 'review',
    method: 'POST',
    async make(test, party) {
      await test.authorize(request(party), identify(party.subject));
      const handle = await askWhatWasGranted(test, party);
      return toWire({ handle, decision: 'end' }, { subject: party.subject });
    },
    succeeded: isEnded,
    binds: [],
    shownTo: ['alice'],
  },
];
