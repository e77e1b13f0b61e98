import { describe, expect, it } from 'vitest';
import { makeClient } from '../support/clients.ts';
import { createAsking, openPage } from '../support/consent.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { identify, type Query } from '../support/requests.ts';

const EVIL = 'https://evil.example/collect';
const LOGIN_URL = `https://proxy.example/start?rd=\${url}`;

/** Requests that end in an error without anybody having to do anything. */
const IMMEDIATE: ReadonlyArray<readonly [string, Query]> = [
  ['prompt=none', { prompt: 'none' }],
  ['an invalid scope', { scope: '"' }],
  ['an unsupported response_type', { response_type: 'token' }],
  ['a request object', { request: 'e30.e30.' }],
  ['an unknown response_mode', { response_mode: 'web_message' }],
];

describe('authorization endpoint: no open redirector (RFC 9700 §4.11.2; AZ-19)', () => {
  for (const [what, query] of IMMEDIATE) {
    for (const who of ['nobody', 'alice'] as const) {
      it(`sends ${who} with ${what} to a registered address or nowhere`, async () => {
        const test = createTestIssuer({ policy: { loginUrl: LOGIN_URL } });
        const identity = who === 'nobody' ? who : identify(who);
        const unregistered = await test.authorize({ ...query, redirect_uri: EVIL }, identity);
        const unknown = await test.authorize({ ...query, client_id: 'evil' }, identity);
        const honest = await test.authorize(query, identity);

        for (const { status, location, response } of [unregistered, unknown]) {
          expect({ status, location }).toEqual({ status: 400, location: undefined });
          expect(JSON.stringify(response)).not.toContain('evil.example');
        }
        expect(honest.location?.startsWith('https://rp.example/callback?')).toBe(true);
      });
    }
  }

  it('sends nobody to sign in for a client or an address that is not registered', async () => {
    const test = createTestIssuer({ policy: { loginUrl: LOGIN_URL } });
    const attack = await test.authorize({ redirect_uri: EVIL }, 'nobody');
    const honest = await test.authorize({}, 'nobody');

    expect(attack).toMatchObject({ status: 400, location: undefined });
    expect(honest.location).toMatch(/^https:\/\/proxy\.example\/start\?rd=/);
    expect(test.weather.calls).toEqual([]);
  });

  it('shows a page to a client that was removed while its End-User signed in', async () => {
    const test = createTestIssuer({
      policy: { loginUrl: LOGIN_URL },
      clients: [makeClient('gone')],
    });
    const query = { client_id: 'gone' };
    const { location } = await test.authorize(query, 'nobody', { method: 'POST' });
    const back = new URL(new URL(location ?? '').searchParams.get('rd') ?? '');
    test.clients.delete('gone');
    const resume = { asteroid_resume: back.searchParams.get('asteroid_resume') ?? undefined };
    const answer = await test.authorize({ ...resume, ...query });

    expect(back.href.startsWith(ISSUER)).toBe(true);
    expect(resume.asteroid_resume).toBeDefined();
    expect(answer).toMatchObject({ status: 400, location: undefined });
  });
});

describe('pages that wait for an answer: whose they are (OIDC Core §3.1.2.3, RFC 9700 §4.7; AZ-20)', () => {
  it('have a handle with 256 bits that nobody can guess, another one every time', async () => {
    const test = createAsking();
    const handles = await Promise.all(Array.from({ length: 50 }, () => openPage(test)));
    const secrets = handles.map((handle) => handle.split('.')[1] ?? '');

    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) {
      expect(Buffer.from(secret, 'base64url').length).toBeGreaterThanOrEqual(32);
    }
  });

  it('are answered by the End-User they were shown to, whoever holds the handle', async () => {
    const test = createAsking();
    const handle = await openPage(test);
    const answer = { handle, decision: 'allow' };
    for (const stranger of [identify('bob'), 'nobody'] as const) {
      const { status, params } = await test.consent(answer, stranger);

      expect(status).toBeGreaterThanOrEqual(400);
      expect(params.has('code')).toBe(false);
    }

    expect((await test.consent(answer)).params.has('code')).toBe(true);
  });

  it('do not open with a handle of their id and another secret', async () => {
    const test = createAsking();
    const [first, second] = [await openPage(test), await openPage(test)];
    const crossed = `${first.split('.')[0]}.${second.split('.')[1]}`;

    expect((await test.consent({ handle: crossed, decision: 'allow' })).status).toBe(403);
    expect((await test.consent({ handle: first, decision: 'allow' })).params.has('code')).toBe(
      true,
    );
  });
});
