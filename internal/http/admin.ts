// The operator's listener: is it alive, is it ready, and what an operator may do. Never reachable from
// where clients are, and never a way around a check: no path, User-Agent or address is exempt from
// anything elsewhere.

import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Log } from '../telemetry/log.ts';
import { addOperations, type OperatorDeps } from './admin/operations.ts';
import type { HttpApp } from './app.ts';
import { securityHeaders } from './middleware/security-headers.ts';

/** One thing the issuer cannot answer without. */
export type Readiness = { readonly name: string; readonly ready: boolean };

export type AdminDeps = {
  /** Settles within the time limits of what is asked. */
  readonly ready: () => Promise<readonly Readiness[]>;
  /** True from the moment a stop was asked for: load balancers have to look elsewhere. */
  readonly draining: () => boolean;
  /** The files say something else than what is in force, and could not be taken. */
  readonly isOutdated: () => boolean;
  readonly log: Log;
  /** Absent on a listener that only probes may reach. */
  readonly operator?: OperatorDeps;
};

/** `/livez` and `/readyz`, under any Host: probes call by address. */
export function createAdminApp(deps: AdminDeps): HttpApp {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.enable('case sensitive routing').enable('strict routing');
  app.use(securityHeaders);
  app.get('/livez', (_request, response) => {
    response.json({ status: 'live' });
  });
  app.get('/readyz', readyz(deps));
  if (deps.operator !== undefined) addOperations(app, deps.operator);
  app.use(notFound);
  app.use(failed(deps.log));
  return { request: app, connection: () => undefined };
}

const readyz =
  ({ ready, draining, isOutdated }: AdminDeps): RequestHandler =>
  async (_request, response) => {
    const dependencies = await ready();
    const isReady = !draining() && dependencies.every((dependency) => dependency.ready);
    response.status(isReady ? 200 : 503).json({
      status: isReady ? 'ready' : 'not ready',
      draining: draining(),
      configuration: isOutdated() ? 'outdated' : 'current',
      dependencies: Object.fromEntries(
        dependencies.map(({ name, ready: answers }) => [name, answers ? 'ready' : 'not ready']),
      ),
    });
  };

const notFound: RequestHandler = (_request, response) => {
  response.status(404).json({ error: 'not_found' });
};

// Express tells an error handler by its four parameters.
const failed =
  (log: Log): ErrorRequestHandler =>
  (error, _request, response, _next) => {
    log.error({ error: error instanceof Error ? error : undefined }, 'admin request failed');
    response.status(500).json({ error: 'server_error' });
  };
