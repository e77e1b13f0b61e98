// The Admin API as HTTP: who asks, and on whose behalf it is on record. Pages of browsers are kept out
// before anybody is asked who they are.

import type { IRouter, Request, RequestHandler } from 'express';
import type { ApiRoute } from '../../admin/api/api.ts';
import type { Caller, Presented, Recognise, Recognition } from '../../admin/caller.ts';
import type { Audit } from '../../audit/events.ts';
import { ID_BYTES, type Random } from '../../protocol/random.ts';
import type { Underway } from '../../telemetry/underway.ts';
import { readHeaders } from '../exchange.ts';
import { suspectPage } from './guard.ts';
import { refuse } from './refuse.ts';
import { addRoutes } from './routes.ts';
import type { FindSans } from './sans.ts';

export type AdminApi = {
  readonly routes: readonly ApiRoute[];
  readonly recognise: Recognise;
};

export type ApiTerms = {
  /** Loaded with the first request for it. */
  readonly open: () => Promise<AdminApi>;
  /** False: there is no such API, as the configuration of the moment has it. */
  readonly isOn: () => boolean;
  /** Names that it may be called by, beside addresses. */
  readonly hosts: () => readonly string[];
  readonly audit: Audit;
  /** Where requests of operators come from: what they change is on record with it. */
  readonly calls: Pick<Underway, 'begin' | 'end'>;
  readonly random: Random;
};

const PREFIX = '/admin';

type Known = { readonly caller: Caller; readonly requestId: string };

/** With what only the listener knows. */
type Terms = ApiTerms & { readonly findSans: FindSans };

/** Adds every operation. @param api where it was opened. */
export function addApi(app: IRouter, api: AdminApi, terms: Terms): void {
  const known = new WeakMap<Request, Known>();
  addRoutes(app, {
    prefix: PREFIX,
    routes: api.routes,
    guards: [unkept, pagesKeptOut(terms), callersOnly(api.recognise, known, terms)],
    complete: (asked, request) => {
      const found = known.get(request);
      if (found === undefined) throw new Error('nobody was asked who they are');
      return { ...asked, ...found };
    },
    typeStatus: 415,
  });
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
  ({ hosts }: ApiTerms): RequestHandler =>
  (request, response, next) => {
    const suspicion = suspectPage(readHeaders(request.rawHeaders), hosts());
    if (suspicion === undefined) next();
    else refuse(response, suspicion.status, suspicion.error, SUSPECTED[suspicion.error]);
  };

const ADMIN_HEADER = 'x-asteroid-admin';
const NO_CREDENTIAL =
  'send a token of admin.tokens as Authorization: Bearer TOKEN, or show a certificate of admin.certificates';

/** Whoever is not known is told nothing of what there is. */
function callersOnly(
  recognise: Recognise,
  known: WeakMap<Request, Known>,
  { audit, calls, random, findSans }: Terms,
): RequestHandler {
  return async (request, response, next) => {
    const requestId = random(ID_BYTES);
    const { headers } = readHeaders(request.rawHeaders);
    const { authorization } = headers;
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
    if (presented.token === undefined && !isSafe(request) && headers[ADMIN_HEADER] !== '1') {
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

const isSafe = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';
