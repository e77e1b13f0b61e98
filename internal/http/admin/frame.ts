// What Express serves: the operations, each with the headers and the ends that all of them share.

import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  Router,
} from 'express';
import type { Log } from '../../telemetry/log.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import type { ApiTerms } from './api.ts';
import { operatorsOnly } from './guard.ts';
import { addOperations, type OperatorDeps } from './operations.ts';

/** Answers every request that is no probe. */
export async function createFrame(log: Log, operator: OperatorDeps): Promise<Express> {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(securityHeaders);
  addOperations(app, operator);
  if (operator.control !== undefined) {
    const { addControl } = await import('./control.ts');
    addControl(app, operator.control);
  }
  if (operator.api !== undefined) app.use(whileOn(operator.api));
  app.use(['/admin', '/debug'], operatorsOnly);
  app.use(notFound);
  app.use(failed(log));
  return app;
}

/** A configuration may have an Admin API from one moment on, and none from another. */
function whileOn(terms: ApiTerms): RequestHandler {
  let loading: Promise<Router> | undefined;
  const load = async (): Promise<Router> => {
    const [{ addApi }, api] = await Promise.all([import('./api.ts'), terms.open()]);
    const router = Router({ caseSensitive: true, strict: true });
    addApi(router, api, terms);
    return router;
  };
  return async (request, response, next) => {
    if (!/^\/admin(?:\/|$)/.test(request.path) || !terms.isOn()) return next();
    loading ??= load();
    (await loading)(request, response, next);
  };
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
