// Clients by their id: those of the file from memory, and such as registered themselves from the store,
// which is asked each time, so that one that is gone is gone on every replica at once.

import type { ClientTerms } from '../config/checks/client.ts';
import { toClient } from '../config/client.ts';
import type { Config } from '../config/config.ts';
import { readOperatorClient } from '../config/operator-client.ts';
import { readRegistration } from '../config/registration.ts';
import { clearSecret } from '../config/secret-hash.ts';
import { toKeys } from '../config/sections/client-keys.ts';
import type { KeyRing } from '../keys/keys.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Deps } from '../oidc/deps.ts';
import { type KeptSecret, parseRegistered, SECRET_PURPOSE } from '../oidc/registration/record.ts';
import type { Client, ClientSecret } from '../protocol/client.ts';
import { isRegisteredId } from '../protocol/client-description.ts';
import { toClientId } from '../protocol/ids.ts';
import type { ClientRecord } from '../store/clients.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

export type FindClientDeps = {
  readonly config: Config;
  readonly clientTerms: ClientTerms;
  /** That of the moment. */
  readonly snapshot: () => Pick<Snapshot, 'clients'>;
  readonly store: Pick<Store, 'findClient'>;
  readonly keys: Pick<KeyRing, 'unseal'>;
  readonly log: Pick<Log, 'warn'>;
};

/** Of so many the reading of their records is remembered. */
const MAX_READ = 1000;

export function createFindClient(deps: FindClientDeps): Deps['findClient'] {
  const { config, snapshot, store } = deps;
  const read = rememberReadings((id, record) => readClient(id, record, deps));
  return (clientId) => {
    const known = snapshot().clients.get(clientId);
    if (known !== undefined) return known;
    const mayBeThere = config.registration !== undefined || config.admin !== undefined;
    if (!mayBeThere || !isRegisteredId(clientId)) return undefined;
    return findRegistered(clientId);
  };

  async function findRegistered(clientId: string): Promise<Client | undefined> {
    const record = await store.findClient(toClientId(clientId));
    return record && read(clientId, record);
  }
}

type Read = (id: string, record: ClientRecord) => Client | undefined;

/** By its text, so that nothing has to be told of a change; the one asked for longest ago goes first. */
function rememberReadings(read: Read): Read {
  const readings = new Map<
    string,
    { readonly text: string; readonly client: Client | undefined }
  >();
  return (id, record) => {
    const before = readings.get(id);
    const { text } = record;
    const reading = before?.text === text ? before : { text, client: read(id, record) };
    readings.delete(id);
    readings.set(id, reading);
    const [oldest] = readings.keys();
    if (readings.size > MAX_READ && oldest !== undefined) readings.delete(oldest);
    return reading.client;
  };
}

/** Undefined for what the operator's words of now would not let register: those bind whoever is here already. */
function readClient(
  id: string,
  { text }: ClientRecord,
  { config, clientTerms: clients, keys, log }: FindClientDeps,
): Client | undefined {
  const { metadata, secret, second, madeBy } = parseRegistered(text);
  const { registration: policy } = config;
  const isOperators = madeBy === 'operator';
  if (isOperators ? config.admin === undefined : policy === undefined) return undefined;
  const reading =
    isOperators || policy === undefined
      ? readOperatorClient(id, metadata, clients)
      : readRegistration(id, metadata, { policy, clients });
  if (!reading.ok) {
    const members = reading.findings.map(({ path }) => String(path[0])).join(' ');
    log.warn({ client: id, members }, 'a registered client does not keep to the configuration');
    return undefined;
  }
  const secrets = [secret, second].flatMap((kept) => toSecrets(kept, keys));
  const material = { secrets, keys: toKeys(reading.client, undefined) };
  return { ...toClient(reading.client, material), registered: !isOperators };
}

/** None where the key is gone that it was sealed with: the client gets another by a PUT. */
function toSecrets(
  secret: KeptSecret | undefined,
  keys: FindClientDeps['keys'],
): readonly ClientSecret[] {
  if (secret === undefined) return [];
  if (secret.kind === 'hashed') {
    return [{ kind: 'sha256', digest: Buffer.from(secret.hash, 'base64url') }];
  }
  const text = keys.unseal(SECRET_PURPOSE, secret.sealed);
  return text === undefined ? [] : [clearSecret(text)];
}
