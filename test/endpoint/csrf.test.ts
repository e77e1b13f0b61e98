import { describe, expect, it } from 'vitest';
import type { ProtocolRequest } from '../../internal/oidc/endpoint.ts';
import type { Identity } from '../../internal/protocol/identity.ts';
import { openBrowser } from '../support/browser.ts';
import { makeClient } from '../support/clients.ts';
import { withDevices } from '../support/device-flow.ts';
import { createTestIssuer, type TestIssuer } from '../support/issuer.ts';
import {
  type Answer,
  identify,
  makeRequest,
  type Query,
  settle,
  toParams,
} from '../support/requests.ts';

const alice = identify('alice');
const bob = identify('bob');

/** A form of ours that waits for alice. */
type Waiting = {
  readonly handle: string;
  /** What the honest button says. */
  readonly yes: Query;
  /** Whether it has done what it is for. */
  readonly isDone: () => Promise<boolean>;
  /** Of the browser that shows it. */
  readonly session?: string | undefined;
};

type Form = {
  readonly endpoint: 'consent' | 'account' | 'device' | 'signOut' | 'review';
  readonly open: (test: TestIssuer) => Promise<Waiting>;
};

const handleOf = ({ page }: Answer): string => {
  if (page === undefined || !('handle' in page)) throw new Error(`no form: ${page?.kind}`);
  return page.handle;
};

/** Who is signed in to for something to end. */
const ENDED = 'ended';

/** How often a form made a grant. */
const countGrants = ({ events }: TestIssuer): number =>
  events.filter((event) => event.type === 'authorization.granted' && event.clientId !== ENDED)
    .length;

/** A form that makes a grant has done it when there is one more than before. */
function waitingForGrant(test: TestIssuer, handle: string, yes: Query): Waiting {
  const before = countGrants(test);
  return { handle, yes, isDone: async () => countGrants(test) > before };
}

/** A form that ends something has done it when alice's tokens are of no use any more. */
async function waitingForEnd(
  test: TestIssuer,
  open: (browser: ReturnType<typeof openBrowser>) => Promise<string>,
  yes: Query,
): Promise<Waiting> {
  const browser = openBrowser(test);
  const { access_token } = await browser.signIn({ client_id: ENDED, scope: 'openid' });
  const handle = await open(browser);
  const { session } = browser;
  return {
    handle,
    yes,
    session,
    isDone: async () => (await test.userinfo(access_token)).status === 401,
  };
}

const FORMS: readonly Form[] = [
  {
    endpoint: 'consent',
    open: async (test) =>
      waitingForGrant(test, handleOf(await test.authorize({ client_id: 'once' })), {
        decision: 'allow',
      }),
  },
  {
    endpoint: 'account',
    open: async (test) =>
      waitingForGrant(test, handleOf(await test.authorize({ prompt: 'select_account' })), {
        decision: 'continue',
      }),
  },
  {
    endpoint: 'device',
    async open(test) {
      const { start, handleOf: open } = withDevices(test);
      const handle = await open((await start()).user_code);
      return waitingForGrant(test, handle, { decision: 'allow' });
    },
  },
  {
    endpoint: 'signOut',
    open: (test) =>
      waitingForEnd(test, async (browser) => handleOf(await browser.endSession()), {
        decision: 'sign_out',
      }),
  },
  {
    endpoint: 'review',
    open: (test) =>
      waitingForEnd(test, async (browser) => handleOf(await browser.review({ all: '1' })), {
        decision: 'end',
      }),
  },
];

const create = (): TestIssuer =>
  createTestIssuer({
    policy: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder of the configuration
      reauthenticateUrl: 'https://proxy.example/again?rd=${url}',
    },
    clients: [makeClient('once', { consent: 'once' }), makeClient(ENDED)],
  });

