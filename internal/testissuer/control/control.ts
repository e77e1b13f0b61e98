// The same API as in the process, for programs outside of it: the table of operations over the issuers
// of this process. HTTP, and who may ask, are not known here.

import type { Control, ControlRoute } from '../../admin/control.ts';
import type { RootIssuer } from '../api.ts';
import { BASE } from './base.ts';
import { createIssuers, type Issuers } from './issuers.ts';
import { refusing } from './refusing.ts';
import { OPERATIONS } from './table.ts';

/** @param root asked for with the first request: listeners are there before what they serve. */
export function createControl(root: () => RootIssuer, token: string): Control {
  let made: Issuers | undefined;
  const issuers = (): Issuers => {
    made ??= createIssuers(root());
    return made;
  };
  const routes = OPERATIONS.map(
    ({ method, path, body: shape, status, run }): ControlRoute => ({
      method,
      path: `${BASE}${path}`,
      takesBody: shape !== undefined,
      answer: async (request) => {
        const body = await refusing(() => run(issuers(), request));
        return body === undefined ? { status } : { status, body };
      },
    }),
  );
  return { token, routes };
}
