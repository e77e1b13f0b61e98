// The chooser of `asteroid dev`, in front of an app: its page, its form for somebody else and its cookie,
// and nothing of the requests that wait at an issuer.

import type { IncomingMessage } from 'node:http';
import { type ChoiceCookie, createChoiceCookie } from '../chooser/choice.ts';
import { createChooser } from '../chooser/endpoint.ts';
import type { CheckUser } from '../chooser/entry.ts';
import { AGAIN } from '../chooser/visit.ts';
import { seal, unseal } from '../keys/seal.ts';
import { toSealingKey } from '../keys/sealing-key.ts';
import type { Page, ProtocolRequest, ProtocolResponse } from '../oidc/endpoint.ts';
import { parseParams } from '../protocol/params.ts';
import type { Clock } from '../protocol/time.ts';
import { BACK, SIGN_IN } from './doors.ts';
import { nameOf, type Users } from './end-user.ts';
import { ProducerRefusal } from './refusal.ts';
import { toOwnUrl } from './target.ts';
import { assertSameSite } from './who.ts';

/** @param secret fresh for each producer: other programs of localhost share its cookies. */
export function createCookie(url: string, sessionCookie: string | undefined, secret: string) {
  const key = toSealingKey(Buffer.from(secret, 'base64url'), 0);
  const cookie = createChoiceCookie({
    name: sessionCookie ?? 'asteroid-emit',
    // The name that a product's apps know has nothing behind it; others differ from port to port.
    url: sessionCookie === undefined ? url : 'http://localhost',
    seal: (purpose, text) => seal(key, purpose, text),
    unseal: (purpose, sealed) => unseal((id) => (id === key.id ? key : undefined), purpose, sealed),
  });
  const [name = ''] = cookie.forget.split('=');
  return { cookie, name };
}

type Asked = { readonly request: IncomingMessage; readonly url: URL; readonly users: Users };

export type ChooserDeps = {
  readonly cookie: ChoiceCookie;
  readonly check: CheckUser;
  readonly now: Clock;
};

export type Chosen =
  | { readonly kind: 'page'; readonly status: number; readonly page: ChooserPage }
  | { readonly kind: 'redirect'; readonly location: string; readonly cookie: string | undefined };

type ChooserPage = Extract<Page, { readonly kind: 'chooser' }>;

/** Shows the page, or takes what its forms send. Throws for a form of another site: it would sign people in as whom it likes. */
export const createChoosing =
  ({ cookie, check, now }: ChooserDeps) =>
  async ({ request, url, users }: Asked): Promise<Chosen> => {
    const { origin } = url;
    const sent = request.method === 'POST' ? await readForm(request) : url.search.slice(1);
    const params = new Map(parseParams(sent));
    const back = toOwnUrl(params.get(BACK)?.[0], origin) ?? `${origin}/`;
    params.set(BACK, [back]);
    // Nobody comes here without wanting to be somebody else.
    params.set(AGAIN, ['1']);
    const choose = createChooser({
      cookie,
      own: { base: origin, authorize: `${origin}${SIGN_IN}/nothing-waits-here` },
      page: `${origin}${SIGN_IN}`,
      listUsers: async () =>
        [...users].map(([subject, claims]) => ({ subject, name: nameOf(subject, claims), claims })),
      check,
      waiting: NOTHING_WAITS,
      now,
    });
    return toChosen(await choose(toProtocol(request, params)), back);
  };

function toChosen(response: ProtocolResponse, back: string): Chosen {
  if (response.kind === 'redirect') {
    return { kind: 'redirect', location: response.location, cookie: response.cookie };
  }
  if (response.kind !== 'page' || response.page.kind !== 'chooser') {
    throw new ProducerRefusal(400, 'open this page by itself');
  }
  // An app may send people on to another origin from where it takes them.
  return { ...response, page: { ...response.page, leadsTo: [back] } };
}

const NOTHING_WAITS = {
  find: async () => undefined,
  deny: async () => ({ kind: 'empty', status: 204 }) as const,
};

const toProtocol = (request: IncomingMessage, params: ProtocolRequest['params']) => ({
  method: request.method ?? '',
  params,
  headers: Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const),
  ),
  repeatedHeaders: [],
  identity: undefined,
  session: undefined,
  certificate: undefined,
  requestId: '',
});

const MAX_BYTES = 16 * 1024;

async function readForm(request: IncomingMessage): Promise<string> {
  assertSameSite(request.headers);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new ProducerRefusal(413, 'this is longer than any choice');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
