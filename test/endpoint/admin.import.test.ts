import { describe, expect, it } from 'vitest';
import { createStoredUsers } from '../../internal/app/stored-users.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createTestIssuer } from '../support/issuer.ts';

const ORDER = { actor: 'token:hr', requestId: 'r-1' };
const ENTRIES = Array.from({ length: 120 }, (_, index) => ({ sub: `user-${index}` }));

/** A store that goes away after so many End-Users were made. */
function start(goesAwayAfter: number) {
  const issuer = createTestIssuer();
  const { store } = issuer.deps;
  let made = 0;
  const createUser: typeof store.createUser = async (...terms) => {
    made += 1;
    if (made > goesAwayAfter) throw new Unavailable('store', 'createUser');
    return store.createUser(...terms);
  };
  const deps = { ...issuer.deps, store: { ...store, createUser } };
  return { issuer, users: createStoredUsers(deps, 1000), store };
}

describe('an import that breaks off (Admin API)', () => {
  it('is on record as far as it came, whoever was made last', async () => {
    for (const after of [7, 50, 77]) {
      const { issuer, users, store } = start(after);

      await expect(users.importAll(ENTRIES, ORDER)).rejects.toBeInstanceOf(Unavailable);

      const kept = (await store.listUsers(undefined, 1000)).users.map(([subject]) => subject);
      const created = issuer.events.filter(({ type }) => type === 'user.created');
      expect(kept).toHaveLength(after);
      expect(created).toHaveLength(after);
      expect(created.map((event) => 'subject' in event && event.subject).sort()).toEqual(kept);
    }
  });

  it('leaves nobody, and nothing on record, where there is no room for all', async () => {
    const { issuer, store } = start(Number.POSITIVE_INFINITY);
    const users = createStoredUsers({ ...issuer.deps, store }, 60);

    expect(await users.importAll(ENTRIES, ORDER)).toEqual({ kind: 'full' });

    expect((await store.listUsers(undefined, 1000)).users).toEqual([]);
    expect(issuer.events.filter(({ type }) => type === 'user.created')).toEqual([]);
  });

  it('goes on where it broke off when it is sent again', async () => {
    const { issuer, users, store } = start(77);
    await expect(users.importAll(ENTRIES, ORDER)).rejects.toBeInstanceOf(Unavailable);

    const again = await createStoredUsers({ ...issuer.deps, store }, 1000).importAll(
      ENTRIES,
      ORDER,
    );

    expect(again).toEqual({ kind: 'imported', created: 43, changed: 0, unchanged: 77 });
  });
});
