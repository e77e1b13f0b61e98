// Which language a page is in, and how that survives what people do on it.

import { describe, expect, it } from 'vitest';
import { chooseLanguage } from '../../internal/http/pages/choose-language.ts';
import { textsIn } from '../../internal/http/pages/languages.ts';
import type { ProtocolResponse } from '../../internal/oidc/endpoint.ts';
import { OAuthError } from '../../internal/protocol/errors.ts';
import { LANGUAGES, wordsIn } from '../../internal/protocol/languages.ts';
import { HOST, startHttp, type TestHttpOptions } from '../support/http-app.ts';
import { page } from '../support/pages.ts';
import { ask } from '../support/raw-http.ts';

const chosen = (uiLocales: string | undefined, acceptLanguage?: string) =>
  chooseLanguage({ uiLocales, acceptLanguage }, 'en').language;

describe('the language that somebody reads (RFC 4647 §3.4; RFC 9110 §12.5.4)', () => {
  for (const [header, language] of [
    ['de-AT', 'de'],
    ['DE', 'de'],
    ['zh-Hans-CN', 'zh'],
    ['zh-TW, de', 'zh'],
    ['it, fr;q=0.5', 'fr'],
    ['en;q=0.1, es;q=0.9', 'es'],
    ['fr;q=0.5, es;q=0.5', 'fr'],
    ['es;q=0.500 , de ; q=0.8', 'de'],
    ['*', 'en'],
    ['*, fr;q=0.1', 'fr'],
    ['it, ja', 'en'],
    ['de;q=0', 'en'],
    ['de;q=0.000, fr;q=0.001', 'fr'],
    ['de;q=1.001, fr;q=0.1', 'fr'],
    ['de;q=2, fr', 'fr'],
    ['de;q=-1, es', 'es'],
    ['de;q=, es', 'es'],
    ['de_AT, es', 'es'],
    ['deu, german, x-de, es', 'es'],
    ['<script>, "de", fr', 'fr'],
    ['', 'en'],
    [',,,;q=1', 'en'],
    [`${'it,'.repeat(50)}de`, 'en'],
  ] as const) {
    it(`is ${language} for ${JSON.stringify(header.slice(0, 40))}`, () => {
      expect(chosen(undefined, header)).toBe(language);
    });
  }

  for (const [uiLocales, language] of [
    ['fr-CA fr en', 'fr'],
    ['it es', 'es'],
    ['it', 'de'],
    ['', 'de'],
    ['junk! <b> zh', 'zh'],
    ['fr;q=0 es', 'es'],
  ] as const) {
    it(`is ${language} for an application that says "${uiLocales}", to a browser that says de`, () => {
      expect(chosen(uiLocales, 'de')).toBe(language);
    });
  }

  it('is the one of the operator’s choice where there is no other', () => {
    expect(chooseLanguage({ uiLocales: 'it', acceptLanguage: 'ja' }, 'es')).toEqual({
      language: 'es',
      isAsked: false,
    });
  });
});

describe('words of an operator', () => {
  it('are those of the language, else of their own, else whichever there are', () => {
    expect(wordsIn('Help', 'de', 'en')).toBe('Help');
    expect(wordsIn({ en: 'Help', de: 'Hilfe' }, 'de', 'en')).toBe('Hilfe');
    expect(wordsIn({ en: 'Help', de: 'Hilfe' }, 'fr', 'de')).toBe('Hilfe');
    expect(wordsIn({ zh: '帮助' }, 'fr', 'de')).toBe('帮助');
  });
});

const CODE_PAGE = page({ kind: 'user_code', problem: undefined });

async function get(
  lines: readonly string[],
  answer: () => ProtocolResponse = () => CODE_PAGE,
  options: TestHttpOptions = {},
) {
  const respond = async () => answer();
  const { target } = await startHttp({
    ...options,
    endpoints: { device: respond, authorize: respond, consent: respond, endSession: respond },
  });
  const [first = '', ...rest] = lines;
  return ask(target, [`${first} HTTP/1.1`, HOST, ...rest]);
}

const FORM = [
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Length: 0',
  'Origin: https://op.example',
];

describe('a page in a language (OIDC Core §3.1.2.1; AZ-9)', () => {
  for (const language of LANGUAGES) {
    it(`${language}: says so, is in it, and caches know`, async () => {
      const { headers, body } = await get(['GET /device', `Accept-Language: ${language}`]);
      const { lang, dir, device } = textsIn(language);

      expect(headers['content-language']).toBe(lang);
      expect(body).toContain(`<html lang="${lang}" dir="${dir}">`);
      expect(body).toContain(device.label);
      expect(headers['vary']).toMatch(/^accept-language, x-authenticated-user/);
      expect(body).toContain('action="/device"');
    });

    it(`${language}: what was asked for is asked for again by the form, and by its error`, async () => {
      const first = await get([`GET /device?x=1&ui_locales=it+${language}`, 'Accept-Language: it']);
      expect(first.body).toContain(`action="/device?ui_locales=${language}"`);

      const refused = await get([`POST /consent?ui_locales=${language}`, ...FORM], () => {
        throw new OAuthError('invalid_request', 'no');
      });
      expect(refused.status).toBe(400);
      expect(refused.headers['vary']).toContain('accept-language');
      expect(refused.headers['content-language']).toBe(textsIn(language).lang);
    });
  }

  it('is that of the request which it is about, wherever that came from', async () => {
    const about = { ...CODE_PAGE, uiLocales: 'fr' } as ProtocolResponse;
    const { headers, body } = await get(['GET /authorize?ui_locales=de'], () => about);

    expect(headers['content-language']).toBe('fr');
    expect(body).toContain('ui_locales=fr"');
  });

  it('stays with the page that signs somebody out of several, and with what it leads to', async () => {
    const frames = { kind: 'front_channel_logout', frames: [], next: undefined } as const;
    const { body } = await get(['GET /device?ui_locales=de'], () => page(frames));

    expect(body).toContain('href="/signed_out?ui_locales=de"');
  });

  it('is what a form says that was posted by an application', async () => {
    const respond = async () => CODE_PAGE;
    const { target } = await startHttp({ endpoints: { endSession: respond } });
    const form = [...FORM.slice(0, 1), 'Content-Length: 13'];
    const { headers } = await ask(
      target,
      ['POST /end_session HTTP/1.1', HOST, ...form],
      'ui_locales=es',
    );

    expect(headers['content-language']).toBe('es');
  });

  for (const junk of ['%22%3E%3Cscript%3E', 'de%0d%0aX-Y:1', '', '%', `${'a'.repeat(3000)}`]) {
    it(`is not that of ${JSON.stringify(junk.slice(0, 20))}, which is nowhere on it`, async () => {
      const { headers, body } = await get([`GET /device?ui_locales=${junk}`], () => {
        throw new OAuthError('invalid_request', 'no');
      });

      expect(headers['content-language']).toBe('en');
      expect(body).not.toMatch(/<script|X-Y|aaaa/);
    });
  }

  it('is no reason for a redirect or JSON to be another one', async () => {
    const { target } = await startHttp();
    const { headers } = await ask(target, ['GET /authorize HTTP/1.1', HOST]);
    const document = await ask(target, ['GET /.well-known/openid-configuration HTTP/1.1', HOST]);

    expect(headers['vary']).not.toContain('accept-language');
    expect(headers['content-language']).toBeUndefined();
    expect(document.headers['vary'] ?? '').not.toContain('accept-language');
  });
});
