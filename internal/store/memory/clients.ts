// Registered clients in memory: a budget of their own, since anybody may be allowed to register.

import { toClientId } from '../../protocol/ids.ts';
import type { ClientVerbs } from '../clients.ts';
import type { Room } from './room.ts';

export function createClientVerbs({ clients, clock, mayRegister }: Room): ClientVerbs {
  const endOf = (ttl: number | undefined): number => clock() + (ttl ?? Number.POSITIVE_INFINITY);
  return {
    async createClient(id, record, ttl) {
      if (clients.get(id, clock()) !== undefined) {
        throw new Error('a client of this id exists already');
      }
      if (!mayRegister()) return 'full';
      clients.set(id, record, endOf(ttl));
      return 'created';
    },
    async findClient(id) {
      return clients.get(id, clock());
    },
    async replaceClient(id, version, next, ttl) {
      const found = clients.get(id, clock());
      if (found === undefined) return 'unknown';
      if (found.version === next.version) return 'replaced';
      if (found.version !== version) return 'changed';
      clients.set(id, next, endOf(ttl));
      return 'replaced';
    },
    async listClients(after, limit) {
      if (after !== undefined && !/^\d{1,15}$/.test(after)) return undefined;
      const found = clients.list(Number(after ?? 0), limit);
      const next = found.length === limit ? found.at(-1)?.place.toString() : undefined;
      return { ids: found.map(({ id }) => toClientId(id)), next };
    },
    async removeClient(id) {
      const wasThere = clients.get(id, clock()) !== undefined;
      clients.delete(id);
      return wasThere;
    },
    async removeClientAt(id, version) {
      const found = clients.get(id, clock());
      if (found === undefined) return 'unknown';
      if (found.version !== version) return 'changed';
      clients.delete(id);
      return 'removed';
    },
  };
}
