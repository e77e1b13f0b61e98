import type { Claims } from '../../../protocol/claims.ts';

/** One client, whoever wrote it down. Times are seconds since 1970. */
export type ClientEntry = {
  readonly client_id: string;
  /** Of clients.yaml, of an operator by this API, or of the client itself (RFC 7591). */
  readonly made_by: 'file' | 'operator' | 'itself';
  /** By the registered names; of one in a file, what it comes to. */
  readonly metadata: Claims;
  /** Names of those that count, and never what they are. */
  readonly secrets: readonly { readonly secret_id: string; readonly added_at: number }[];
  readonly issued_at?: number;
  readonly expires_at?: number;
};

export type FoundClient = { readonly client: ClientEntry; readonly version?: string | undefined };

/** `secret` is there once, where this made one. */
export type MadeClient = FoundClient & { readonly secret?: string | undefined };

type MadeSecret = FoundClient & { readonly secretId: string; readonly secret: string };

/** All of them throw `AdminRefusal` for what the caller can put right, and `Unavailable`. */
export type ClientDirectory = {
  list(
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly clients: readonly ClientEntry[]; readonly next?: string }>;
  find(clientId: string): Promise<FoundClient>;
  create(metadata: Claims): Promise<MadeClient>;
  change(clientId: string, metadata: Claims, version: string | undefined): Promise<MadeClient>;
  /** Whether there was one; all that it was given is of no use from then on. */
  remove(clientId: string, version: string | undefined): Promise<boolean>;
  addSecret(clientId: string, version: string | undefined): Promise<MadeSecret>;
  retireSecret(
    clientId: string,
    secretId: string,
    version: string | undefined,
  ): Promise<FoundClient>;
};
