import { EMPTY } from '../../internal/chooser/entry.ts';
import type { ChooserPage, Page, ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { HOST, startHttp, type TestHttpOptions } from './http-app.ts';
import { ask } from './raw-http.ts';

/** What a browser is shown for this answer. */
export async function show(response: ProtocolResponse, options: TestHttpOptions = {}) {
  const { target } = await startHttp({
    endpoints: { authorize: async () => response },
    ...options,
  });
  const path = `${new URL(options.issuerUrl ?? 'https://op.example').pathname.slice(1)}`;
  return ask(target, [`GET ${path === '' ? '' : `/${path}`}/authorize HTTP/1.1`, HOST]);
}

export const page = (drawn: Page, status = 200): ProtocolResponse => ({
  kind: 'page',
  status,
  page: drawn,
});

/** The directives of a policy, by name. */
export const directives = (policy = ''): ReadonlyMap<string, string> =>
  new Map(
    policy.split('; ').map((text) => {
      const [name = '', ...sources] = text.split(' ');
      return [name, sources.join(' ')];
    }),
  );

export const DEVICE_PAGE: Extract<Page, { kind: 'device' }> = {
  kind: 'device',
  clientName: 'Television',
  subject: 'alice',
  userCode: 'BCDF-GHJK',
  scope: [
    { name: 'openid', description: 'who you are here' },
    { name: 'email', description: 'your email address' },
    { name: 'custom:read', description: undefined },
  ],
  details: [{ description: 'a payment', members: [['amount', '12 EUR']] }],
  handle: 'sealed-text',
};

export const CHOOSER_PAGE: ChooserPage = {
  kind: 'chooser',
  clientName: 'Corner Shop',
  leadsTo: ['http://localhost:3000/callback'],
  current: undefined,
  isEntered: false,
  wanted: undefined,
  users: [
    { subject: 'alice', name: 'Alice Example' },
    { subject: 'bob', name: 'Bob Example' },
  ],
  search: { query: '', more: 0, isShown: false },
  acrValues: [],
  hidden: [['rd', 'https://op.example/authorize?a=b&c']],
  form: { isOpen: false, values: EMPTY, problems: {} },
};
