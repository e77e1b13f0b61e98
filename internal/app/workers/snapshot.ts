// A configuration on its way from the primary, which reads and judges it, to workers that serve by it.
// So that all of them have the same one, and one that is started later has it too, whatever the files
// say by then.

import { createSecretKey, KeyObject } from 'node:crypto';
import type { Snapshot } from '../../loader/load.ts';
import type { Client, ClientSecret } from '../../protocol/client.ts';

type PackedSecret =
  | Exclude<ClientSecret, { readonly kind: 'clear' }>
  | { readonly kind: 'clear'; readonly bytes: Uint8Array };

type PackedClient = Omit<Client, 'secrets'> & { readonly secrets: readonly PackedSecret[] };

/** What a structured clone carries. */
export type PackedSnapshot = Omit<Snapshot, 'clients' | 'clientSet' | 'warnings'> & {
  readonly clients: ReadonlyMap<string, PackedClient>;
};

export function packSnapshot({
  clientSet: _read,
  warnings: _said,
  ...snapshot
}: Snapshot): PackedSnapshot {
  return { ...snapshot, clients: mapValues(snapshot.clients, packClient) };
}

/** How it was read, and what was warned about, stays with whoever read it. */
export function unpackSnapshot(packed: PackedSnapshot): Snapshot {
  const clients = mapValues(packed.clients, unpackClient);
  return { ...packed, clients, clientSet: { ...UNREAD, clients }, warnings: [] };
}

const UNREAD = { files: [], declaredCount: undefined, consequences: [], text: () => '' };

const packClient = ({ secrets, ...client }: Client): PackedClient => ({
  ...client,
  secrets: secrets.map((secret) =>
    secret.kind === 'clear' ? { kind: 'clear', bytes: toBytes(secret.key) } : secret,
  ),
});

const unpackClient = ({ secrets, ...client }: PackedClient): Client => ({
  ...client,
  secrets: secrets.map((secret) =>
    secret.kind === 'clear'
      ? { kind: 'clear', key: createSecretKey(Buffer.from(secret.bytes)) }
      : secret,
  ),
});

function toBytes(key: object): Uint8Array {
  if (key instanceof KeyObject) return key.export();
  throw new Error('a secret in clear is no key');
}

const mapValues = <From, To>(
  map: ReadonlyMap<string, From>,
  convert: (value: From) => To,
): ReadonlyMap<string, To> => new Map([...map].map(([name, value]) => [name, convert(value)]));
