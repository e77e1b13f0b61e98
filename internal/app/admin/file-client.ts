// A client of clients.yaml as operators read it: what its entry comes to, by the registered names.

import type { ClientEntry } from '../../admin/api/ports/clients.ts';
import type { Claims, JsonValue } from '../../protocol/claims.ts';
import type { Client } from '../../protocol/client.ts';

/** Its secrets and keys stay out: those of a file are read where the file is. */
export function describeFileClient(client: Client): ClientEntry {
  const {
    clientId,
    secrets: _secrets,
    keys: _keys,
    registered: _registered,
    scope,
    ...rest
  } = client;
  const told = scope === undefined ? rest : { ...rest, scope: scope.join(' ') };
  // Members of an object are members of one.
  return { client_id: clientId, made_by: 'file', metadata: toWords(told) as Claims, secrets: [] };
}

/** What JSON has no word for is told as text, or left out; what somebody else named keeps its name. */
function toWords(value: unknown): JsonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (value instanceof RegExp) return value.source;
  if (Array.isArray(value)) return value.map(toWords);
  if (typeof value !== 'object' || value === null) return null;
  const members =
    value instanceof Map
      ? [...value]
      : Object.entries(value).map(([name, inner]) => [toSnakeCase(name), inner]);
  return Object.fromEntries(
    members
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, toWords(inner)]),
  );
}

const toSnakeCase = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
