// What an issuer may let pass, each by its name: so that a test can show that a client does the right thing
// by itself, and not only because it would be refused otherwise. Who the client is is always asked for. Left
// out is whatever would do harm to somebody else: no redirect URI passes that is not registered.

import { hash } from 'node:crypto';
import type { ProtocolRequest, ProtocolResponse } from '../../oidc/endpoint.ts';
import { invalidGrant } from '../../protocol/errors.ts';
import { SECRET_BYTES } from '../../protocol/random.ts';
import { type Asked, type FaultEntry, fault } from './entry.ts';
import type { Flow } from './flows.ts';
import { one } from './flows.ts';
import { flag } from './parameters.ts';

const withParams = (
  request: ProtocolRequest,
  changes: { readonly [name: string]: string | undefined },
): ProtocolRequest => {
  const params = new Map(request.params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) params.delete(name);
    else params.set(name, [value]);
  }
  return { ...request, params };
};

/** What says what is wanted elsewhere than in parameters. */
const isPlain = ({ params }: ProtocolRequest): boolean =>
  !params.has('request') && !params.has('request_uri');

/**
 * Another challenge stands in for that of the client from the authorization request on, and another
 * verifier for the verifier, so that the domain never knows.
 */
const pkceUnchecked = fault({
  does: 'No `code_challenge` is demanded, and any `code_verifier` will do.',
  tests: 'the client sends both without being made to (RFC 9700 §2.1.1): look at `flows()`',
  steps: ['authorize', 'push'],
  lax: true,
  with: {},
  make: (_, { random }) => ({
    kind: 'request',
    fits: ({ request }) => isPlain(request),
    act: async ({ request, flow }) => {
      flow.verifier = random(SECRET_BYTES);
      return withParams(request, {
        code_challenge: hash('sha256', flow.verifier, 'base64url'),
        code_challenge_method: 'S256',
      });
    },
  }),
});

/** What a client presents at the token endpoint, with what stands in for it since the authorization request. */
export const withStandIns = (request: ProtocolRequest, { verifier }: Flow): ProtocolRequest =>
  verifier === undefined || !request.params.has('code')
    ? request
    : withParams(request, { code_verifier: verifier });

const redirectUriUnchecked = fault({
  does: 'The token endpoint takes a code with any `redirect_uri`, or with none.',
  tests:
    'the client sends the one of its authorization request (RFC 6749 §4.1.3): look at `flows()`',
  steps: ['token'],
  lax: true,
  with: {},
  make: () => ({
    kind: 'request',
    fits: ({ request, flow }) =>
      request.params.has('code') &&
      flow.redirectUri !== undefined &&
      one(request.params, 'redirect_uri') !== flow.redirectUri,
    act: async ({ request, flow }) => withParams(request, { redirect_uri: flow.redirectUri }),
  }),
});

/**
 * Whether the client is who it says, asked of the one endpoint that hears any client and does nothing
 * (RFC 7009 §2.2). Throws what the domain throws.
 */
const proveClient = ({ domain, request }: Asked): Promise<unknown> =>
  domain.revoke(withParams(request, { token: 'unknown', code: undefined }));

const sameProof = (left: ProtocolRequest, right: ProtocolRequest): boolean =>
  ['code_verifier', 'redirect_uri'].every(
    (name) => one(left.params, name) === one(right.params, name),
  );

const codeReuse = fault({
  does: 'A code may be used again: the first answer is given once more, to the same client with the same verifier and redirect URI.',
  tests: 'the client uses a code once, even where a page is loaded twice (RFC 6749 §4.1.2)',
  steps: ['token'],
  lax: true,
  with: {},
  make: () => ({
    kind: 'request',
    fits: ({ request, client, flow: { redeemed } }) =>
      request.params.has('code') &&
      redeemed?.client === client &&
      redeemed !== undefined &&
      sameProof(redeemed.request, request),
    act: async (asked) => {
      await proveClient(asked);
      return asked.flow.redeemed?.response ?? asked.request;
    },
  }),
});

/** The one that is good now. */
function newest(token: string, { successors }: Flow): string {
  let last = token;
  for (let next = successors.get(last); next !== undefined; next = successors.get(last))
    last = next;
  return last;
}

/** Presented although it was replaced; a client that does not rotate keeps the same for ever. */
const isReuse = ({ request, flow }: Asked): boolean =>
  flow.successors.has(one(request.params, 'refresh_token') ?? '');

const reuseAccepted = fault({
  does: 'A refresh token that was replaced goes on giving tokens, as without rotation.',
  tests: 'the client keeps the newest one (RFC 6749 §6, RFC 9700 §4.14.2): look at `flows()`',
  steps: ['token'],
  lax: true,
  with: {},
  make: () => ({
    kind: 'request',
    fits: isReuse,
    act: async ({ request, flow }) => {
      const presented = one(request.params, 'refresh_token') ?? '';
      return withParams(request, { refresh_token: newest(presented, flow) });
    },
  }),
});

const reuseRefused = fault({
  does: 'A refresh token that was replaced is refused, and ends its authorization, without the seconds of grace that lost answers have.',
  tests:
    'one process at a time refreshes, and `invalid_grant` leads to a new sign-in (RFC 9700 §4.14.2)',
  steps: ['token'],
  with: {},
  make: () => ({
    kind: 'request',
    fits: isReuse,
    act: async ({ request, flow, domain }): Promise<ProtocolResponse> => {
      const token = newest(one(request.params, 'refresh_token') ?? '', flow);
      await domain.revoke(withParams(request, { token, refresh_token: undefined }));
      const { code, description, status } = invalidGrant();
      return { kind: 'json', status, body: { error: code, error_description: description } };
    },
  }),
});

const rotated = fault({
  does: 'The keys are rotated between the code and the tokens.',
  tests: 'a `kid` that is not known yet is looked for in the JWKS once more (OIDC Core §10.1.1)',
  steps: ['token'],
  with: { overlap: flag('whether the keys of before stay published', false) },
  make: ({ overlap }, { rotate }) => ({
    kind: 'request',
    fits: ({ request }) => request.params.has('code'),
    act: async ({ request }) => {
      await rotate({ overlap });
      return request;
    },
  }),
});

export const FLOW_FAULTS = {
  'pkce.unchecked': pkceUnchecked,
  'redirect_uri.unchecked': redirectUriUnchecked,
  'code.reuse.accepted': codeReuse,
  'refresh_token.reuse.accepted': reuseAccepted,
  'refresh_token.reuse.refused': reuseRefused,
  'keys.rotated': { ...rotated, needsOwnKeys: true },
} satisfies { readonly [name: string]: FaultEntry };
