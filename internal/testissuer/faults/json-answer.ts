// Answers in JSON with other members than they had.

import type { ProtocolResponse } from '../../oidc/endpoint.ts';
import type { JsonValue } from '../../protocol/claims.ts';
import type { Act } from './entry.ts';

type Body = { readonly [member: string]: JsonValue };
type Members = { readonly [member: string]: JsonValue | undefined };

/** What the client would read: members without a value are not there. */
const bodyOf = (response: ProtocolResponse): Body | undefined =>
  response.kind === 'json' && response.status === 200
    ? JSON.parse(JSON.stringify(response.body))
    : undefined;

/**
 * Of a successful answer.
 *
 * @param needed that it has to have for there to be something to change.
 */
export const setsMembers = (
  change: (body: Body) => Members,
  needed: readonly string[],
): Extract<Act, { readonly kind: 'answer' }> => ({
  kind: 'answer',
  fits: (response) => {
    const body = bodyOf(response);
    return body !== undefined && needed.every((member) => member in body);
  },
  alter: (response) => {
    const body = bodyOf(response);
    if (body === undefined || response.kind !== 'json') return response;
    return { ...response, body: { ...body, ...change(body) } };
  },
});
