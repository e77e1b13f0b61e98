// Two secrets of one client, so that it can be given another one without an hour in which neither counts.

import type { ClientDirectory } from '../../admin/api/ports/clients.ts';
import { AdminRefusal } from '../../admin/refusal.ts';
import type { Deps } from '../../oidc/deps.ts';
import { makeSecret } from '../../oidc/registration/secret.ts';
import { type Entries, idOf } from './client-entries.ts';

const SECRET_ID_BYTES = 9;

const TWO = 'this client has two secrets; retire one of them first';
const SECRETLESS =
  'this client authenticates without a secret; change token_endpoint_auth_method first';
const NONE = 'no such secret counts, or not any more; GET the client lists those that do';
const ONLY = 'this is its only secret; add another one first, or delete the client';

/** What is made counts at once, and so does what is not made any more. */
export const createClientSecrets = (
  entries: Pick<Entries, 'find' | 'replace'>,
  deps: () => Deps,
): Pick<ClientDirectory, 'addSecret' | 'retireSecret'> => ({
  async addSecret(clientId, version) {
    const { record, client } = await entries.find(clientId, version);
    if (client.secret !== undefined && client.second !== undefined)
      throw new AdminRefusal('conflict', TWO);
    const method = client.metadata['token_endpoint_auth_method'] ?? 'client_secret_basic';
    const made = makeSecret(method, deps());
    if (made === undefined) throw new AdminRefusal('conflict', SECRETLESS);
    const kept = { ...made.kept, id: deps().random(SECRET_ID_BYTES), addedAt: deps().now() };
    const next =
      client.secret === undefined ? { ...client, secret: kept } : { ...client, second: kept };
    const found = await entries.replace(clientId, record, next);
    return { ...found, secretId: kept.id, secret: made.shown };
  },

  async retireSecret(clientId, secretId, version) {
    const { record, client } = await entries.find(clientId, version);
    const all = [client.secret, client.second].filter((kept) => kept !== undefined);
    if (!all.some((kept) => idOf(kept) === secretId)) throw new AdminRefusal('not_found', NONE);
    const [left] = all.filter((kept) => idOf(kept) !== secretId);
    if (left === undefined) throw new AdminRefusal('conflict', ONLY);
    return entries.replace(clientId, record, { ...client, secret: left, second: undefined });
  },
});
