// A reverse proxy that behaves towards Asteroid as a product does: it removes what the product removes
// of what clients send, and sets the product's exact headers. An emulation, not the product.

import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type CompactJWSHeaderParameters,
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
} from 'jose';
import { onCleanUp, UPSTREAM_SECRET } from './rig.ts';

export type HeaderLine = readonly [name: string, value: string];

/** Where Asteroid answers: a port, a Unix socket, or TLS with what the proxy shows there. */
export type Target = {
  readonly port?: number;
  readonly socketPath?: string | undefined;
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string };
};

type PassedOn = {
  /** Header names in lower case that a client's request loses, on every path. */
  readonly removes: (name: string) => boolean;
  /** What is set on the paths that read an identity, for whoever has this session. */
  readonly says: (person: string) => Promise<readonly HeaderLine[]>;
  /** Of the paths that read an identity; absent: the same as all others. */
  readonly browser?: Target;
  readonly target: Target;
  readonly isProvenBySecret: boolean;
};

export type EmulatorOptions = PassedOn & {
  readonly port: number;
  /** Pages of the product itself, by path. */
  readonly pages?: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse) => void>
  >;
};

export const SECRET_LINE: HeaderLine = ['X-Asteroid-Upstream-Secret', UPSTREAM_SECRET];

const BROWSER_PATHS: ReadonlySet<string> = new Set(
  ['authorize', 'consent', 'account', 'device', 'end_session', 'sign_out'].map(
    (name) => `/${name}`,
  ),
);

/** The cookie by which the product knows its session of somebody; letters and digits. */
export const sessionOf = (person: string): string => `session=${person}`;

export async function startEmulator({
  port,
  pages = {},
  ...passedOn
}: EmulatorOptions): Promise<void> {
  const server = http.createServer((request, response) => {
    const page = pages[pathOf(request)];
    if (page !== undefined) return page(request, response);
    pass(request, response, passedOn).catch(() => response.writeHead(502).end());
  });
  await listen(server, port);
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? '';

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { removes, says, target, browser = target, isProvenBySecret }: PassedOn,
): Promise<void> {
  const isBrowser = BROWSER_PATHS.has(pathOf(request));
  const person = /\bsession=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  if (isBrowser && person === undefined) {
    response.writeHead(401).end('the product would let you sign in here');
    return;
  }
  const secret = SECRET_LINE[0].toLowerCase();
  const kept = linesOf(request.rawHeaders).filter(([name]) => {
    const lower = name.toLowerCase();
    return lower !== 'connection' && lower !== secret && !removes(lower);
  });
  const identity = isBrowser && person !== undefined ? await says(person) : [];
  const own = new Set(identity.map(([name]) => name.toLowerCase()));
  const lines = [
    ...kept.filter(([name]) => !own.has(name.toLowerCase())),
    ...identity,
    ...(isBrowser && isProvenBySecret ? [SECRET_LINE] : []),
  ];
  const { url = '/', method = 'GET' } = request;
  const onward = connect(isBrowser ? browser : target, {
    path: url,
    method,
    headers: lines.flat(),
  });
  onward.on('error', () => response.destroy());
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  request.pipe(onward);
}

type Onward = { readonly path: string; readonly method: string; readonly headers: string[] };

/** One request as it is written, on a connection of its own. */
export function connect({ port, socketPath, tls }: Target, onward: Onward): http.ClientRequest {
  const where = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
  const options = { ...where, ...onward, agent: false };
  return tls === undefined
    ? http.request(options)
    : https.request({ ...options, ...tls, servername: 'asteroid' });
}

const linesOf = (raw: readonly string[]): readonly HeaderLine[] =>
  raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : []));

/** On loopback, until `cleanUp`; 0 is any free port. */
export async function listen(server: http.Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export type Alg = 'ES256' | 'RS256';

export type ProductSigner = {
  /** Where its keys are, as `jwks_uri` has it. */
  readonly jwksUri: string;
  readonly origin: string;
  readonly sign: (claims: object, header?: object) => Promise<string>;
  /** As `sign`, with a key that the product does not know under the same name. */
  readonly forge: (claims: object) => Promise<string>;
  /** HS256 with the public key as the secret, which everybody has. */
  readonly confuse: (claims: object) => string;
};

export type SignerOptions = {
  readonly alg: Alg;
  readonly jwksPath: string;
  /** The document as the product writes it. */
  readonly document?: (keys: readonly JWK[]) => object;
  /** The protected header as the product writes it, beside `alg` and `kid`. */
  readonly head?: object;
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The product's keys, and its key service on loopback. */
export async function startSigner(options: SignerOptions): Promise<ProductSigner> {
  const { alg, jwksPath, document = (keys) => ({ keys }), head = { typ: 'JWT' } } = options;
  const kid = randomUUID();
  const [own, strange] = await Promise.all([
    generateKeyPair(alg, { extractable: true }),
    generateKeyPair(alg),
  ]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid, alg, use: 'sig' };
  const body = JSON.stringify(document([jwk]));
  const spki = await exportSPKI(own.publicKey);
  const signWith = (key: CryptoKey, claims: object, header: object) => {
    const full: CompactJWSHeaderParameters = { ...head, alg, kid, ...header };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader(full)
      .sign(key);
  };
  const server = http.createServer((request, response) => {
    const isThere = request.url === jwksPath;
    response.writeHead(isThere ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(isThere ? body : '');
  });
  const origin = `http://127.0.0.1:${await listen(server, 0)}`;
  return {
    origin,
    jwksUri: `${origin}${jwksPath}`,
    sign: (claims, header = {}) => signWith(own.privateKey, claims, header),
    forge: (claims) => signWith(strange.privateKey, claims, {}),
    confuse: (claims) => {
      const input = `${encode({ ...head, alg: 'HS256', kid })}.${encode(claims)}`;
      return `${input}.${createHmac('sha256', spki).update(input).digest('base64url')}`;
    },
  };
}
