// Resource indicators (RFC 8707): which resource server a token is for, and nobody else.

import type { Client } from '../protocol/client.ts';
import { invalidTarget } from '../protocol/errors.ts';
import { type Params, readParams } from '../protocol/params.ts';

/** The resources asked for; throws `invalid_target` for one the client may not ask for (§2). */
export function readResources(params: Params, client: Client): readonly string[] {
  const sent = readParams(params, 'resource');
  if (sent.length === 0) return sent;
  const resources = [...new Set(sent)];
  if (!resources.every((resource) => client.resources.includes(resource))) {
    throw invalidTarget({ reason: 'resource_not_allowed' });
  }
  return resources;
}

/** At the token endpoint a part of what was granted, or all of it (§2.2). */
export function narrowResources(params: Params, granted: readonly string[]): readonly string[] {
  const wanted = [...new Set(readParams(params, 'resource'))];
  if (wanted.length === 0) return granted;
  if (!wanted.every((resource) => granted.includes(resource))) {
    throw invalidTarget({ reason: 'resource_not_granted' });
  }
  return wanted;
}

/** Who an access token is for: exactly the resource, else the client's own audience, else us. */
export function decideAudience(
  issuer: string,
  client: Client,
  scope: readonly string[],
  resource: readonly string[],
): string | readonly string[] {
  if (resource.length > 0) return single(resource);
  if (client.audience.length === 0) return issuer;
  // With `openid` the token has to work at our own userinfo endpoint too.
  return single(scope.includes('openid') ? [...client.audience, issuer] : client.audience);
}

/** One audience is text, several are a list (RFC 7519 §4.1.3). */
export const single = (audience: readonly string[]): string | readonly string[] => {
  const [only, ...others] = audience;
  return only !== undefined && others.length === 0 ? only : audience;
};
