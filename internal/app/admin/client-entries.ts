// What the store keeps of clients, as operators read and change it: each with the version that a change is
// held against.

import type { ClientEntry, FoundClient } from '../../admin/api/ports/clients.ts';
import { AdminRefusal } from '../../admin/refusal.ts';
import type { Deps } from '../../oidc/deps.ts';
import {
  type KeptSecret,
  parseRegistered,
  printRegistered,
  type RegisteredClient,
} from '../../oidc/registration/record.ts';
import type { Claims } from '../../protocol/claims.ts';
import { isRegisteredId } from '../../protocol/client-description.ts';
import { toClientId } from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import type { ClientRecord } from '../../store/clients.ts';

export type EntriesDeps = {
  readonly deps: () => Deps;
  /** Whether a file speaks of it, which no call here can change. */
  readonly isInFile: (clientId: string) => boolean;
};

export type Found = { readonly record: ClientRecord; readonly client: RegisteredClient };

/** All of them throw `AdminRefusal` for what the caller can put right. */
export type Entries = {
  find(clientId: string, version?: string): Promise<Found>;
  create(client: RegisteredClient, clientId: string): Promise<FoundClient>;
  /** In the place of what was found; refused when that is another by then. */
  replace(clientId: string, record: ClientRecord, client: RegisteredClient): Promise<FoundClient>;
  /** Whether there was one. */
  remove(clientId: string, version: string | undefined): Promise<boolean>;
  list(
    after: string | undefined,
    limit: number,
  ): Promise<{ readonly clients: readonly ClientEntry[]; readonly next?: string }>;
};

const NONE = 'there is no client of this client_id; GET /clients lists those that there are';
const IN_FILE =
  'this client is one of clients.yaml; change it there, and POST /reload where the file is not watched';
const OUTRUN = 'somebody else changed it at the same moment; read it, and ask again';
const OTHER = 'this client is another one than when it was read; read it again';
const FULL =
  'there are as many registered clients as max_clients of the store allows; delete some, or raise it';

/** What came with the entry has no name of its own. */
export const idOf = ({ id = 'first' }: KeptSecret): string => id;

export function createEntries({ deps, isInFile }: EntriesDeps): Entries {
  const checkOurs = (clientId: string): void => {
    if (isInFile(clientId)) throw new AdminRefusal('conflict', IN_FILE);
    if (!isRegisteredId(clientId)) throw new AdminRefusal('not_found', NONE);
  };
  return {
    async find(clientId, version) {
      checkOurs(clientId);
      const record = await deps().store.findClient(toClientId(clientId));
      if (record === undefined) throw new AdminRefusal('not_found', NONE);
      if (version !== undefined && version !== record.version)
        throw new AdminRefusal('precondition_failed', OTHER);
      return { record, client: parseRegistered(record.text) };
    },

    async create(client, clientId) {
      const { store, random } = deps();
      const version = random(ID_BYTES);
      // Nobody has a token to look after it with (RFC 7592 §1.2): nothing hashes to nothing.
      const record = { text: printRegistered(client), tokenHash: '', version };
      const outcome = await store.createClient(toClientId(clientId), record, undefined);
      if (outcome === 'full') throw new AdminRefusal('conflict', FULL);
      return { client: describe(clientId, client), version };
    },

    async replace(clientId, record, client) {
      const { store, random, now } = deps();
      const { expiresAt } = client;
      const ttl = expiresAt === undefined ? undefined : Math.max(1, expiresAt - now());
      const version = random(ID_BYTES);
      const next = { ...record, text: printRegistered(client), version };
      const outcome = await store.replaceClient(toClientId(clientId), record.version, next, ttl);
      if (outcome === 'changed') throw new AdminRefusal('conflict', OUTRUN);
      if (outcome === 'unknown') throw new AdminRefusal('not_found', NONE);
      return { client: describe(clientId, client), version };
    },

    async remove(clientId, version) {
      checkOurs(clientId);
      const { store } = deps();
      const id = toClientId(clientId);
      if (version === undefined) return store.removeClient(id);
      const outcome = await store.removeClientAt(id, version);
      if (outcome === 'changed') throw new AdminRefusal('precondition_failed', OTHER);
      return outcome === 'removed';
    },

    async list(after, limit) {
      const { store } = deps();
      const listed = await store.listClients(after, limit);
      if (listed === undefined) {
        throw new AdminRefusal('invalid_request', 'after: is no `next` of an answer of this list');
      }
      const found = await Promise.all(
        listed.ids.map(async (id) => {
          const record = await store.findClient(id);
          return record === undefined ? [] : [describe(id, parseRegistered(record.text))];
        }),
      );
      return { clients: found.flat(), ...(listed.next === undefined ? {} : { next: listed.next }) };
    },
  };
}

/** As an operator reads it: names of its secrets, and never what they are. */
export const describe = (clientId: string, client: RegisteredClient): ClientEntry => ({
  client_id: clientId,
  made_by: client.madeBy ?? 'itself',
  // As JSON that was read from JSON.
  metadata: client.metadata as Claims,
  secrets: [client.secret, client.second].flatMap((kept) =>
    kept === undefined
      ? []
      : [{ secret_id: idOf(kept), added_at: kept.addedAt ?? client.issuedAt }],
  ),
  issued_at: client.issuedAt,
  ...(client.expiresAt === undefined ? {} : { expires_at: client.expiresAt }),
});
