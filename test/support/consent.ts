import type { Page } from '../../internal/oidc/endpoint.ts';
import { makeClient } from './clients.ts';
import { createTestIssuer, type Different, type TestIssuer } from './issuer.ts';
import type { Query } from './requests.ts';

const CLIENTS = [
  makeClient('once', { consent: 'once', clientName: 'Wiki <b>' }),
  makeClient('once2', { consent: 'once' }),
  makeClient('always', { consent: 'always' }),
];

/** An issuer whose clients ask for consent in every way. */
export const createAsking = (different: Different = {}): TestIssuer =>
  createTestIssuer({ ...different, clients: CLIENTS });

/** The handle of the consent page that `once`, or whoever the query says, makes alice see. */
export async function openPage({ authorize }: TestIssuer, query: Query = {}): Promise<string> {
  const { page } = await authorize({ client_id: 'once', ...query });
  if (page?.kind !== 'consent') throw new Error('no consent page');
  return page.handle;
}

/** What a consent page asks about, by name; undefined when it is none. */
export const scopeNamesOf = (page: Page | undefined): readonly string[] | undefined =>
  page?.kind === 'consent' ? page.scope.map(({ name }) => name) : undefined;

/** Whether this request gets its code without asking. */
export const passes = async ({ authorize }: TestIssuer, query: Query): Promise<boolean> =>
  (await authorize(query)).params.has('code');
