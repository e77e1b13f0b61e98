// What Express serves: the operations, each with the headers and the ends that all of them share.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Log } from '../../telemetry/log.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
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
  app.use(notFound);
  app.use(failed(log));
  return app;
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
