// What a recipe is, and what they all begin with.

import type { Issuer } from '../../internal/oidc/issuer.ts';
import type { Policy } from '../../internal/oidc/policy.ts';
import type { Client } from '../../internal/protocol/client.ts';
import { AUTHORIZE, type TestIssuer } from '../support/issuer.ts';
import { s256 } from '../support/pkce.ts';
import { type Answer, basic, encodeQuery, type Query } from '../support/requests.ts';
import type { Wire } from './mutate.ts';

export type Party = {
  readonly client: string;
  readonly subject: string;
  readonly verifier: string;
};

export const ALICE: Party = { client: 'conf', subject: 'alice', verifier: 'a'.repeat(43) };
export const BOB: Party = { client: 'conf2', subject: 'bob', verifier: 'b'.repeat(43) };

/** The client by which each of them has a device. */
export const deviceOf = ({ client }: Pick<Party, 'client'>): string =>
  client === ALICE.client ? 'tv2' : 'tv3';

export type Recipe = {
  readonly name: string;
  readonly endpoint: keyof Issuer;
  /** At the token endpoint. */
  readonly grantType?: string;
  readonly method: 'GET' | 'POST';
  /** A request that would succeed, with whatever it spends made for it. */
  readonly make: (test: TestIssuer, party: Party) => Promise<Wire>;
  readonly succeeded: (answer: Answer) => boolean;
  /** Its pairs are members of a JSON object, and their values JSON. */
  readonly isJson?: true;
  /** Parameters that have to be there as they were made, or alice gets nothing. */
  readonly binds: readonly string[];
  /** What ends alice's authorization on purpose, however it came about. */
  readonly ends?: (honest: Wire, wire: Wire) => boolean;
  /** Whom alice's answer is about, where that is not alice. */
  readonly about?: string;
  /** A page was shown: who the proxy may name when the answer to alice's counts. */
  readonly shownTo?: readonly (string | undefined)[];
  /** What the issuer has to be like. */
  readonly policy?: Partial<Policy>;
  /** Beside those that are always there; each is the client of one of the two. */
  readonly clients?: readonly (readonly [Client, Party])[];
};

export const toWire = (form: Query, rest: Partial<Wire> = {}): Wire => ({
  pairs: [...new URLSearchParams(encodeQuery(form))],
  headers: [],
  subject: undefined,
  ...rest,
});

export const byClient = ({ client }: Pick<Party, 'client'>, form: Query): Wire =>
  toWire(form, { headers: [['authorization', basic(client)]] });

let requests = 0;

export const request = ({ client, verifier }: Party): Query => ({
  ...AUTHORIZE,
  client_id: client,
  nonce: `nonce of ${client} ${requests++}`,
  code_challenge: s256(verifier),
  code_challenge_method: 'S256',
});

export const isOk = ({ status }: Answer): boolean => status === 200;
export const hasCode = ({ params }: Answer): boolean => params.has('code');
