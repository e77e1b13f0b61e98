// The Admin API as functions: the table of operations over one issuer. HTTP, and how callers prove who
// they are, are not known here; what a role may is.

import type { JsonValue } from '../../protocol/claims.ts';
import { type Caller, checkRole } from '../caller.ts';
import { AdminRefusal } from '../refusal.ts';
import type { Route, RouteAnswer, RouteRequest } from '../route.ts';
import type { ApiDeps } from './deps.ts';
import { readBody, readQuery } from './openapi/read.ts';
import { type AdminOperation, BASE } from './operation.ts';
import { OPERATIONS } from './table.ts';

/** A request, and who sends it. */
type ApiRequest = RouteRequest & { readonly caller: Caller; readonly requestId: string };

/** By the id of its operation as well, for whoever asks without HTTP. */
export type ApiRoute = Route<ApiRequest> & { readonly id: string };

/** Every operation, ready to be asked for. @param operations all, unless said. */
export const createApi = (
  deps: ApiDeps,
  operations: readonly AdminOperation[] = OPERATIONS,
): readonly ApiRoute[] => operations.map((operation) => toRoute(operation, deps));

const toRoute = (operation: AdminOperation, deps: ApiDeps): ApiRoute => ({
  id: operation.id,
  method: operation.method,
  path: `${BASE}${operation.path}`,
  takesBody: operation.body !== undefined,
  admit: ({ caller }) => checkRole(operation.role, caller),
  answer: (request) => answer(operation, request, deps),
});

async function answer(
  operation: AdminOperation,
  request: ApiRequest,
  deps: ApiDeps,
): Promise<RouteAnswer> {
  const { names, caller, requestId } = request;
  checkRole(operation.role, caller);
  if (operation.query === undefined && request.query.length > 0) {
    throw new AdminRefusal('invalid_request', 'nothing may stand in the query here; remove it');
  }
  const { status } = operation;
  const { body, version } = await operation.run(
    {
      ...{ names, caller, requestId },
      query: operation.query && readQuery(operation.query, request.query),
      body: operation.body && readBody(operation.body, request.body),
      ...readCondition(operation, request.ifMatch),
    },
    deps,
  );
  return { status, etag: version === undefined ? undefined : `"${version}"`, ...told(body) };
}

const told = (body: JsonValue | undefined) => (body === undefined ? {} : { body });

/** What cannot be looked at is no condition that was met (RFC 9110 §13.1.1). */
function readCondition({ role, errors }: AdminOperation, ifMatch: string | undefined) {
  const mustExist = ifMatch !== undefined;
  if (ifMatch === undefined || ifMatch === '*') return { ifMatch: undefined, mustExist };
  const [, version] = /^"([!#-~]{1,128})"$/.exec(ifMatch) ?? [];
  if (version === undefined) {
    const description = 'If-Match has to be one ETag of an answer, with its quotes, or *';
    throw new AdminRefusal('invalid_request', description);
  }
  if (role === 'write' && !errors.includes('precondition_failed')) {
    const description = 'what this changes has no version; leave out If-Match';
    throw new AdminRefusal('invalid_request', description);
  }
  return { ifMatch: version, mustExist };
}
