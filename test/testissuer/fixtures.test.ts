// The fixtures in the hands of vitest itself, and what they promise to every test runner. How a test that
// fails is reported is for test/e2e/sample-app.test.ts, which runs both runners from outside.

import { test as base, describe, expect, it } from 'vitest';
import type { TestIssuer } from '../../internal/testissuer/api.ts';
import {
  issuerFixtures as forPlaywright,
  issuerMatchers as matchersForPlaywright,
} from '../../internal/testissuer/fixtures/playwright.ts';
import {
  type IssuerFixtures,
  issuerFixtures,
  issuerMatchers,
} from '../../internal/testissuer/fixtures/vitest.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const CALLBACK = 'http://127.0.0.1:1/callback';
const WEB = {
  client_id: 'web',
  client_secret: 'what-only-the-client-knows-0123456789',
  redirect_uris: [CALLBACK],
};

const isThere = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/.well-known/openid-configuration`)).ok;

/** Where an authorization request ends: back at the client, or at the chooser of the issuer. */
async function authorize(issuer: TestIssuer): Promise<string> {
  const query = new URLSearchParams({
    client_id: 'web',
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: 'openid',
    state: 's',
  });
  const response = await fetch(`${issuer.url}/authorize?${query}`, { redirect: 'manual' });
  const location = response.headers.get('location') ?? 'a page';
  return location.startsWith(`${issuer.url}/choose?`) ? 'the chooser' : location;
}

const test = base.extend<IssuerFixtures>(
  issuerFixtures({ clients: [WEB], users: [{ sub: 'alice' }, { sub: 'bob' }] }),
);

describe('fixtures of vitest', () => {
  const urls: string[] = [];

  for (const name of ['a test', 'another']) {
    test(`give ${name} an issuer of its own`, async ({ issuer, rootIssuer }) => {
      urls.push(issuer.url);

      expect(new URL(issuer.url).origin).toBe(rootIssuer.url);
      expect(await isThere(issuer.url)).toBe(true);
      expect(issuer.clock.now()).toBeLessThan(Date.now() / 1000 + 3600);
      issuer.clock.advance('2h');
    });
  }

  test('give no test the issuer of another, and leave none behind', async ({ rootIssuer }) => {
    expect(new Set(urls).size).toBe(2);
    for (const url of urls) expect(await isThere(url)).toBe(false);
    expect(await isThere(rootIssuer.url)).toBe(true);
  });

  test('sign nobody in, unless asked to', async ({ issuer }) => {
    expect(await authorize(issuer)).toBe('the chooser');
  });

  describe('with somebody signed in', () => {
    test.override({ signedInAs: 'bob' });

    test('show no page', async ({ issuer }) => {
      expect(await authorize(issuer)).toContain(CALLBACK);
      expect(issuer.flows()).toMatchObject([{ step: 'authorize', user: 'bob' }]);
    });
  });

  describe('with other options', () => {
    test.override({ issuerOptions: { clients: [{ ...WEB, client_id: 'other' }], users: [] } });

    test('give an issuer of those', async ({ issuer }) => {
      await expect(issuer.issue({ as: 'alice', client: 'other' })).rejects.toThrow();
      await expect(issuer.issue({ client: 'web' })).rejects.toThrow(/web/);
    });
  });
});

type Attachment = { readonly name: string; readonly body: string };

/** Runs the fixtures of Playwright around a test that does `use` and ends with this status. */
async function runTest(status: string, use: (issuer: TestIssuer) => Promise<void>) {
  const attachments: Attachment[] = [];
  const info = {
    status,
    expectedStatus: 'passed',
    attach: async (name: string, { body }: { readonly body: string }) => {
      attachments.push({ name, body });
    },
  };
  const { issuer, issuerOptions, signedInAs, rootIssuer } = forPlaywright({ clients: [WEB] });
  let url = '';
  let isRootThere = true;
  await rootIssuer[0]({}, async (root) => {
    const context = {
      rootIssuer: root,
      issuerOptions: issuerOptions[0],
      signedInAs: signedInAs[0],
    };
    const using = async (one: TestIssuer): Promise<void> => {
      url = one.url;
      await use(one);
    };
    await issuer(context, using, info).catch((error: unknown) => {
      attachments.push({ name: 'thrown', body: String(error) });
    });
    isRootThere = (await isThere(root.url)) && !(await isThere(url));
  });
  return { attachments, url, isRootThere };
}

describe('fixtures of Playwright', () => {
  it('attach nothing to a test that passed', async () => {
    const { attachments } = await runTest('passed', async ({ url }) => void (await isThere(url)));

    expect(attachments).toEqual([]);
  });

  it('attach to a test that failed what its issuer was asked', async () => {
    const { attachments } = await runTest('failed', async (issuer) => {
      await isThere(issuer.url);
      await authorize(issuer);
    });

    expect(attachments.map(({ name }) => name)).toEqual(['what the issuer was asked']);
    expect(attachments[0]?.body).toMatch(/^200 discovery\n\d+ authorize by web \(.*\)$/);
    expect(attachments[0]?.body).toContain('state=[redacted]');
  });

  it('say so when that is nothing', async () => {
    const { attachments } = await runTest('timedOut', async () => {});

    expect(attachments[0]?.body).toBe('the issuer was asked for nothing');
  });

  it('end the issuer, and then the root, when whoever uses it throws', async () => {
    const { url, attachments, isRootThere } = await runTest('failed', async () => {
      throw new Error('of the test');
    });

    expect(attachments.map(({ body }) => body)).toEqual(['Error: of the test']);
    expect(isRootThere).toBe(true);
    await expect(isThere(url)).rejects.toThrow();
  });

  it('end the root when whoever uses it throws', async () => {
    let url = '';
    const { rootIssuer } = forPlaywright();

    const using = rootIssuer[0]({}, async (root) => {
      ({ url } = root);
      throw new Error('of the worker');
    });

    await expect(using).rejects.toThrow('of the worker');
    await expect(isThere(url)).rejects.toThrow();
  });
});

describe('matchers', () => {
  it('are the same for both', () => {
    expect(matchersForPlaywright).toBe(issuerMatchers);
  });

  test('tell for whom tokens were issued', async ({ issuer }) => {
    expect.extend(issuerMatchers);
    expect(issuer).not.toHaveIssued();
    issuer.signIn('alice');
    const code = new URL(await authorize(issuer)).searchParams.get('code') ?? '';
    expect(issuer).not.toHaveIssued({ sub: 'alice' });

    await fetch(`${issuer.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`web:${WEB.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK }),
    });

    expect(issuer).toHaveIssued();
    expect(issuer).toHaveIssued({ sub: 'alice', client_id: 'web' });
    expect(issuer).toHaveIssued({ sub: 'alice', grant_type: 'authorization_code' });
    expect(issuer).toHaveIssued({ sub: expect.stringMatching(/^a/) });
    expect(issuer).not.toHaveIssued({ sub: 'bob' });
    expect(issuer).not.toHaveIssued({ sub: 'alice', client_id: 'other' });
    expect(issuer).not.toHaveIssued({ sub: 'alice', grant_type: 'refresh_token' });
    expect(issuer).not.toHaveIssued({ sub: expect.stringMatching(/^b/) });
  });

  test('count no refusal as issued, and no other answer', async ({ issuer }) => {
    expect.extend(issuerMatchers);
    await isThere(issuer.url);
    expect(issuer).toHaveSeen({ step: 'discovery', status: 200 });
    expect(issuer).not.toHaveIssued();
    await fetch(`${issuer.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`web:${WEB.client_secret}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: 'made-up' }),
    });

    expect(issuer).not.toHaveIssued({ client_id: 'web' });
    expect(issuer).toHaveSeen({ step: 'token', client: 'web', status: 400 });
    expect(issuer).toHaveSeen({ step: 'token', error: expect.any(String) });
    expect(issuer).not.toHaveSeen({ step: 'token', status: 200 });
  });

  it('compare all that is wanted, and nothing else', () => {
    const step = {
      step: 'authorize',
      client: 'web',
      status: 303,
      request: { scope: 'openid', resource: ['a', 'b'] },
    } as const;
    const seen = (wanted: Parameters<typeof issuerMatchers.toHaveSeen>[1]): boolean =>
      issuerMatchers.toHaveSeen({ flows: () => [step] }, wanted).pass;

    expect(seen({})).toBe(true);
    expect(seen({ request: { scope: 'openid' } })).toBe(true);
    expect(seen({ request: { resource: ['a', 'b'] } })).toBe(true);
    expect(seen({ request: { resource: ['a'] } })).toBe(false);
    expect(seen({ request: { resource: ['b', 'a'] } })).toBe(false);
    expect(seen({ request: { scope: ['o'] } })).toBe(false);
    expect(seen({ request: { state: 's' } })).toBe(false);
    expect(seen({ request: { scope: { of: 'openid' } } })).toBe(false);
    expect(seen({ user: undefined })).toBe(true);
    expect(seen({ user: 'alice' })).toBe(false);
    expect(seen({ status: '303' })).toBe(false);
    expect(seen({ error: null })).toBe(false);
  });

  it('say what was wanted, and what there was', () => {
    const flows = () =>
      [
        {
          step: 'token',
          client: 'web',
          user: 'alice',
          status: 503,
          error: 'temporarily_unavailable',
          faults: ['token.status', 'token.slow'],
          request: { grant_type: 'refresh_token', resource: ['a', 'b'] },
        },
        { step: 'jwks', status: 200, request: {} },
      ] as const;
    const line =
      '503 token by web for alice refused: temporarily_unavailable fault: token.status fault: token.slow (grant_type=refresh_token&resource=a,b)\n200 jwks';

    const { pass, message } = issuerMatchers.toHaveIssued({ flows }, { sub: 'bob' });
    const not = issuerMatchers.toHaveSeen({ flows }, { step: 'jwks' });

    expect(pass).toBe(false);
    expect(message()).toBe(
      `expected the issuer to have issued tokens with {"sub":"bob"}\n\n${line}`,
    );
    expect(not.pass).toBe(true);
    expect(not.message()).toBe(`expected the issuer not to have seen {"step":"jwks"}\n\n${line}`);
  });
});

describe('fixtures', () => {
  it('begin with nothing when nothing is said', async () => {
    const root = await startTestIssuer();
    const { issuerOptions } = issuerFixtures();

    const issuer = await root.test(issuerOptions);

    await expect(issuer.issue({ client: 'web' })).rejects.toThrow(/web/);
    await root.stop();
  });
});
