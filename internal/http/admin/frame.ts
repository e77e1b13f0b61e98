// What Express serves: the operations, each with the headers and the ends that all of them share.

import type { Socket } from 'node:net';
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  Router,
} from 'express';
import type { Log } from '../../telemetry/log.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import type { ApiTerms } from './api.ts';
import type { ConsoleTerms } from './console/console.ts';
import { operatorsOnly } from './guard.ts';
import { addOperations, type OperatorDeps } from './operations.ts';
import { createFindSans, type FindSans } from './sans.ts';

type FrameTerms = { readonly log: Log; readonly findSans: FindSans };

/** Answers every request that is no probe. */
export async function createFrame(
  operator: OperatorDeps,
  log: Log,
  isDisowned: (socket: Socket) => boolean,
): Promise<Express> {
  const terms: FrameTerms = { log, findSans: createFindSans(isDisowned) };
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(securityHeaders);
  addOperations(app, operator);
  if (operator.control !== undefined) {
    const { addControl } = await import('./control.ts');
    addControl(app, operator.control);
  }
  const { api, console: pages } = operator;
  if (api !== undefined) {
    app.use(whileOn({ prefix: '/admin', isOn: api.isOn, load: () => loadApi(api, terms) }));
  }
  if (pages !== undefined) {
    app.use(
      whileOn({ prefix: '/console', isOn: pages.isOn, load: () => loadConsole(pages, terms) }),
    );
  }
  app.use(['/admin', '/debug'], operatorsOnly);
  app.use(notFound);
  app.use(failed(log));
  return app;
}

type Lazy = {
  /** Below which it is. */
  readonly prefix: string;
  readonly isOn: () => boolean;
  readonly load: () => Promise<RequestHandler>;
};

/** A configuration may have it from one moment on, and not from another; it is loaded with the first request. */
function whileOn({ prefix, isOn, load }: Lazy): RequestHandler {
  let loading: Promise<RequestHandler> | undefined;
  return async (request, response, next) => {
    const isBelow = request.path === prefix || request.path.startsWith(`${prefix}/`);
    if (!isBelow || !isOn()) return next();
    loading ??= load();
    await (await loading)(request, response, next);
  };
}

async function loadApi(terms: ApiTerms, { findSans }: FrameTerms): Promise<RequestHandler> {
  const [{ addApi }, api] = await Promise.all([import('./api.ts'), terms.open()]);
  const router = Router({ caseSensitive: true, strict: true });
  addApi(router, api, { ...terms, findSans });
  return router;
}

async function loadConsole(
  terms: ConsoleTerms,
  { log, findSans }: FrameTerms,
): Promise<RequestHandler> {
  const [{ createConsole }, opened] = await Promise.all([
    import('./console/console.ts'),
    terms.open(),
  ]);
  return createConsole({ ...terms, findSans }, opened, log);
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
