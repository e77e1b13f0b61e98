// Operations as HTTP: which of them is asked for, with what JSON, and what came of it. What they do, and
// who may ask, is not known here.

import {
  type ErrorRequestHandler,
  type IRouter,
  type Request,
  type RequestHandler,
  Router,
} from 'express';
import { ADMIN_ERRORS, AdminRefusal } from '../../admin/refusal.ts';
import type { Route, RouteAnswer, RouteRequest } from '../../admin/route.ts';
import { parseJsonText } from '../../oidc/json-text.ts';
import { Unavailable } from '../../protocol/errors.ts';
import { checkJsonHeaders, checkNoBody, readJson } from '../body.ts';
import { type Failure, HttpRefusal, toFailure } from '../errors.ts';
import { readHeaders } from '../exchange.ts';
import { refuse } from './refuse.ts';

export type RoutesTerms<Asked> = {
  /** Below which all of them are. */
  readonly prefix: string;
  readonly routes: readonly Route<Asked>[];
  /** Asked in this order; whoever they do not let pass hears nothing of what there is. */
  readonly guards: readonly RequestHandler[];
  /** What the guards found out about the request. */
  readonly complete: (asked: Omit<RouteRequest, 'body'>, request: Request) => Omit<Asked, 'body'>;
  /** For a type of body that is not taken. */
  readonly typeStatus: number;
};

/** Adds the operations below a path of their own. */
export function addRoutes<Asked>(app: IRouter, terms: RoutesTerms<Asked>): void {
  const { prefix, routes, guards } = terms;
  const router = Router({ caseSensitive: true, strict: true });
  router.use(...guards);
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    const methods = new Map(here.map((route) => [route.method as string, route]));
    router.all(toPattern(path, prefix), answerBy(methods, terms));
  }
  router.use(nothingHere(prefix));
  router.use(refused(terms.typeStatus));
  app.use(prefix, router);
}

/** As Express writes paths, below the prefix. */
const toPattern = (path: string, prefix: string): string =>
  path.slice(prefix.length).replaceAll(/\{(\w+)\}/g, ':$1');

const answerBy =
  <Asked>(
    methods: ReadonlyMap<string, Route<Asked>>,
    { complete }: RoutesTerms<Asked>,
  ): RequestHandler =>
  async (request, response) => {
    const route = methods.get(request.method === 'HEAD' ? 'GET' : request.method);
    if (route === undefined) {
      const allowed = [...methods.keys()].join(', ');
      response.set('Allow', allowed);
      refuse(response, 405, 'method_not_allowed', `ask with ${allowed}`);
      return;
    }
    const asked = complete(toAsked(request), request);
    route.admit?.(asked);
    const body = await readBody(request, route);
    // The two are what `Asked` is made of.
    send(await route.answer({ ...asked, body } as Asked), response);
  };

function toAsked(request: Request): Omit<RouteRequest, 'body'> {
  const { headers } = readHeaders(request.rawHeaders);
  const query = request.originalUrl.split('?').slice(1).join('?');
  return {
    names: toNames(request.params),
    query: [...new URLSearchParams(query)],
    ifMatch: headers['if-match'],
  };
}

/** A name is one segment, and therefore one text. */
const toNames = (params: Request['params']): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));

function send({ status, body, etag }: RouteAnswer, response: Parameters<RequestHandler>[1]): void {
  if (etag !== undefined) response.set('ETag', etag);
  if (body === undefined) response.status(status).end();
  else response.status(status).json(body);
}

const JSON_BOUNDS = { maxLength: 64 * 1024, maxDepth: 64 };

async function readBody(
  request: Request,
  { takesBody }: Pick<Route, 'takesBody'>,
): Promise<unknown> {
  const { headers } = readHeaders(request.rawHeaders);
  if (!takesBody) {
    checkNoBody({ headers });
    return undefined;
  }
  checkJsonHeaders({ request, headers });
  const text = await readJson({ request, headers });
  if (text === '') return undefined;
  const json = parseJsonText(text, JSON_BOUNDS);
  if (json !== undefined) return json;
  throw new AdminRefusal(
    'invalid_request',
    'the body is not JSON, or is nested too deep, or names a member twice',
  );
}

const nothingHere =
  (prefix: string): RequestHandler =>
  (_request, response) =>
    refuse(
      response,
      404,
      'not_found',
      `there is nothing at this path; GET ${prefix}/v1/openapi.json tells what there is`,
    );

/** Answers what was thrown with what to do about it, and leaves what is nobody's mistake to others. */
export const refused =
  (typeStatus: number): ErrorRequestHandler =>
  // Express tells an error handler by its four parameters.
  (error, _request, response, next) => {
    if (error instanceof AdminRefusal) {
      response.set(error.headers);
      refuse(response, ADMIN_ERRORS[error.code], error.code, error.message);
    } else if (error instanceof HttpRefusal) {
      sendFailure(withStatus(error.failure, typeStatus), response);
    } else if (error instanceof Unavailable) {
      sendFailure(toFailure(error, ''), response);
    } else if (error instanceof URIError) {
      refuse(
        response,
        400,
        'invalid_request',
        'a percent sign of the path begins no byte of UTF-8',
      );
    } else {
      next(error);
    }
  };

const withStatus = (failure: Failure, typeStatus: number): Failure =>
  failure.reason === 'content_type' ? { ...failure, status: typeStatus } : failure;

function sendFailure(
  { status, code, description, headers, closes }: Failure,
  response: Parameters<RequestHandler>[1],
): void {
  for (const [index, name] of headers.entries()) {
    if (index % 2 === 0) response.set(name, headers[index + 1]);
  }
  if (closes) response.set('Connection', 'close');
  refuse(response, status, code, description);
}
