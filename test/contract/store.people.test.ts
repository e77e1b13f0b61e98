import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Subject, toSubject } from '../../internal/protocol/ids.ts';
import type { Store } from '../../internal/store/store.ts';
import { newUserRecord, unique } from '../support/authorizations.ts';
import { STORES, type Stores } from '../support/stores.ts';

const BUDGET = 100_000;
const someone = (): Subject => toSubject(`some"one \\ ${unique()}`);

describe.each(STORES)('%s store: End-Users that are kept', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  async function listAll(limit: number): Promise<readonly Subject[]> {
    const all: Subject[] = [];
    for (;;) {
      const page = await other.listUsers(all.at(-1), limit);
      expect(page.users.length).toBeLessThanOrEqual(limit);
      all.push(...page.users.map(([subject]) => subject));
      if (page.isLast) return all;
    }
  }

  it('are found by subject, byte for byte as they were written, and by nothing like it', async () => {
    const subject = someone();
    const user = newUserRecord({ text: '{"name":"Zoë\\n\u{1d11e}"}\nand a line' });

    expect(await store.findUser(subject)).toBeUndefined();
    expect(await store.createUser(subject, user, BUDGET)).toBe('created');

    expect(await other.findUser(subject)).toEqual(user);
    expect(await other.findUser(toSubject(subject.slice(0, -1)))).toBeUndefined();
    expect(await other.findUser(toSubject(`${subject} `))).toBeUndefined();
  });

  it('are made once, by one of many', async () => {
    const subject = someone();
    const users = Array.from({ length: 6 }, () => newUserRecord());

    const outcomes = await Promise.all(
      users.map((user, n) => (n % 2 === 0 ? store : other).createUser(subject, user, BUDGET)),
    );

    expect(outcomes.filter((one) => one === 'created')).toHaveLength(1);
    expect(await store.findUser(subject)).toEqual(users[outcomes.indexOf('created')]);
    expect((await listAll(1000)).filter((one) => one === subject)).toHaveLength(1);
  });

  it('are replaced by whoever knows the version, and once', async () => {
    const [subject, user] = [someone(), newUserRecord()];
    const [first, second] = [newUserRecord(), newUserRecord()];
    await store.createUser(subject, user, BUDGET);

    const outcomes = await Promise.all([
      store.replaceUser(subject, user.version, first),
      other.replaceUser(subject, user.version, second),
    ]);

    expect(outcomes.toSorted()).toEqual(['changed', 'replaced']);
    const winner = outcomes[0] === 'replaced' ? first : second;
    expect(await store.findUser(subject)).toEqual(winner);
    expect(await other.replaceUser(subject, user.version, winner)).toBe('replaced');
    expect(await store.replaceUser(someone(), user.version, first)).toBe('unknown');
  });

  it('are removed once, and can be made again', async () => {
    const [subject, user] = [someone(), newUserRecord()];
    await store.createUser(subject, user, BUDGET);

    const outcomes = await Promise.all([store.removeUser(subject), other.removeUser(subject)]);

    expect(outcomes.toSorted()).toEqual([false, true]);
    expect(await store.findUser(subject)).toBeUndefined();
    expect(await listAll(1000)).not.toContain(subject);
    expect(await store.replaceUser(subject, user.version, newUserRecord())).toBe('unknown');
    expect(await other.createUser(subject, user, BUDGET)).toBe('created');
    expect(await listAll(1000)).toContain(subject);
  });

  it('are listed in order, page by page, each once', async () => {
    const subjects = Array.from({ length: 25 }, someone);
    for (const subject of subjects) await store.createUser(subject, newUserRecord(), BUDGET);

    for (const limit of [1, 7, 25, 1000]) {
      const listed = await listAll(limit);
      expect(listed).toEqual([...new Set(listed)].toSorted());
      expect(listed).toEqual(expect.arrayContaining(subjects));
    }
  });

  it('are no more than may be, and who is there already keeps their place', async () => {
    const kept = (await listAll(1000)).length;
    const [subject, user] = [someone(), newUserRecord()];
    expect(await store.createUser(subject, user, kept + 1)).toBe('created');

    expect(await store.createUser(someone(), newUserRecord(), kept + 1)).toBe('full');
    expect(await store.createUser(subject, newUserRecord(), kept + 1)).toBe('exists');

    expect(await listAll(1000)).toHaveLength(kept + 1);
    await other.removeUser(subject);
    expect(await store.createUser(someone(), newUserRecord(), kept + 1)).toBe('created');
  });

  it('stay in the list however removing and making again interleave', async () => {
    const subject = someone();
    for (let round = 0; round < 20; round += 1) {
      await store.createUser(subject, newUserRecord(), BUDGET);
      await Promise.all([
        store.removeUser(subject),
        other.createUser(subject, newUserRecord(), BUDGET),
      ]);
      const isThere = (await store.findUser(subject)) !== undefined;
      expect([round, (await listAll(1000)).includes(subject)]).toEqual([round, isThere]);
    }
  });
});
