// The producer's own answers, as HTTP.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ChoiceCookie } from '../chooser/choice.ts';
import { PLAIN as UNBRANDED } from '../http/pages/brand.ts';
import { chooseLanguage } from '../http/pages/choose-language.ts';
import { drawChooserPage } from '../http/pages/chooser.ts';
import { textsIn } from '../http/pages/languages.ts';
import type { DrawnPage } from '../http/pages/layout.ts';
import type { Setting } from '../http/pages/setting.ts';
import type { Language } from '../protocol/languages.ts';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import type { Chosen } from './chooser.ts';
import { BACK, SIGN_IN } from './doors.ts';
import { drawLeft } from './pages.ts';
import type { Reply } from './product.ts';
import { toLocalUrl } from './target.ts';

export type ReplyDeps = { readonly cookie: ChoiceCookie; readonly random: Random };

/** @param url of the request. */
export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  url: URL,
  { cookie, random }: ReplyDeps,
): void {
  switch (reply.kind) {
    case 'answer':
      send(response, reply.status, { ...PLAIN, ...reply.headers }, reply.body ?? '');
      return;
    case 'choose': {
      const query =
        reply.back === undefined ? '' : `?${new URLSearchParams({ [BACK]: reply.back })}`;
      sendOn(response, 302, url.origin + SIGN_IN + query);
      return;
    }
    case 'leave': {
      response.setHeader('Set-Cookie', cookie.forget);
      const next = toLocalUrl(reply.next, url.origin);
      if (next === undefined) sendPage(response, 200, toSetting(request, random), drawLeft);
      else sendOn(response, 302, next);
      return;
    }
    default:
      reply satisfies never;
  }
}

export function sendChosen(
  request: IncomingMessage,
  response: ServerResponse,
  chosen: Chosen,
  random: Random,
): void {
  if (chosen.kind === 'redirect') {
    if (chosen.cookie !== undefined) response.setHeader('Set-Cookie', chosen.cookie);
    sendOn(response, 303, chosen.location);
    return;
  }
  const setting = toSetting(request, random);
  sendPage(response, chosen.status, setting, (own) => drawChooserPage(chosen.page, own));
}

/** In the language of whoever asks. */
export function toSetting({ headers }: IncomingMessage, random: Random): Setting {
  const wishes = { uiLocales: undefined, acceptLanguage: headers['accept-language'] };
  return settingIn(chooseLanguage(wishes, 'en').language, random);
}

const settingIn = (language: Language, random: Random): Setting => ({
  nonce: random(ID_BYTES),
  language,
  texts: textsIn(language),
  brand: UNBRANDED,
  host: 'localhost',
  action: () => SIGN_IN,
});

export function sendPage(
  response: ServerResponse,
  status: number,
  setting: Setting,
  draw: (setting: Setting) => DrawnPage,
): void {
  const { body, policy } = draw(setting);
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
  };
  send(response, status, headers, body);
}

const sendOn = (response: ServerResponse, status: 302 | 303, url: string): void =>
  send(response, status, { Location: url }, '');

export const sendText = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, PLAIN, `${text}\n`);

const PLAIN = { 'Content-Type': 'text/plain; charset=utf-8' };

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  for (const [name, value] of Object.entries({ ...OF_ALL, ...headers })) {
    response.setHeader(name, value);
  }
  response.statusCode = status; // not writeHead: with the body at hand, Node says how long it is
  response.end(body);
}

const OF_ALL = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};
