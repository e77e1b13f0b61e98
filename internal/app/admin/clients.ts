// Clients as operators look after them: those of the file from memory, those that are registered in the
// store, so that a change counts on every replica with the next request.

import type { ClientDirectory, MadeClient } from '../../admin/api/ports/clients.ts';
import { AdminRefusal } from '../../admin/refusal.ts';
import { printPath } from '../../config/finding.ts';
import { readOperatorClient } from '../../config/operator-client.ts';
import type { Snapshot } from '../../loader/load.ts';
import type { Deps } from '../../oidc/deps.ts';
import { makeEntry } from '../../oidc/registration/enter.ts';
import type { RegisteredClient } from '../../oidc/registration/record.ts';
import { issueSecret, keepSecond, makeSecret } from '../../oidc/registration/secret.ts';
import type { Claims } from '../../protocol/claims.ts';
import { toRegisteredId } from '../../protocol/client-description.ts';
import { OAuthError } from '../../protocol/errors.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import { createEntries, describe, type Entries, type Found } from './client-entries.ts';
import { createClientSecrets } from './client-secrets.ts';
import { describeFileClient } from './file-client.ts';

export type DirectoryDeps = {
  readonly deps: () => Deps;
  readonly snapshot: () => Pick<Snapshot, 'clients' | 'clientTerms'>;
};

const REGISTRATION_OFF =
  'this client registered itself, and registration is off; delete it, or configure registration';

export function createClientDirectory({ deps, snapshot }: DirectoryDeps): ClientDirectory {
  const entries = createEntries({ deps, isInFile: (id) => snapshot().clients.has(id) });
  return {
    list: (after, limit) => listClients(after, limit, snapshot().clients, entries),

    async find(clientId) {
      const known = snapshot().clients.get(clientId);
      if (known !== undefined) return { client: describeFileClient(known) };
      const { record, client } = await entries.find(clientId);
      return { client: describe(clientId, client), version: record.version };
    },

    async create(metadata) {
      const { random, now } = deps();
      const clientId = toRegisteredId(random(ID_BYTES));
      const made = makeSecret(judge(clientId, metadata, snapshot()), deps());
      const client: RegisteredClient = {
        metadata,
        statement: undefined,
        secret: made?.kept,
        issuedAt: now(),
        expiresAt: undefined,
        madeBy: 'operator',
      };
      return { ...(await entries.create(client, clientId)), ...withSecret(made?.shown) };
    },

    async change(clientId, metadata, version) {
      const found = await entries.find(clientId, version);
      const { record, client: before } = found;
      if (before.madeBy !== 'operator')
        return changeOwn({ clientId, metadata, ...found }, entries, deps());
      const method = judge(clientId, metadata, snapshot());
      const secret = issueSecret(method, before.secret, deps());
      const second = keepSecond(method, before.second, deps());
      const next = { ...before, metadata, secret: secret.kept, second };
      return { ...(await entries.replace(clientId, record, next)), ...withSecret(secret.shown) };
    },

    remove: entries.remove,
    ...createClientSecrets(entries, deps),
  };
}

const FILE = 'file:';

/** Those of the file by name, and behind them those of the store. */
async function listClients(
  after: string | undefined,
  limit: number,
  ofFile: Snapshot['clients'],
  entries: Pick<Entries, 'list'>,
): ReturnType<ClientDirectory['list']> {
  if (after !== undefined && !after.startsWith(FILE)) return entries.list(after, limit);
  const last = after?.slice(FILE.length) ?? '';
  const known = [...ofFile]
    .filter(([id]) => id > last)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const here = known.slice(0, limit);
  const clients = here.map(([, client]) => describeFileClient(client));
  if (here.length === limit) return { clients, next: `${FILE}${here.at(-1)?.[0]}` };
  const rest = await entries.list(undefined, limit - here.length);
  return { ...rest, clients: [...clients, ...rest.clients] };
}

type OwnChange = Found & { readonly clientId: string; readonly metadata: Claims };

/** By the rules under which it registered itself: an operator is not a way around them. */
async function changeOwn(
  { clientId, metadata, record, client: before }: OwnChange,
  entries: Pick<Entries, 'replace'>,
  deps: Deps,
): Promise<MadeClient> {
  const { registration } = deps;
  if (registration === undefined) throw new AdminRefusal('conflict', REGISTRATION_OFF);
  try {
    const { client, secret } = await makeEntry(clientId, metadata, before, registration, deps);
    return { ...(await entries.replace(clientId, record, client)), ...withSecret(secret) };
  } catch (error) {
    if (error instanceof OAuthError) throw new AdminRefusal('invalid_request', error.description);
    throw error;
  }
}

const withSecret = (secret: string | undefined) => (secret === undefined ? {} : { secret });

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
