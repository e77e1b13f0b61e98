// The sidecar of Istio in front of Asteroid, as far as it decides about requests: driven by the resources
// that `asteroid preset show istio-jwt` prints, after Istio's documentation. An emulation, not Istio.

import http, { type IncomingMessage } from 'node:http';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { parseAllDocuments } from 'yaml';
import { connect, listen } from './emulator.ts';

type JwtRule = {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly audiences?: readonly string[];
};

type AuthorizationRule = {
  readonly from?: readonly { readonly source: { readonly principals: readonly string[] } }[];
  readonly to?: readonly { readonly operation: { readonly paths: readonly string[] } }[];
};

type Spec = {
  readonly jwtRules?: readonly JwtRule[];
  readonly rules?: readonly AuthorizationRule[];
};

export type Sidecar = {
  /** As it is printed. */
  readonly resources: string;
  /** Whose certificate the mesh has seen on connections to `port`. */
  readonly principal: string;
  readonly port: number;
  readonly asteroid: number;
  /** Origin → where it is found here, since the issuer is but a name. */
  readonly dns?: Readonly<Record<string, string>>;
};

export const GATEWAY = 'cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account';

/** Listens for the connections of one principal of the mesh. */
export async function startSidecar(sidecar: Sidecar): Promise<void> {
  const specs = specsOf(sidecar.resources);
  const { jwtRules = [] } = specs.get('RequestAuthentication') ?? {};
  const { rules = [] } = specs.get('AuthorizationPolicy') ?? {};
  const server = http.createServer(async (request, response) => {
    const problem =
      (await findTokenProblem(request, jwtRules, sidecar.dns ?? {})) ??
      (rules.some((rule) => allows(rule, sidecar.principal, request)) ? undefined : DENIED);
    if (problem !== undefined) {
      response.writeHead(problem.status).end(problem.text);
      return;
    }
    const { url = '/', method = 'GET', rawHeaders } = request;
    const target = { port: sidecar.asteroid };
    const onward = connect(target, { path: url, method, headers: [...rawHeaders] });
    onward.on('error', () => response.destroy());
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await listen(server, sidecar.port);
}

const specsOf = (resources: string): ReadonlyMap<string, Spec> =>
  new Map(
    parseAllDocuments(resources).map((document) => {
      const { kind, spec }: { kind: string; spec: Spec } = document.toJS();
      return [kind, spec];
    }),
  );

type Problem = { readonly status: number; readonly text: string };

const DENIED: Problem = { status: 403, text: 'RBAC: access denied' };

/** A request without a token may pass; one with a token of an issuer without a rule may not. */
async function findTokenProblem(
  { headers }: IncomingMessage,
  rules: readonly JwtRule[],
  dns: Readonly<Record<string, string>>,
): Promise<Problem | undefined> {
  const [, token] = /^Bearer (.*)$/.exec(headers.authorization ?? '') ?? [];
  if (token === undefined) return undefined;
  try {
    const { iss } = decodeJwt(token);
    const rule = rules.find(({ issuer }) => issuer === iss);
    if (rule === undefined) return { status: 401, text: 'Jwt issuer is not configured' };
    const { origin } = new URL(rule.jwksUri);
    const uri = rule.jwksUri.replace(origin, dns[origin] ?? origin);
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(uri)));
    const { audiences = [] } = rule;
    const isMeant = [payload.aud ?? []].flat().some((name) => audiences.includes(name));
    return audiences.length === 0 || isMeant
      ? undefined
      : { status: 403, text: 'Audiences in Jwt are not allowed' };
  } catch (error) {
    return { status: 401, text: String(error) };
  }
}

/** All that a rule names has to apply; what it does not name is anything. */
function allows(
  { from, to }: AuthorizationRule,
  principal: string,
  { url = '' }: IncomingMessage,
): boolean {
  const isFrom = from?.some(({ source }) => source.principals.includes(principal)) ?? true;
  const path = url.split('?')[0] ?? '';
  return isFrom && (to?.some(({ operation }) => operation.paths.includes(path)) ?? true);
}
