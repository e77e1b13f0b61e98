// Somebody who signs assertions: keys, tokens right and wrong, and a key service on loopback that can be
// down, slow, wrong or counted.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CompactJWSHeaderParameters,
  CompactSign,
  type CryptoKey,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
} from 'jose';
import { afterAll } from 'vitest';

export const SIGNER_ISSUER = 'https://proxy.example';
export const AUDIENCE = 'https://sso.example';

export type Signer = {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** As a JWK Set has it. */
  readonly jwk: JWK;
  readonly spki: string;
  /** The compact token of these claims. */
  sign(claims: object, header?: Partial<CompactJWSHeaderParameters>): Promise<string>;
};

const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

export async function createSigner(kid: string, alg = 'ES256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  const signPayload = async (claims: object, header: Partial<CompactJWSHeaderParameters> = {}) =>
    new CompactSign(encode(claims))
      .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
      .sign(privateKey);
  return { kid, privateKey, jwk, spki: await exportSPKI(publicKey), sign: signPayload };
}

export const setOf = (...signers: readonly Signer[]): string =>
  JSON.stringify({ keys: signers.map(({ jwk }) => jwk) });

/** What an honest signer says about alice at this time. */
export const claimsAt = (now: number, different: object = {}): object => ({
  iss: SIGNER_ISSUER,
  aud: AUDIENCE,
  sub: 'alice',
  iat: now,
  exp: now + 300,
  ...different,
});

export type Answer = (response: ServerResponse) => void;

export type KeyService = {
  readonly uri: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** From now on. */
  answers(answer: Answer): void;
};

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

export const text =
  (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

/** Ends with the test file. */
export async function startKeyService(first: Answer): Promise<KeyService> {
  let answer = first;
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    answer(response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}/jwks.json`,
    asked,
    answers: (next) => {
      answer = next;
    },
  };
}
