// The door of the Admin API: who asks, and on whose behalf it is on record. Pages of browsers are kept out
// before anybody is asked who they are.

import type { Request, RequestHandler } from 'express';
import type { Caller, Presented, Recognise, Recognition } from '../../admin/caller.ts';
import type { Audit } from '../../audit/events.ts';
import { ID_BYTES, type Random } from '../../protocol/random.ts';
import type { Underway } from '../../telemetry/underway.ts';
import { readHeaders } from '../exchange.ts';
import { repeatsSingle } from '../message.ts';
import { hasAdminHeader, suspectPage } from './guard.ts';
import { refuse } from './refuse.ts';
import type { FindSans } from './sans.ts';

export type DoorTerms = {
  readonly recognise: Recognise;
  readonly findSans: FindSans;
  /** Names that it may be called by, beside addresses. */
  readonly hosts: () => readonly string[];
  readonly audit: Audit;
  /** Where requests of operators come from: what they change is on record with it. */
  readonly calls: Pick<Underway, 'begin' | 'end'>;
  readonly random: Random;
};

type Known = { readonly caller: Caller; readonly requestId: string };

export type Door = {
  /** In this order; whoever they do not let pass is told nothing of what there is. */
  readonly guards: readonly RequestHandler[];
  /** Of a request that they let pass. */
  readonly whoAsks: (request: Request) => Known;
};

export function createDoor(terms: DoorTerms): Door {
  const known = new WeakMap<Request, Known>();
  return {
    guards: [unkept, pagesKeptOut(terms), plain, callersOnly(known, terms)],
    whoAsks(request) {
      const found = known.get(request);
      if (found === undefined) throw new Error('nobody was asked who they are');
      return found;
    },
  };
}

const unkept: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

const SUSPECTED = {
  host_foreign:
    'the Host has to be localhost, an address, or one of admin.hosts: names could be pointed here by others',
  cross_site: 'pages of a browser may not ask; leave out the Origin header',
} as const;

const pagesKeptOut =
  ({ hosts }: DoorTerms): RequestHandler =>
  (request, response, next) => {
    const suspicion = suspectPage(readHeaders(request.rawHeaders), hosts());
    if (suspicion === undefined) next();
    else refuse(response, suspicion.status, suspicion.error, SUSPECTED[suspicion.error]);
  };

/** What one reader would read one way, and another another, is nobody's order. */
const plain: RequestHandler = (request, response, next) => {
  const { headers, repeatedHeaders } = readHeaders(request.rawHeaders);
  const description =
    repeatsSingle(repeatedHeaders) || repeatedHeaders.includes('if-match')
      ? 'a header that may be sent once was sent twice'
      : !isSafe(request) && 'if-none-match' in headers
        ? 'nobody looks at If-None-Match here; leave it out'
        : undefined;
  if (description === undefined) next();
  else refuse(response, 400, 'invalid_request', description);
};

const NO_CREDENTIAL =
  'send a token of admin.tokens as Authorization: Bearer TOKEN, or show a certificate of admin.certificates';

/** Whoever is not known is told nothing of what there is. */
function callersOnly(
  known: WeakMap<Request, Known>,
  { recognise, findSans, audit, calls, random }: DoorTerms,
): RequestHandler {
  return async (request, response, next) => {
    const requestId = random(ID_BYTES);
    const fields = readHeaders(request.rawHeaders);
    const { authorization } = fields.headers;
    const presented = readPresented(authorization, request, findSans);
    const found = await recognise(presented);
    const peer = request.socket.remoteAddress;
    const deny = (error: string, reason: string, actor: string | undefined) =>
      audit({ type: 'admin.refused', error, reason, actor, peer, requestId });
    if (found.kind !== 'known') {
      deny('invalid_token', reasonOf(found), undefined);
      const wrong = authorization === undefined ? '' : ', error="invalid_token"';
      response.set('WWW-Authenticate', `Bearer realm="asteroid admin"${wrong}`);
      refuse(response, 401, 'invalid_token', NO_CREDENTIAL);
      return;
    }
    const { caller } = found;
    // A browser shows its certificate for any page, and no page can say this without asking first.
    if (presented.token === undefined && !isSafe(request) && !hasAdminHeader(fields)) {
      deny('cross_site', 'admin_header_missing', caller.name);
      refuse(
        response,
        403,
        'cross_site',
        'with a certificate, changes need the header X-Asteroid-Admin: 1',
      );
      return;
    }
    known.set(request, { caller, requestId });
    calls.begin(requestId, { peer, traceId: undefined });
    response.once('close', () => calls.end(requestId));
    response.once('finish', () => {
      if (response.statusCode === 403)
        deny('insufficient_role', 'admin_role_insufficient', caller.name);
    });
    next();
  };
}

/** Whatever else stands in the header is no credential, and no certificate makes up for it. */
function readPresented(
  authorization: string | undefined,
  request: Request,
  findSans: FindSans,
): Presented {
  const [, token] = /^bearer +([!-~]{1,4096})$/i.exec(authorization ?? '') ?? [];
  const isAlone = authorization === undefined || token !== undefined;
  return { token, certificate: isAlone ? findSans(request) : undefined };
}

const reasonOf = (found: Exclude<Recognition, { readonly kind: 'known' }>): string =>
  found.kind === 'refused' ? found.reason : 'admin_credential_missing';

/** It changes nothing (RFC 9110 §9.2.1). */
export const isSafe = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';
