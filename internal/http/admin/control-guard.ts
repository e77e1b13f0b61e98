// Who may drive a test issuer: programs that know its token, and no page of any browser.

import { hash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { readHeaders } from '../exchange.ts';
import { type Suspicion, suspectPage } from './guard.ts';
import { refuse } from './refuse.ts';

const SUSPECTED: { readonly [error in Suspicion['error']]: string } = {
  host_foreign: 'the Host has to be localhost or an address: names could be pointed here by others',
  cross_site: 'pages of a browser may not ask; leave out the Origin header',
};

/** Also of a browser that would know the token: whoever sees its page would sign in as anybody. */
export const pagesKeptOut: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store');
  const suspicion = suspectPage(readHeaders(request.rawHeaders));
  if (suspicion === undefined) next();
  else refuse(response, suspicion.status, suspicion.error, SUSPECTED[suspicion.error]);
};

const TOKEN_HINT =
  'send the token that asteroid dev told at its start, as Authorization: Bearer TOKEN';

const digest = (text: string): Buffer => hash('sha256', Buffer.from(text, 'latin1'), 'buffer');

/** Digests are compared: how long the comparison takes tells nothing about the token (RFC 6750 §2.1). */
export function bearerOnly(token: string): RequestHandler {
  const expected = digest(token);
  return (request, response, next) => {
    const { authorization } = readHeaders(request.rawHeaders).headers;
    const [, presented] = /^bearer +([!-~]+)$/i.exec(authorization ?? '') ?? [];
    if (presented !== undefined && timingSafeEqual(digest(presented), expected)) {
      next();
      return;
    }
    // Nobody who sent none is told that it was wrong (RFC 6750 §3.1).
    const wrong = authorization === undefined ? '' : ', error="invalid_token"';
    response.set('WWW-Authenticate', `Bearer realm="asteroid dev"${wrong}`);
    refuse(response, 401, 'invalid_token', TOKEN_HINT);
  };
}
