// An API for programs that bring an access token: no cookie, no session, every request judged by its token
// alone (RFC 6750, RFC 9068).

import express, { type Request, type Response, type Router } from 'express';
import type { JWTPayload } from 'jose';
import type { Issuer } from './issuer.ts';
import { isUnavailable } from './problem.ts';

/** @param audience what access tokens for this API name in `aud`: those for others are refused. */
export function createApi(issuer: Issuer, audience: string): Router {
  /** Undefined when the token is to blame; throws when the issuer's keys cannot be had. */
  const verify = (token: string): Promise<JWTPayload | undefined> =>
    issuer
      .verify(token, { audience, typ: 'at+jwt', requiredClaims: ['sub', 'client_id', 'exp'] })
      .catch((error: unknown) => {
        if (isUnavailable(error)) throw error;
        return undefined;
      });

  /** The claims of the token, or undefined once the request has been refused. */
  async function authorize(
    request: Request,
    response: Response,
    scope: string,
  ): Promise<JWTPayload | undefined> {
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) return refuse(response, 401, 'realm="api"');
    const claims = await verify(token);
    if (claims === undefined) return refuse(response, 401, 'error="invalid_token"');
    if (String(claims['scope']).split(' ').includes(scope)) return claims;
    return refuse(response, 403, `error="insufficient_scope", scope="${scope}"`);
  }

  return express.Router().get('/me', async (request, response) => {
    const claims = await authorize(request, response, 'api');
    if (claims !== undefined) response.json({ sub: claims.sub, client: claims['client_id'] });
  });
}

function refuse(response: Response, status: 401 | 403, why: string): undefined {
  response.status(status).set('WWW-Authenticate', `Bearer ${why}`).json({ error: 'refused' });
}
