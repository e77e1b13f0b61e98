// The producer's own answers, as HTTP.

import type { ServerResponse } from 'node:http';
import type { DrawnPage } from '../http/pages/layout.ts';
import { ID_BYTES, type Random } from '../protocol/random.ts';
import type { StayCookie } from './cookie.ts';
import type { Users } from './end-user.ts';
import { drawChooser, drawLeft } from './pages.ts';
import type { Reply } from './product.ts';
import { toLocalUrl, toOwnUrl } from './target.ts';

export type ReplyDeps = {
  readonly cookie: StayCookie;
  readonly random: Random;
  readonly product: string;
};

export function sendReply(
  response: ServerResponse,
  reply: Reply,
  { url, users }: { readonly url: URL; readonly users: Users },
  { cookie, random, product }: ReplyDeps,
): void {
  switch (reply.kind) {
    case 'answer':
      send(response, reply.status, { ...PLAIN, ...reply.headers }, reply.body ?? '');
      return;
    case 'send':
      sendOn(response, 302, reply.url);
      return;
    case 'choose': {
      const back = toOwnUrl(reply.back, url.origin) ?? `${url.origin}/`;
      sendPage(response, 200, random, (nonce) => drawChooser({ users, product, back }, nonce));
      return;
    }
    case 'leave': {
      response.setHeader('Set-Cookie', cookie.print(undefined));
      const next = toLocalUrl(reply.next, url.origin);
      if (next === undefined) sendPage(response, 200, random, drawLeft);
      else sendOn(response, 302, next);
      return;
    }
    default:
      reply satisfies never;
  }
}

export function sendPage(
  response: ServerResponse,
  status: number,
  random: Random,
  draw: (nonce: string) => DrawnPage,
): void {
  const { body, policy } = draw(random(ID_BYTES));
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
  };
  send(response, status, headers, body);
}

export const sendOn = (response: ServerResponse, status: 302 | 303, url: string): void =>
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
