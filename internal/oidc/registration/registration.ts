// What registration needs beside the rest of the domain: the operator's words on who may register
// what. Present only where the operator wants it at all.

import type { Outbound } from '../../outbound/outbound.ts';
import type { ClientSecret } from '../../protocol/client.ts';
import type { Members } from '../../protocol/jwt.ts';
import type { KeySource } from '../../protocol/key-source.ts';

/** Somebody who may say of clients what counts more than what they say themselves (RFC 7591 §2.3). */
export type StatementIssuer = {
  readonly issuer: string;
  readonly keys: KeySource;
  readonly algorithms: readonly string[];
  /** Nobody registers without a statement of such an issuer. */
  readonly required: boolean;
};

export type Judgement =
  /** What is registered in the end, defaults filled in. */
  | { readonly ok: true; readonly metadata: Members }
  | {
      readonly ok: false;
      readonly error: 'invalid_redirect_uri' | 'invalid_client_metadata';
      /** Public: names of members, and nothing that was sent. */
      readonly description: string;
    };

export type Registration = {
  /** Any of them lets a client register; undefined: everybody may. */
  readonly initialAccessTokens: (() => readonly ClientSecret[]) | undefined;
  readonly statementIssuers: readonly StatementIssuer[];
  /** Seconds; undefined: for ever. */
  readonly clientLifetime: number | undefined;
  /** By the rules of `clients.yaml`, as far as that can be told without asking anybody. */
  readonly judge: (clientId: string, metadata: Members) => Judgement;
  /** For documents that clients name; keeps to the operator's rule of addresses. */
  readonly outbound: Outbound;
};
