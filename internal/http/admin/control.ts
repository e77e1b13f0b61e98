// A test issuer's operations as HTTP. Only `asteroid dev` has any.

import type { Express } from 'express';
import type { Control } from '../../admin/control.ts';
import { bearerOnly, pagesKeptOut } from './control-guard.ts';
import { addRoutes } from './routes.ts';

const PREFIX = '/dev';

/** Adds the operations below paths of their own, behind a guard and a token that nothing else has. */
export const addControl = (app: Express, { token, routes }: Control): void =>
  addRoutes(app, {
    prefix: PREFIX,
    routes,
    guards: [pagesKeptOut, bearerOnly(token)],
    complete: (asked) => asked,
    typeStatus: 400,
  });
