// Whom a request is about, as far as it says so itself: for the record, and for nothing that is decided.

import type { Deps } from '../oidc/deps.ts';
import type { ProtocolRequest } from '../oidc/endpoint.ts';
import { idOfHandle } from '../oidc/handle.ts';
import { isOpaque, openAccessToken } from '../oidc/token/opaque.ts';
import { toAuthorizationId } from '../protocol/ids.ts';
import { readParam } from '../protocol/params.ts';
import type { StepName } from './api.ts';

export type Concerned = {
  readonly client: string | undefined;
  readonly user: string | undefined;
};

/** At these a token is what the request is about. */
const ABOUT_TOKEN: ReadonlySet<StepName> = new Set(['userinfo', 'introspect', 'revoke', 'check']);

export async function findConcerned(
  step: StepName,
  request: ProtocolRequest,
  deps: Deps,
): Promise<Concerned> {
  const caller = callerOf(request);
  const token = ABOUT_TOKEN.has(step) ? tokenOf(request) : undefined;
  const owner = token === undefined ? undefined : await findOwner(token, deps);
  return {
    client: caller ?? owner?.client,
    user: owner === undefined ? request.identity?.subject : owner.user,
  };
}

/** By parameter, else by the name in `Authorization` (RFC 6749 §2.3.1). */
function callerOf({ params, headers }: ProtocolRequest): string | undefined {
  const named = params.get('client_id')?.[0];
  if (named !== undefined) return named;
  const [, credentials] = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  if (credentials === undefined) return undefined;
  const [name = ''] = Buffer.from(credentials, 'base64').toString().split(':', 1);
  return new URLSearchParams(`name=${name}`).get('name') ?? undefined;
}

function tokenOf({ params, headers }: ProtocolRequest): string | undefined {
  const [, bearer] = /^(?:bearer|dpop) +(\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
  return bearer ?? readParam(params, 'token') ?? readParam(params, 'access_token');
}

/** Undefined for what is no token of this issuer; one that has expired still is. */
async function findOwner(text: string, deps: Deps): Promise<Concerned | undefined> {
  const claims = isOpaque(text)
    ? openAccessToken(text, deps)
    : (await deps.keys.verify(text))?.claims;
  const named = textOf(claims?.['authorization_id']);
  const id = claims === undefined ? idOfHandle(text) : toId(named);
  const found = id === undefined ? undefined : await deps.store.find(id, deps.now());
  if (claims === undefined && found === undefined) return undefined;
  return {
    client: textOf(claims?.['client_id']) ?? found?.grant.clientId,
    // Without an authorization nobody signed in: the client acts for itself.
    user: found?.grant.subject ?? (named && textOf(claims?.['sub'])),
  };
}

const textOf = (claim: unknown): string | undefined =>
  typeof claim === 'string' ? claim : undefined;

const toId = (text: string | undefined) =>
  text === undefined ? undefined : toAuthorizationId(text);
