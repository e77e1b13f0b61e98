// GET, PUT and DELETE of a registered client, by the client itself (RFC 7592 §2).

import { invalidClientMetadata } from '../../protocol/errors.ts';
import { toClientId } from '../../protocol/ids.ts';
import type { Members } from '../../protocol/jwt.ts';
import { ID_BYTES } from '../../protocol/random.ts';
import type { ClientRecord } from '../../store/clients.ts';
import type { Deps } from '../deps.ts';
import type { Endpoint, ProtocolRequest, ProtocolResponse } from '../endpoint.ts';
import { type Attempted, clientOnRecord } from '../on-record.ts';
import { findManaged, makeRegistrationToken, tokenWrong } from './access-tokens.ts';
import { type Clear, createClear } from './clear.ts';
import { describeClient } from './describe.ts';
import { makeEntry } from './enter.ts';
import { readMembers, readText } from './metadata.ts';
import { parseRegistered, printRegistered, type RegisteredClient } from './record.ts';
import type { Registration } from './registration.ts';
import { isKept } from './secret.ts';

/** One entry, and the request that its own client makes about it. */
type Managed = {
  readonly request: ProtocolRequest;
  readonly clientId: string;
  readonly record: ClientRecord;
  readonly registration: Registration;
  readonly clear: Clear;
};

type Manage = (managed: Managed, deps: Deps) => Promise<ProtocolResponse>;

/** Undefined where clients may not register themselves. */
export const createRegisteredClientEndpoint = (deps: Deps): Endpoint | undefined => {
  const { registration } = deps;
  const clear = createClear(deps);
  if (registration === undefined) return undefined;
  const answer = async (request: ProtocolRequest, attempted: Attempted) => {
    const found = await findManaged(request, deps);
    attempted.clientId = toClientId(found.clientId);
    const manage = METHODS.get(request.method) ?? read;
    return manage({ request, registration, clear, ...found }, deps);
  };
  return clientOnRecord('registration.refused', answer, deps);
};

const read: Manage = async ({ clientId, record }, deps) => {
  const shown = { secret: undefined, registrationToken: undefined };
  return describeClient(200, clientId, parseRegistered(record.text), shown, deps);
};

/** What is not said again is not so any longer (RFC 7592 §2.2); the token is another one afterwards. */
const replace: Manage = async ({ request, clientId, record, registration }, deps) => {
  const said = readMembers(request.body);
  const before = parseRegistered(record.text);
  checkReplacement(said, clientId, before, deps);
  const { client, secret, ttl } = await makeEntry(clientId, said, before, registration, deps);
  const { token, hash } = makeRegistrationToken(deps);
  const next = { text: printRegistered(client), tokenHash: hash, version: deps.random(ID_BYTES) };
  const outcome = await deps.store.replaceClient(toClientId(clientId), record.version, next, ttl);
  // Somebody was faster, and the token of this request is none any more: which is the honest answer.
  if (outcome !== 'replaced') throw tokenWrong('registration_changed', deps);
  deps.audit({ type: 'client.changed', clientId, requestId: request.requestId });
  return describeClient(200, clientId, client, { secret, registrationToken: token }, deps);
};

/** All that was granted under it is of no use from the next request on: no client, no token of it. */
const remove: Manage = async ({ request, clientId, clear }, deps) => {
  const isFirst = await deps.store.removeClient(toClientId(clientId));
  if (!isFirst) throw tokenWrong('registration_changed', deps);
  deps.audit({ type: 'client.deleted', clientId, requestId: request.requestId });
  clear(toClientId(clientId), request.requestId);
  return { kind: 'empty', status: 204 };
};

const METHODS: ReadonlyMap<string, Manage> = new Map([
  ['PUT', replace],
  ['DELETE', remove],
]);

/** Ours to say (RFC 7592 §2.2). */
const OURS = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

function checkReplacement(
  said: Members,
  clientId: string,
  { secret, second }: RegisteredClient,
  deps: Pick<Deps, 'keys'>,
): void {
  const ours = OURS.find((name) => name in said);
  if (ours !== undefined) throw refused(`${ours}: may not be sent`);
  if (readText(said, 'client_id') !== clientId) throw refused('client_id: has to be its own');
  const own = readText(said, 'client_secret');
  const isOwn = own === undefined || [secret, second].some((kept) => isKept(own, kept, deps));
  if (!isOwn) {
    throw refused('client_secret: has to be its own, or left out');
  }
}

const refused = (description: string) =>
  invalidClientMetadata({ description, reason: 'registration_replacement' });
