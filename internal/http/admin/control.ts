// A test issuer's operations as HTTP: which of them is asked for, with what JSON, and what came of it.
// Only `asteroid dev` has any; what they do is not known here.

import {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  Router,
} from 'express';
import {
  CONTROL_ERRORS,
  type Control,
  ControlRefusal,
  type ControlRoute,
} from '../../admin/control.ts';
import { checkJsonHeaders, checkNoBody, readJson } from '../body.ts';
import { HttpRefusal } from '../errors.ts';
import { readHeaders } from '../exchange.ts';
import { bearerOnly, pagesKeptOut, refuse } from './control-guard.ts';

const PREFIX = '/dev';

/** Adds the operations below paths of their own, behind a guard and a token that nothing else has. */
export function addControl(app: Express, { token, routes }: Control): void {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(pagesKeptOut, bearerOnly(token));
  for (const path of new Set(routes.map((route) => route.path))) {
    const here = routes.filter((route) => route.path === path);
    router.all(toPattern(path), answerBy(new Map(here.map((route) => [route.method, route]))));
  }
  router.use(nothingHere);
  router.use(refused);
  app.use(PREFIX, router);
}

/** As Express writes paths, below the prefix. */
const toPattern = (path: string): string =>
  path.slice(PREFIX.length).replaceAll(/\{(\w+)\}/g, ':$1');

const answerBy =
  (methods: ReadonlyMap<string, ControlRoute>): RequestHandler =>
  async (request, response) => {
    const route = methods.get(request.method);
    if (route === undefined) {
      const allowed = [...methods.keys()].join(', ');
      response.set('Allow', allowed);
      refuse(response, 405, 'method_not_allowed', `ask with ${allowed}`);
      return;
    }
    const { status, body } = await route.answer({
      names: toNames(request.params),
      body: await readBody(request, route),
    });
    if (body === undefined) response.status(status).end();
    else response.status(status).json(body);
  };

/** A name is one segment, and therefore one text. */
const toNames = (params: Request['params']): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));

async function readBody(request: Request, { takesBody }: ControlRoute): Promise<unknown> {
  const { headers } = readHeaders(request.rawHeaders);
  if (!takesBody) {
    checkNoBody({ headers });
    return undefined;
  }
  checkJsonHeaders({ request, headers });
  const text = await readJson({ request, headers });
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ControlRefusal('invalid_request', 'the body is not JSON');
  }
}

const nothingHere: RequestHandler = (_request, response) =>
  refuse(
    response,
    404,
    'not_found',
    'there is nothing at this path; GET /dev/v1/openapi.json tells what there is',
  );

// Express tells an error handler by its four parameters.
const refused: ErrorRequestHandler = (error, _request, response, next) => {
  if (error instanceof ControlRefusal) {
    refuse(response, CONTROL_ERRORS[error.code], error.code, error.message);
  } else if (error instanceof HttpRefusal) {
    const { status, code, description, closes } = error.failure;
    if (closes) response.set('Connection', 'close');
    refuse(response, status, code, description);
  } else if (error instanceof URIError) {
    refuse(response, 400, 'invalid_request', 'a percent sign of the path begins no byte of UTF-8');
  } else {
    next(error);
  }
};
