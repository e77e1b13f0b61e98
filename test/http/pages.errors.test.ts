// What people read when something does not work: by reason, in every language, and never by what was sent.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeError, type ErrorKind, REASONS } from '../../internal/http/pages/error-kinds.ts';
import { type Html, printHtml } from '../../internal/http/pages/html.ts';
import { textsIn } from '../../internal/http/pages/languages.ts';
import { accessDenied, loginRequired, OAuthError } from '../../internal/protocol/errors.ts';
import { LANGUAGES } from '../../internal/protocol/languages.ts';
import { HOST, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { ask } from '../support/raw-http.ts';

const DOCS = readFileSync(path.join(import.meta.dirname, '../../docs/errors.md'), 'utf8');

const EXPECTED: readonly (readonly [
  code: string,
  reason: string | undefined,
  kind: ErrorKind,
  who: string,
])[] = [
  ['invalid_request', 'handle_unknown', 'over', 'you'],
  ['invalid_request_uri', 'request_uri_expired', 'over', 'you'],
  ['access_denied', 'another_subject', 'somebody_else', 'you'],
  ['login_required', undefined, 'nobody', 'you'],
  ['access_denied', 'no_identity', 'nobody', 'you'],
  ['login_required', 'auth_time_too_old', 'sign_in_again', 'you'],
  ['access_denied', 'subject_not_allowed', 'not_allowed', 'operator'],
  ['access_denied', undefined, 'not_allowed', 'operator'],
  ['invalid_request', 'unknown_client', 'unknown_application', 'application'],
  ['invalid_request', 'redirect_uri_mismatch', 'wrong_address', 'application'],
  ['invalid_request', 'parameter_missing', 'bad_request', 'application'],
  ['something_new', 'something_new', 'bad_request', 'application'],
  ['access_denied', 'cross_site', 'other_site', 'you'],
  ['invalid_request', 'not_a_navigation', 'embedded', 'application'],
  ['not_found', 'path_unknown', 'no_entrance', 'you'],
  ['method_not_allowed', 'method_not_allowed', 'no_entrance', 'you'],
  ['access_denied', 'untrusted_peer', 'setup', 'operator'],
  ['invalid_request', 'duplicate_header', 'setup', 'operator'],
  ['temporarily_unavailable', 'store_unavailable', 'busy', 'you'],
  ['server_error', 'unexpected', 'fault', 'operator'],
];

describe('what a refusal is for the person who sees it', () => {
  it.each(EXPECTED)('%s, %s is %s, for %s to do something about', (code, reason, kind, who) => {
    expect(describeError(code, reason)).toEqual({ kind, who });
  });

  it('is every kind that there are words for', () => {
    const kinds = new Set(EXPECTED.map(([, , kind]) => kind));

    expect([...kinds].sort()).toEqual(Object.keys(textsIn('en').error.kinds).sort());
  });

  it('is decided by reasons that there are', () => {
    for (const reason of REASONS) expect(DOCS).toContain(`| \`${reason}\` |`);
    expect(REASONS.length).toBeGreaterThan(20);
  });
});

async function refuse(thrown: () => unknown, language: string, options: TestHttpOptions = {}) {
  const { target, logText } = await startHttp({
    endpoints: {
      authorize: async () => {
        throw thrown();
      },
    },
    ...options,
  });
  const query = `ui_locales=${language}&client_id=%3Cscript%3Eevil`;
  const answer = await ask(target, [`GET /authorize?${query} HTTP/1.1`, HOST]);
  return { ...answer, logText };
}

const unknownClient = () =>
  new OAuthError('invalid_request', 'the client is unknown', { reason: 'unknown_client' });

describe('the page of an error', () => {
  for (const language of LANGUAGES) {
    it(`${language}: says what happened, what to do, and what finds it in the log`, async () => {
      const { body, headers, logText } = await refuse(unknownClient, language);
      const { error } = textsIn(language);
      const { heading, happened, todo } = error.kinds.unknown_application;
      const requestId = headers['x-request-id'] ?? 'none';

      for (const text of [heading, happened, todo, error.tell.application, error.details]) {
        expect(body).toContain(text);
      }
      expect(body).toContain(`<title>${heading} · op.example</title>`);
      expect(body).toContain(`<code>${requestId}</code>`);
      expect(logText()).toContain(requestId);
      expect(body).toContain('<code>invalid_request</code> the client is unknown');
      expect(body).not.toMatch(/evil|unknown_client/);
    });

    it(`${language}: tells no two mistakes alike`, () => {
      const { kinds } = textsIn(language).error;
      const headings = Object.values(kinds).map(({ heading }) => heading);

      expect(new Set(headings).size).toBe(headings.length);
    });
  }

  it('says what the person may not do, and to whom to turn', async () => {
    const { body } = await refuse(() => accessDenied({ reason: 'subject_not_allowed' }), 'en');

    expect(body).toContain('You have no access');
    expect(body).not.toContain('subject_not_allowed');
  });

  it('tells who signed in too long ago from who did not sign in', async () => {
    const old = await refuse(() => loginRequired({ reason: 'auth_time_too_old' }), 'en');
    const nobody = await refuse(() => loginRequired(), 'en');

    expect(old.body).toContain('You have to sign in again');
    expect(nobody.body).toContain('You are not signed in');
  });

  it('says nothing of what went wrong inside', async () => {
    const { body } = await refuse(() => new Error('secret of ours'), 'de');

    expect(body).toContain('Hier ist etwas schiefgegangen');
    expect(body).not.toContain('secret of ours');
  });
});

const isHtml = (value: unknown): value is Html =>
  typeof value === 'object' && value !== null && Object.getOwnPropertySymbols(value).length > 0;

/** Every text of a language, by its path. */
function textsOf(value: unknown, at = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[at, value]];
  if (typeof value === 'function') return textsOf(value('A', 'B'), at);
  if (isHtml(value)) return [[at, printHtml(value)]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => textsOf(member, `${at}.${key}`));
}

describe('languages', () => {
  const paths = (language: (typeof LANGUAGES)[number]) =>
    textsOf(textsIn(language)).map(([at]) => at);

  for (const language of LANGUAGES) {
    it(`${language}: has every text, and leaves no sentence as it is in English`, () => {
      const english = new Map(textsOf(textsIn('en')));
      const sentences = textsOf(textsIn(language)).filter(([, text]) => text.includes(' '));
      const same = sentences.filter(([at, text]) => english.get(at) === text);

      expect(paths(language)).toEqual(paths('en'));
      expect(language === 'en' ? [] : same).toEqual([]);
      for (const [at, text] of textsOf(textsIn(language)))
        expect([at, text.trim()]).toEqual([at, text]);
    });
  }

  it('put a space that does not break where French wants one', () => {
    for (const [at, text] of textsOf(textsIn('fr'))) {
      expect([at, text]).not.toEqual([at, expect.stringMatching(/ [:;?!](?!\/)/)]);
    }
  });
});