describe.each(FORMS)('the form of $endpoint', ({ endpoint, open }) => {
  const send = (
    { issuer }: TestIssuer,
    form: Query,
    identity: Identity | undefined = alice,
    more: Partial<ProtocolRequest> = {},
  ): Promise<Answer> => {
    const answering = issuer[endpoint];
    if (answering === undefined) throw new Error(`no ${endpoint}`);
    return settle(answering(makeRequest({ params: toParams(form), identity, ...more })));
  };

  /** What no handle is an answer to: the page of devices asks for a code instead. */
  const isRefused = ({ status, location, page }: Answer): boolean =>
    location === undefined &&
    (status >= 400 || (endpoint === 'device' && page?.kind === 'user_code'));

  it('is taken once from whoever was shown it, with its handle (CO-1)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);

    const { status } = await send(test, { handle, ...yes }, alice, { session });

    expect(status).toBeLessThan(400);
    expect(await isDone()).toBe(true);
  });

  it('is 403 and does nothing without a handle, or with one that is none of it (CO-1)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);
    const elsewhere = await open(create());
    const others = await Promise.all(
      FORMS.filter((other) => other.endpoint !== endpoint).map((other) => other.open(test)),
    );
    const last = handle.endsWith('A') ? 'B' : 'A';
    const handles = [
      undefined,
      '',
      'x',
      handle.slice(0, -1),
      `${handle}A`,
      `${handle.slice(0, -12)}${last.repeat(12)}`,
      elsewhere.handle,
      ...others.map((other) => other.handle),
    ];

    for (const wrong of handles) {
      const answer = await send(test, { handle: wrong, ...yes }, alice, { session });
      expect([wrong === handle, isRefused(answer)]).toEqual([false, true]);
      if (answer.page === undefined) expect(answer.status).toBe(403);
    }
    expect(await isDone()).toBe(false);
    await send(test, { handle, ...yes }, alice, { session });
    expect(await isDone()).toBe(true);
  });

  it('is 403 for anybody but whoever was shown it, also after somebody else signed in (CO-1, CO-6)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);

    const { status, location } = await send(test, { handle, ...yes }, bob, { session });

    expect([status, location]).toEqual([403, undefined]);
    expect(await isDone()).toBe(false);
    await send(test, { handle, ...yes }, alice, { session });
    expect(await isDone()).toBe(true);
  });

  it('is no answer without a decision, with two, with a list, or with another word (CO-7)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);
    const word = String(yes['decision']);

    for (const form of [
      {},
      { handle },
      { handle, decision: '' },
      { handle, 'decision[]': word },
      { handle, decision: [word, word] },
      { handle, decision: ['deny', word] },
      { handle, decision: word.toUpperCase() },
      { handle, decision: 'yes' },
      { handle: [handle, handle], ...yes },
    ]) {
      expect(isRefused(await send(test, form, alice, { session }))).toBe(true);
    }
    expect(await isDone()).toBe(false);
    await send(test, { handle, ...yes }, alice, { session });
    expect(await isDone()).toBe(true);
  });

  it('comes too late after ten minutes (CO-6)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);
    test.clock.advance(600);

    const { status, location } = await send(test, { handle, ...yes }, alice, { session });

    expect([status, location]).toEqual([403, undefined]);
    expect(await isDone()).toBe(false);
  });

  it('does what it is for once, however often and in parallel it is sent (CO-6)', async () => {
    const test = create();
    const { handle, yes, isDone, session } = await open(test);
    const grants = countGrants(test);
    const ended = () =>
      new Set(
        test.events.flatMap((event) =>
          event.type === 'authorization.ended' ? event.authorizationId : [],
        ),
      ).size;
    const before = ended();

    await Promise.all(
      Array.from({ length: 10 }, () => send(test, { handle, ...yes }, alice, { session })),
    );
    await send(test, { handle, ...yes }, alice, { session });

    expect(await isDone()).toBe(true);
    expect(countGrants(test) - grants + ended() - before).toBe(1);
  });

  it('and nothing that came after it, when it is sent once more (CO-6)', async () => {
    const test = create();
    const { handle, yes, session } = await open(test);
    await send(test, { handle, ...yes }, alice, { session });
    const grants = countGrants(test);
    const later = await openBrowser(test).signIn();

    await send(test, { handle, ...yes }, alice, { session });

    expect((await test.userinfo(later.access_token)).status).toBe(200);
    expect(countGrants(test)).toBe(grants + 1);
  });
});

