// Clients as operators look after them: those of the file from memory, those that are registered in the
// store, so that a change counts on every replica with the next request.

import type { ClientDirectory, ClientEntry, MadeClient } from '../../admin/api/ports/clients.ts';
import { AdminRefusal } from '../../admin/refusal.ts';
import { printPath } from '../../config/finding.ts';
import { readOperatorClient } from '../../config/operator-client.ts';
import type { Snapshot } from '../../loader/load.ts';
import type { Deps } from '../../oidc/deps.ts';
import { makeEntry } from '../../oidc/registration/enter.ts';
import {
  type KeptSecret,
  parseRegistered,
  printRegistered,
  type RegisteredClient,
} from '../../oidc/registration/record.ts';
import { issueSecret, keepSecond, makeSecret } from '../../oidc/registration/secret.ts';
import type { Claims } from '../../protocol/claims.ts';
import { isRegisteredId, toRegisteredId } from '../../protocol/client-description.ts';
import { OAuthError } from '../../protocol/errors.ts';
import { toClientId } from '../../protocol/ids.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import type { ClientRecord } from '../../store/clients.ts';
import { describeFileClient } from './file-client.ts';

export type DirectoryDeps = {
  readonly deps: () => Deps;
  readonly snapshot: () => Pick<Snapshot, 'clients' | 'clientTerms'>;
};

const FILE = 'file:';
const NONE = 'there is no client of this client_id; GET /clients lists those that there are';
const IN_FILE =
  'this client is one of clients.yaml; change it there, and POST /reload where the file is not watched';
const OUTRUN = 'somebody else changed it at the same moment; read it, and ask again';

/** What came with the entry has no name of its own. */
const idOf = ({ id = 'first' }: KeptSecret): string => id;

