// What an endpoint answered, as status, headers and text: everything but the headers that all answers
// share. Pure but for the nonces of pages; throws on what must not be sent.

import type { JsonResponse, ProtocolResponse, SessionChange } from '../oidc/endpoint.ts';
import { PAGE_PATHS } from '../oidc/paths.ts';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import { createSessionCookie } from './cookies.ts';
import { type Chosen, UI_LOCALES } from './pages/choose-language.ts';
import { drawAnyPage } from './pages/draw.ts';
import { drawFormPost } from './pages/form-post.ts';
import { textsIn } from './pages/languages.ts';
import type { DrawnPage } from './pages/layout.ts';
import type { Setting } from './pages/setting.ts';
import { pathPrefix } from './routes.ts';

export type Answer = {
  readonly status: number;
  /** Names and values in turn: the form that `writeHead` takes fastest. */
  readonly headers: readonly string[];
  readonly body: string;
};

/** @param choose asked for the language only where something is to be read. */
export type ToAnswer = (response: ProtocolResponse, choose: ChooseLanguage) => Answer;

/** @param uiLocales those of the request that a page is about, where it knows any. */
export type ChooseLanguage = (uiLocales: string | undefined) => Chosen;

const JSON_TYPE: readonly string[] = ['Content-Type', 'application/json'];

const PAGE_HEADERS: readonly string[] = [
  'Content-Type',
  'text/html; charset=utf-8',
  'X-Frame-Options',
  'DENY',
  'Cross-Origin-Opener-Policy',
  'unsafe-none', // a page in a popup keeps its opener: relying parties sign in that way
  'Cross-Origin-Resource-Policy',
  'same-origin',
  'Permissions-Policy',
  'camera=(), geolocation=(), microphone=(), payment=()',
];

export type AnswerUrls = {
  /** Names the issuer in challenges. */
  readonly issuerUrl: string;
  /** Where browsers find our pages, and send their forms. */
  readonly pagesUrl: string;
};

/** Remembers the text of documents that do not change, by identity. */
export function createToAnswer({ issuerUrl, pagesUrl }: AnswerUrls, random: Random): ToAnswer {
  const prefix = pathPrefix(pagesUrl);
  const realm = toRealm(issuerUrl);
  const cookie = createSessionCookie(issuerUrl);
  const printed = new WeakMap<object, string>();

  const printJson = ({ body, maxAge }: JsonResponse): string => {
    if (maxAge === undefined) return JSON.stringify(body);
    const text = printed.get(body) ?? JSON.stringify(body);
    printed.set(body, text);
    return text;
  };

  const setCookie = (session: SessionChange | undefined): readonly string[] =>
    session === undefined ? [] : ['Set-Cookie', cookie.print(session)];

  const page = (
    status: number,
    draw: (setting: Setting) => DrawnPage,
    chosen: Chosen,
    session: SessionChange | undefined,
  ): Answer => {
    const setting = toSetting(chosen, prefix, random);
    const { body, policy } = draw(setting);
    const language = ['Content-Language', setting.texts.lang];
    const cookies = setCookie(session);
    const headers = [...PAGE_HEADERS, ...language, 'Content-Security-Policy', policy, ...cookies];
    // A scheme of our own: at any registered one a browser would ask for a password.
    if (status === 401) headers.push('WWW-Authenticate', `Upstream ${realm}`);
    return { status, headers, body };
  };

  return (response, choose) => {
    switch (response.kind) {
      case 'json':
        return {
          status: response.status,
          headers: withHeaders(JSON_TYPE, response.headers),
          body: printJson(response),
        };
      case 'jwt':
        return {
          status: 200,
          headers: withHeaders(['Content-Type', response.mediaType], response.headers),
          body: response.body,
        };
      case 'redirect':
        // 303 and not 307, which would post the form on to the client (RFC 9700 §4.12).
        return {
          status: 303,
          headers: redirect(response, setCookie(response.session)),
          body: '',
        };
      case 'form_post':
        return page(
          200,
          (setting) => drawFormPost(response, setting),
          choose(undefined),
          response.session,
        );
      case 'page':
        return page(
          response.status,
          (setting) => drawAnyPage(response.page, setting),
          choose(response.uiLocales),
          response.session,
        );
      case 'empty':
        return { status: response.status, headers: [], body: '' };
      default:
        return response satisfies never;
    }
  };
}

// A language that was asked for is asked for again by what leads on: in its query, which no endpoint reads
// beside a form, and which an error has as well.
const toSetting = ({ language, isAsked }: Chosen, prefix: string, random: Random): Setting => ({
  nonce: random(ID_BYTES),
  texts: textsIn(language),
  action: (page) => `${prefix}${PAGE_PATHS[page]}${isAsked ? `?${UI_LOCALES}=${language}` : ''}`,
});

const redirect = (
  { location, cookie }: Extract<ProtocolResponse, { kind: 'redirect' }>,
  session: readonly string[],
): readonly string[] => {
  const headers = ['Location', checkLocation(location), ...session];
  return cookie === undefined ? headers : [...headers, 'Set-Cookie', cookie];
};

/** The `realm` parameter of a challenge (RFC 9110 §11.5). */
export const toRealm = (issuerUrl: string): string => `realm="${issuerUrl.replace(/["\\]/g, '')}"`;

const withHeaders = (
  headers: readonly string[],
  more: JsonResponse['headers'],
): readonly string[] =>
  more === undefined ? headers : [...headers, ...Object.entries(more).flat()];

/** Throws unless each byte of the text is a character of a URI: others could end the header. */
function checkLocation(location: string): string {
  if (!/^[\x21-\x7e]+$/.test(location)) throw new Error('a redirect location is not a URI');
  return location;
}
