// TokenReview (authentication.k8s.io/v1): what the cluster itself says of a token. A signature outlives
// the pod that it was made for; the answer of the cluster does not.

import type { Outbound } from '../outbound/outbound.ts';
import { Unavailable } from '../protocol/errors.ts';
import { type Members, parseMembers } from '../protocol/jwt.ts';
import type { Cluster } from './workloads.ts';

const TIMEOUT = 2;
const MAX_BYTES = 64 * 1024;

export type TokenReviewOptions = {
  readonly url: string;
  readonly audience: string;
  readonly outbound: Outbound;
};

export const createTokenReview =
  ({ url, audience, outbound }: TokenReviewOptions): NonNullable<Cluster['review']> =>
  async (token, subject) => {
    const status = await ask(
      { apiVersion: API_VERSION, kind: 'TokenReview', spec: { token, audiences: [audience] } },
      url,
      outbound,
    );
    const { authenticated, user, audiences } = status;
    // An API server that does not know audiences leaves them out, and would take any token.
    const isForUs = Array.isArray(audiences) && audiences.includes(audience);
    return authenticated === true && isForUs && members(user)?.['username'] === subject;
  };

const API_VERSION = 'authentication.k8s.io/v1';

/** The `status` of the answer; throws `Unavailable` for everything that is none. */
async function ask(review: object, url: string, outbound: Outbound): Promise<Members> {
  try {
    const { status: code, body } = await outbound({
      url,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(review),
      timeout: TIMEOUT,
      maxBytes: MAX_BYTES,
    });
    if (code !== 200 && code !== 201) throw new Error(`answered with status ${code}`);
    const status = members(parseMembers(body)?.['status']);
    if (status === undefined) throw new Error('the answer is no TokenReview');
    return status;
  } catch (error) {
    throw new Unavailable('keys', 'review a service-account token', error);
  }
}

const members = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : undefined;