export function createClientDirectory({ deps, snapshot }: DirectoryDeps): ClientDirectory {
  async function findRecord(clientId: string): Promise<ClientRecord> {
    if (snapshot().clients.has(clientId)) throw new AdminRefusal('conflict', IN_FILE);
    const record = isRegisteredId(clientId)
      ? await deps().store.findClient(toClientId(clientId))
      : undefined;
    if (record === undefined) throw new AdminRefusal('not_found', NONE);
    return record;
  }

  async function findExpected(clientId: string, version: string | undefined) {
    const record = await findRecord(clientId);
    checkVersion(record, version);
    return { record, client: parseRegistered(record.text) };
  }

  async function put(clientId: string, record: ClientRecord, client: RegisteredClient) {
    const { store, random, now } = deps();
    const { expiresAt } = client;
    const ttl = expiresAt === undefined ? undefined : Math.max(1, expiresAt - now());
    const version = random(ID_BYTES);
    const next = { ...record, text: printRegistered(client), version };
    const outcome = await store.replaceClient(toClientId(clientId), record.version, next, ttl);
    if (outcome === 'changed') throw new AdminRefusal('conflict', OUTRUN);
    if (outcome === 'unknown') throw new AdminRefusal('not_found', NONE);
    return { client: describe(clientId, client), version };
  }

  async function listRegistered(after: string | undefined, limit: number) {
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
  }

  return {
    async list(after, limit) {
      const isFile = after === undefined || after.startsWith(FILE);
      if (!isFile) return listRegistered(after, limit);
      const last = after?.slice(FILE.length) ?? '';
      const ids = [...snapshot().clients.keys()].filter((id) => id > last).toSorted();
      const here = ids.slice(0, limit);
      const clients = here.flatMap((id) => {
        const client = snapshot().clients.get(id);
        return client === undefined ? [] : [describeFileClient(client)];
      });
      if (ids.length > limit) return { clients, next: `${FILE}${here.at(-1)}` };
      if (here.length === limit) return { clients, next: `${FILE}${here.at(-1)}` };
      const rest = await listRegistered(undefined, limit - here.length);
      return { ...rest, clients: [...clients, ...rest.clients] };
    },

    async find(clientId) {
      const known = snapshot().clients.get(clientId);
      if (known !== undefined) return { client: describeFileClient(known) };
      const record = await findRecord(clientId);
      return {
        client: describe(clientId, parseRegistered(record.text)),
        version: record.version,
      };
    },

    async create(metadata) {
      const { store, random, now } = deps();
      const clientId = toRegisteredId(random(ID_BYTES));
      const method = judge(clientId, metadata, snapshot());
      const made = makeSecret(method, deps());
      const client: RegisteredClient = {
        metadata,
        statement: undefined,
        secret: made?.kept,
        issuedAt: now(),
        expiresAt: undefined,
        madeBy: 'operator',
      };
      // Nobody has a token to look after it with (RFC 7592 §1.2): nothing hashes to nothing.
      const record = { text: printRegistered(client), tokenHash: '', version: random(ID_BYTES) };
      if ((await store.createClient(toClientId(clientId), record, undefined)) === 'full') {
        throw new AdminRefusal(
          'conflict',
          'there are as many registered clients as max_clients of the store allows; delete some, or raise it',
        );
      }
      return {
        ...withSecret(made?.shown),
        client: describe(clientId, client),
        version: record.version,
      };
    },

    async change(clientId, metadata, version) {
      const { record, client: before } = await findExpected(clientId, version);
      if (before.madeBy !== 'operator') return changeOwn(clientId, metadata, record, before);
      const method = judge(clientId, metadata, snapshot());
      const secret = issueSecret(method, before.secret, deps());
      const second = keepSecond(method, before.second, deps());
      const next = { ...before, metadata, secret: secret.kept, second };
      return { ...(await put(clientId, record, next)), ...withSecret(secret.shown) };
    },

    async remove(clientId, version) {
      if (snapshot().clients.has(clientId)) throw new AdminRefusal('conflict', IN_FILE);
      if (!isRegisteredId(clientId)) throw new AdminRefusal('not_found', NONE);
      if (version !== undefined) {
        const record = await deps().store.findClient(toClientId(clientId));
        if (record === undefined) return false;
        checkVersion(record, version);
      }
      return deps().store.removeClient(toClientId(clientId));
    },

    async addSecret(clientId, version) {
      const { record, client } = await findExpected(clientId, version);
      if (client.secret !== undefined && client.second !== undefined) {
        const description = 'this client has two secrets; retire one of them first';
        throw new AdminRefusal('conflict', description);
      }
      const method = client.metadata['token_endpoint_auth_method'] ?? 'client_secret_basic';
      const made = makeSecret(method, deps());
      if (made === undefined) {
        const description =
          'this client authenticates without a secret; change token_endpoint_auth_method first';
        throw new AdminRefusal('conflict', description);
      }
      const kept = { ...made.kept, id: deps().random(SECRET_ID_BYTES), addedAt: deps().now() };
      const next =
        client.secret === undefined ? { ...client, secret: kept } : { ...client, second: kept };
      const found = await put(clientId, record, next);
      return { ...found, secretId: kept.id, secret: made.shown };
    },

    async retireSecret(clientId, secretId, version) {
      const { record, client } = await findExpected(clientId, version);
      const { secret, second } = client;
      const all = [secret, second].filter((kept) => kept !== undefined);
      if (!all.some((kept) => idOf(kept) === secretId)) {
        const description =
          'no such secret counts, or not any more; GET the client lists those that do';
        throw new AdminRefusal('not_found', description);
      }
      const [left] = all.filter((kept) => idOf(kept) !== secretId);
      if (left === undefined) {
        const description = 'this is its only secret; add another one first, or delete the client';
        throw new AdminRefusal('conflict', description);
      }
      return put(clientId, record, { ...client, secret: left, second: undefined });
    },
  };

  async function changeOwn(
    clientId: string,
    metadata: Claims,
    record: ClientRecord,
    before: RegisteredClient,
  ): Promise<MadeClient> {
    const { registration } = deps();
    if (registration === undefined) {
      const description =
        'this client registered itself, and registration is off; delete it, or configure registration';
      throw new AdminRefusal('conflict', description);
    }
    try {
      const { client, secret } = await makeEntry(clientId, metadata, before, registration, deps());
      return { ...(await put(clientId, record, client)), ...withSecret(secret) };
    } catch (error) {
      if (error instanceof OAuthError) throw new AdminRefusal('invalid_request', error.description);
      throw error;
    }
  }
}

const SECRET_ID_BYTES = 9;

const withSecret = (secret: string | undefined) => (secret === undefined ? {} : { secret });

function checkVersion(record: ClientRecord, version: string | undefined): void {
  if (version === undefined || version === record.version) return;
  const description = 'this client is another one than when it was read; read it again';
  throw new AdminRefusal('precondition_failed', description);
}

/** How it will authenticate; throws `AdminRefusal` with everything that is wrong. */
function judge(
  clientId: string,
  metadata: Claims,
  { clientTerms }: Pick<Snapshot, 'clientTerms'>,
): string {
  const reading = readOperatorClient(clientId, metadata, clientTerms);
  if (reading.ok) return reading.client.token_endpoint_auth_method;
  const problems = reading.findings.map(({ path, problem }) => `${printPath(path)}: ${problem}`);
  throw new AdminRefusal('invalid_request', problems.join('; '));
}

const describe = (clientId: string, client: RegisteredClient): ClientEntry => ({
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