describe('two tabs (CO-6)', () => {
  it('of one request: the first answer counts, and the other is none', async () => {
    const test = create();
    for (const [first, second] of [
      ['allow', 'deny'],
      ['deny', 'allow'],
    ]) {
      const handle = handleOf(await test.authorize({ client_id: 'once', prompt: 'consent' }));

      const answer = await test.consent({ handle, decision: first });
      const late = await test.consent({ handle, decision: second });

      expect(answer.params.get('error')).toBe(first === 'deny' ? 'access_denied' : null);
      expect([late.status, late.location]).toEqual([403, undefined]);
    }
    expect(countGrants(test)).toBe(1);
  });

  it('of two requests: each has its own answer', async () => {
    const test = create();
    const ask = async (state: string) =>
      handleOf(await test.authorize({ client_id: 'once', prompt: 'consent', state }));
    const [one, two] = [await ask('one'), await ask('two')];

    const [denied, allowed] = await Promise.all([
      test.consent({ handle: one, decision: 'deny' }),
      test.consent({ handle: two, decision: 'allow' }),
    ]);

    expect(Object.fromEntries(denied.params)).toMatchObject({
      error: 'access_denied',
      state: 'one',
    });
    expect([allowed.params.get('state'), allowed.params.has('code')]).toEqual(['two', true]);
    expect(countGrants(test)).toBe(1);
  });
});

describe('looking (CO-7, DA-3)', () => {
  it('at a page of devices or of what was granted decides nothing, whatever the address says', async () => {
    const test = create();
    const { start, handleOf: open } = withDevices(test);
    const { user_code } = await start();
    const browser = openBrowser(test);
    const { access_token } = await browser.signIn();
    const grants = countGrants(test);
    const device = await open(user_code);
    const review = handleOf(await browser.review({ all: '1' }));

    for (const [endpoint, handle, decision] of [
      [test.issuer.device, device, 'allow'],
      [test.issuer.review, review, 'end'],
    ] as const) {
      const params = toParams({ handle, decision });
      await endpoint?.(makeRequest({ method: 'GET', params, identity: alice }));
    }

    expect(countGrants(test)).toBe(grants);
    expect((await test.userinfo(access_token)).status).toBe(200);
  });

  it('inside of another page is refused, and fetching ahead does nothing', async () => {
    const test = create();
    const { review } = test.issuer;
    const look = (headers: Record<string, string>) =>
      settle(review(makeRequest({ method: 'GET', identity: alice, headers })));

    for (const destination of ['iframe', 'image', 'empty', 'embed']) {
      expect(await look({ 'sec-fetch-dest': destination })).toMatchObject({
        json: { reason: 'not_a_navigation' },
      });
    }
    expect((await look({ 'sec-purpose': 'prefetch' })).status).toBe(503);
    expect((await look({ 'sec-fetch-dest': 'document' })).page?.kind).toBe('review');
  });
});

describe('the notice after a button', () => {
  it('is nothing that somebody else could write, keep or pass on', async () => {
    const test = create();
    const browser = openBrowser(test);
    await browser.signIn();
    const handle = handleOf(await browser.review({ all: '1' }));
    const { location = '' } = await browser.review({}, { handle, decision: 'end' });
    const done = new URL(location).searchParams.get('done') ?? '';
    const noticed = async (text: string, by = browser) => {
      const { page } = await by.review({ done: text });
      return page?.kind === 'review' ? page.notice : page?.kind;
    };

    expect(await noticed(done)).toEqual({ kind: 'everything' });
    for (const wrong of ['everything', `${done}A`, done.slice(1), handle]) {
      expect(await noticed(wrong)).toBeUndefined();
    }
    expect(await noticed(done, openBrowser(test, bob))).toBeUndefined();
    test.clock.advance(300);
    expect(await noticed(done)).toBeUndefined();
  });
});
