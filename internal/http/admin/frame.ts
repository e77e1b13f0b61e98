// What Express serves: the operations, each with the headers and the ends that all of them share.

import type { Socket } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Log } from '../../telemetry/log.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import type { ApiTerms, OpenedApi, OpenTerms } from './api.ts';
import type { HallTerms } from './console/console.ts';
import { operatorsOnly } from './guard.ts';
import { addOperations, type OperatorDeps } from './operations.ts';
import { createFindSans } from './sans.ts';

/** Answers every request that is no probe. */
export async function createFrame(
  operator: OperatorDeps,
  log: Log,
  isDisowned: (socket: Socket) => boolean,
): Promise<Express> {
  const findSans = createFindSans(isDisowned);
  const { api, console: pages } = operator;
  const lazy = api && { isOn: api.isOn, open: once(() => loadApi({ ...api, findSans })) };
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(securityHeaders);
  addOperations(app, operator, lazy === undefined ? operatorsOnly : locked(lazy));
  if (operator.control !== undefined) {
    const { addControl } = await import('./control.ts');
    addControl(app, operator.control);
  }
  if (lazy !== undefined) {
    const load = async () => (await lazy.open()).operations;
    app.use(whileOn({ prefix: '/admin', isOn: lazy.isOn, load }));
  }
  if (pages !== undefined) {
    const load = once(() => loadConsole({ ...pages, findSans }, log));
    app.use(whileOn({ prefix: '/console', isOn: pages.isOn, load }));
  }
  app.use(['/admin', '/debug'], operatorsOnly);
  app.use(notFound);
  app.use(failed(log));
  return app;
}

type LazyApi = Pick<ApiTerms, 'isOn'> & { readonly open: () => Promise<OpenedApi> };

/** What is here without the API too wants the same credentials where the configuration of the moment has it. */
const locked =
  ({ isOn, open }: LazyApi): RequestHandler =>
  async (request, response, next) => {
    const guard = isOn() ? (await open()).lock : operatorsOnly;
    await guard(request, response, next);
  };

type Lazy = {
  /** Below which it is. */
  readonly prefix: string;
  readonly isOn: () => boolean;
  /** Answers the same each time. */
  readonly load: () => Promise<RequestHandler>;
};

/** A configuration may have it from one moment on, and not from another; it is loaded with the first request. */
const whileOn =
  ({ prefix, isOn, load }: Lazy): RequestHandler =>
  async (request, response, next) => {
    const isBelow = request.path === prefix || request.path.startsWith(`${prefix}/`);
    if (!isBelow || !isOn()) return next();
    await (await load())(request, response, next);
  };

function once<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let loading: Promise<Part> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
}

const loadApi = async (terms: OpenTerms): Promise<OpenedApi> =>
  (await import('./api.ts')).openApi(terms);

async function loadConsole(terms: HallTerms, log: Log): Promise<RequestHandler> {
  const [{ createConsole }, opened] = await Promise.all([
    import('./console/console.ts'),
    terms.open(),
  ]);
  return createConsole(terms, opened, log);
}

const notFound: RequestHandler = (_request, response) => {
  response.status(404).json({ error: 'not_found' });
};

// Express tells an error handler by its four parameters.
const failed =
  (log: Log): ErrorRequestHandler =>
  (error, _request, response, _next) => {
    log.error({ error: error instanceof Error ? error : undefined }, 'admin request failed');
    const error_description = 'something went wrong here; the log of the issuer tells what';
    response.status(500).json({ error: 'server_error', error_description });
  };
