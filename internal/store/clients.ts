// Clients that registered themselves (RFC 7591, RFC 7592): opaque text under the client_id. The store
// neither reads nor checks it.

import type { ClientId } from '../protocol/ids.ts';

export type ClientRecord = {
  /** JSON of the client's metadata, whose secrets the domain has hashed or sealed. */
  readonly text: string;
  /** SHA-256 of the registration access token's secret, base64url. */
  readonly tokenHash: string;
  /** Opaque, and another one with each write. */
  readonly version: string;
};

type ListedClients = {
  readonly ids: readonly ClientId[];
  /** Where the rest begins; undefined: this is the end. */
  readonly next: string | undefined;
};

/** Lives are in seconds; undefined is for ever. */
export type ClientVerbs = {
  /** Keeps a client; `full` when the budget of registered clients is used up. */
  createClient(
    id: ClientId,
    record: ClientRecord,
    ttl: number | undefined,
  ): Promise<'created' | 'full'>;

  findClient(id: ClientId): Promise<ClientRecord | undefined>;

  /**
   * Replaces what is at `version`, and its life: of two writers one wins, the other hears `changed`. The
   * same replacement asked again is `replaced` again.
   */
  replaceClient(
    id: ClientId,
    version: string,
    next: ClientRecord,
    ttl: number | undefined,
  ): Promise<'replaced' | 'changed' | 'unknown'>;

  /**
   * At most so many ids, in an order of the store's own: whoever goes on until the end has met each that was
   * there all the time and was given no shorter life, and maybe twice. Some may be gone. Undefined when `after`
   * is no `next` of its own.
   */
  listClients(after: string | undefined, limit: number): Promise<ListedClients | undefined>;

  /** True for the first caller only. */
  removeClient(id: ClientId): Promise<boolean>;

  /** Only what is at `version`: of a removal and a replacement at the same moment one happens. */
  removeClientAt(id: ClientId, version: string): Promise<'removed' | 'changed' | 'unknown'>;
};
