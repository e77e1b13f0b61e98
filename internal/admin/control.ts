// What a program may do to a test issuer from outside of its process, as values.

import type { Route, RouteMethod, RouteRequest } from './route.ts';

export type ControlMethod = RouteMethod;

/** As far as its operations look at it. */
export type ControlRequest = Pick<RouteRequest, 'names' | 'body'>;

export type ControlRoute = Route<ControlRequest>;

export type Control = {
  /** Whoever knows it may do all of it: anybody can be anybody at this issuer. */
  readonly token: string;
  readonly routes: readonly ControlRoute[];
};
