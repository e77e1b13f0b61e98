// The same over a Map. The adapter that comes with oidc-provider is for development: it holds a
// thousand entries and forgets the oldest, which are codes here that nobody has redeemed yet.

const GRANTABLE = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

const entries = new Map();
const grants = new Map();
const uids = new Map();

/** What oidc-provider calls with the name of each of its models. */
export function openAdapter(name) {
  const key = (id) => `${name}:${id}`;
  const find = async (id) => {
    const entry = entries.get(key(id));
    return entry === undefined || entry.expiresAt <= Date.now() ? undefined : entry.payload;
  };
  return {
    find,
    upsert: async (id, payload, expiresIn) => {
      const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY;
      entries.set(key(id), { payload, expiresAt });
      if (GRANTABLE.has(name) && payload.grantId) {
        const keys = grants.get(payload.grantId) ?? [];
        keys.push(key(id));
        grants.set(payload.grantId, keys);
      }
      if (payload.uid) uids.set(payload.uid, id);
    },
    findByUid: async (uid) => find(uids.get(uid)),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      const entry = entries.get(key(id));
      if (entry !== undefined) entry.payload.consumed = Math.floor(Date.now() / 1000);
    },
    destroy: async (id) => {
      entries.delete(key(id));
    },
    revokeByGrantId: async (grantId) => {
      for (const each of grants.get(grantId) ?? []) entries.delete(each);
      grants.delete(grantId);
    },
  };
}
