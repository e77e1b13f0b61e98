// How Asteroid says who it is to a SCIM service: as to any other over HTTP, or by an access token that
// it asks an authorization server for (RFC 6749 §4.4).

import * as z from 'zod';
import type { Outbound, OutboundAnswer } from '../../outbound/outbound.ts';
import type { Clock } from '../../protocol/time.ts';
import { type HttpAuthentication, type ReadSecret, toBearer, toHeaders } from '../authorization.ts';
import { readAnswer } from '../remote-answer.ts';
import { parseJson } from '../remote-claims.ts';
import { malformed, SourceError } from '../source-error.ts';

export type ClientCredentials = {
  readonly kind: 'client_credentials';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: ReadSecret;
  readonly scope: string | undefined;
};

type Fields = Readonly<Record<string, string>>;

/** Header fields for a request. @param refused what it answered before was of no use. */
export type ReadToken = (refused?: Fields) => Promise<Fields>;

export type TokenDeps = {
  readonly outbound: Outbound;
  readonly now: Clock;
  readonly timeout: number;
};

const TOKEN = z.looseObject({
  access_token: z.string(),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
});

const MAX_BODY = 64 * 1024;
/** Seconds before its end from which a token is not used: the clocks may differ, and it has to travel. */
const MARGIN = 30;
/** Seconds for a token whose end nobody said (RFC 6749 §5.1). */
const LIFETIME = 300;

type Kept = { readonly fields: Fields; readonly from: number; readonly until: number };

/** One question for a token at a time, however many wait for it. */
export function createReadToken(
  authentication: HttpAuthentication | ClientCredentials | undefined,
  deps: TokenDeps,
): ReadToken {
  if (authentication?.kind !== 'client_credentials') return () => toHeaders(authentication);
  let kept: Kept | undefined;
  let asking: Promise<Kept> | undefined;

  const isFresh = ({ from, until }: Kept): boolean => deps.now() >= from && deps.now() < until;

  async function ask(credentials: ClientCredentials): Promise<Kept> {
    const from = deps.now();
    const { access_token, expires_in: lifetime = LIFETIME } = await requestToken(credentials, deps);
    const until = from + Math.max(lifetime - MARGIN, lifetime / 2);
    return { fields: toBearer(access_token), from, until };
  }

  return async (refused) => {
    // Of many whose token was refused together, the first gets another one for all of them.
    if (kept === undefined || kept.fields === refused || !isFresh(kept)) {
      asking ??= ask(authentication).finally(() => {
        asking = undefined;
      });
      kept = await asking;
    }
    return kept.fields;
  };
}

async function requestToken(
  { tokenUrl, clientId, clientSecret, scope }: ClientCredentials,
  { outbound, timeout }: TokenDeps,
) {
  // Both are encoded as in a form first (RFC 6749 §2.3.1).
  const pair = [clientId, await clientSecret()].map((part) => encodeFormValue(part)).join(':');
  const answer = await outbound({
    url: tokenUrl,
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      ...(scope === undefined ? {} : { scope }),
    }).toString(),
    ...{ timeout, maxBytes: MAX_BODY },
  });
  const token = TOKEN.safeParse(parseJson(readToken(answer)));
  if (!token.success) throw malformed('the token endpoint answered with no bearer token');
  return token.data;
}

function readToken(answer: OutboundAnswer): string {
  const { status } = answer;
  const body = isRefusal(status) ? undefined : readAnswer(answer);
  if (body !== undefined) return body;
  const problem = isRefusal(status) ? 'credentials' : 'refused';
  throw new SourceError(problem, `the token endpoint answered with ${status}`);
}

/** Who we are is all that it judges (RFC 6749 §5.2). */
const isRefusal = (status: number): boolean => status === 400 || status === 401 || status === 403;

const encodeFormValue = (value: string): string =>
  new URLSearchParams({ v: value }).toString().slice('v='.length);
