// The Admin API as HTTP: its operations, and its door in front of what is open where there is no such API.

import { type IRouter, type RequestHandler, Router } from 'express';
import type { ApiRoute } from '../../admin/api/api.ts';
import { checkRole, type Recognise } from '../../admin/caller.ts';
import { createDoor, type Door, type DoorTerms, isSafe } from './door.ts';
import { addRoutes, refused } from './routes.ts';

export type AdminApi = {
  readonly routes: readonly ApiRoute[];
  readonly recognise: Recognise;
};

export type ApiTerms = Omit<DoorTerms, 'recognise' | 'findSans'> & {
  /** Loaded with the first request for it. */
  readonly open: () => Promise<AdminApi>;
  /** False: there is no such API, as the configuration of the moment has it. */
  readonly isOn: () => boolean;
};

/** With what only the listener knows. */
export type OpenTerms = ApiTerms & Pick<DoorTerms, 'findSans'>;

const PREFIX = '/admin';
/** For a type of body that is not taken. */
const TYPE_STATUS = 415;

export type OpenedApi = {
  /** Every operation. */
  readonly operations: RequestHandler;
  /** Lets those pass who may look, and, for what changes something, those who may do that. */
  readonly lock: RequestHandler;
};

export async function openApi(terms: OpenTerms): Promise<OpenedApi> {
  const { routes, recognise } = await terms.open();
  const door = createDoor({ ...terms, recognise });
  const operations = createRouter();
  addRoutes(operations, {
    prefix: PREFIX,
    routes,
    guards: door.guards,
    complete: (asked, request) => ({ ...asked, ...door.whoAsks(request) }),
    typeStatus: TYPE_STATUS,
  });
  return { operations, lock: createLock(door) };
}

function createLock({ guards, whoAsks }: Door): RequestHandler {
  const lock = createRouter();
  lock.use(...guards, (request, _response, next) => {
    checkRole(isSafe(request) ? 'read' : 'write', whoAsks(request).caller);
    next();
  });
  lock.use(refused(TYPE_STATUS));
  return lock;
}

const createRouter = (): IRouter => Router({ caseSensitive: true, strict: true });
