import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toClientId } from '../../internal/protocol/ids.ts';
import type { ClientRecord } from '../../internal/store/clients.ts';
import type { Store } from '../../internal/store/store.ts';
import { newClientRecord, unique } from '../support/authorizations.ts';
import { MAX_CLIENTS, STORES, type Stores } from '../support/stores.ts';

const newId = () => toClientId(unique());

describe.each(STORES)('%s store: registered clients (RFC 7591, RFC 7592)', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;
  const made: ReturnType<typeof newId>[] = [];

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterEach(async () => {
    for (const id of made.splice(0)) await store.removeClient(id);
  });
  afterAll(() => stores.close());

  async function create(record: ClientRecord, ttl?: number) {
    const id = newId();
    made.push(id);
    expect(await store.createClient(id, record, ttl)).toBe('created');
    return id;
  }

  for (const [name, text] of [
    ['as it was', '{"client_name":"Ünï \\n"}'],
    ['when it has lines', '{\n  "a": 1\n}\n'],
    ['when it is empty', ''],
  ] as const) {
    it(`gives back the text ${name}`, async () => {
      const record = newClientRecord({ text });

      const id = await create(record);

      expect(await other.findClient(id)).toEqual(record);
      expect(await store.findClient(newId())).toBeUndefined();
    });
  }

  it('refuses an id that exists already, and keeps what it names', async () => {
    const record = newClientRecord();
    const id = await create(record);

    await expect(other.createClient(id, newClientRecord(), 60)).rejects.toThrow('exists already');

    expect(await store.findClient(id)).toEqual(record);
  });

  it('replaces what is at the version, and nothing else', async () => {
    const first = newClientRecord();
    const id = await create(first);
    const second = newClientRecord({ text: '{"v":2}' });
    const third = newClientRecord({ text: '{"v":3}' });

    expect(await other.replaceClient(id, first.version, second, undefined)).toBe('replaced');
    expect(await store.findClient(id)).toEqual(second);
    expect(await store.replaceClient(id, first.version, third, undefined)).toBe('changed');
    expect(await store.findClient(id)).toEqual(second);
    expect(await store.replaceClient(id, second.version, third, undefined)).toBe('replaced');
    expect(await store.findClient(id)).toEqual(third);
  });

  it('is replaced by one of many writers', async () => {
    const first = newClientRecord();
    const id = await create(first);
    const writers = Array.from({ length: 20 }, (_, n) => newClientRecord({ text: `${n}` }));

    const answers = await Promise.all(
      writers.map((next, n) =>
        (n % 2 === 0 ? store : other).replaceClient(id, first.version, next, undefined),
      ),
    );

    expect(answers.filter((answer) => answer === 'changed')).toHaveLength(19);
    expect(await store.findClient(id)).toEqual(writers[answers.indexOf('replaced')]);
  });

  it('answers the same replacement the same, and does not undo a later one', async () => {
    const first = newClientRecord();
    const id = await create(first);
    const [second, third] = [newClientRecord(), newClientRecord()];
    const replace = () => store.replaceClient(id, first.version, second, undefined);

    expect([await replace(), await replace()]).toEqual(['replaced', 'replaced']);
    await store.replaceClient(id, second.version, third, undefined);
    expect(await replace()).toBe('changed');
    expect(await store.findClient(id)).toEqual(third);
  });

  it('cannot replace what is not there', async () => {
    const id = newId();

    expect(await store.replaceClient(id, 'v', newClientRecord(), undefined)).toBe('unknown');
    expect(await store.findClient(id)).toBeUndefined();
  });

  it('removes a client once', async () => {
    const id = await create(newClientRecord());

    expect(await store.removeClient(id)).toBe(true);
    expect(await other.removeClient(id)).toBe(false);
    expect(await other.findClient(id)).toBeUndefined();
    expect(await store.removeClient(newId())).toBe(false);
  });

  it('lets a client go when its time is over, and its place with it', async () => {
    const short = await create(newClientRecord(), 1);
    const long = await create(newClientRecord(), 3600);
    for (let n = 2; n < MAX_CLIENTS; n += 1) await create(newClientRecord());
    expect(await other.createClient(newId(), newClientRecord(), 60)).toBe('full');

    await expect.poll(() => store.findClient(short), { timeout: 30_000 }).toBeUndefined();

    expect(await store.replaceClient(short, 'v', newClientRecord(), 60)).toBe('unknown');
    expect(await store.findClient(long)).toBeDefined();
    await create(newClientRecord());
    expect(await other.createClient(newId(), newClientRecord(), 60)).toBe('full');
    expect(await store.removeClient(short)).toBe(false);
  });

  it('gives a client the life of its replacement, and its place as long', async () => {
    const [first, second, third] = [newClientRecord(), newClientRecord(), newClientRecord()];
    const extended = await create(first, 1);
    const kept = await create(second, 1);
    const shortened = await create(third);
    const next = newClientRecord();
    await store.replaceClient(extended, first.version, next, 3600);
    await store.replaceClient(kept, second.version, newClientRecord(), undefined);
    await store.replaceClient(shortened, third.version, newClientRecord(), 1);

    await expect.poll(() => store.findClient(shortened), { timeout: 30_000 }).toBeUndefined();

    expect(await store.findClient(extended)).toEqual(next);
    expect(await store.findClient(kept)).toBeDefined();
    for (let n = 2; n < MAX_CLIENTS; n += 1) await create(newClientRecord());
    expect(await store.createClient(newId(), newClientRecord(), 60)).toBe('full');
  });

  async function listAll(limit: number, between = async (_page: number) => {}) {
    const found: string[] = [];
    let after: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      const listed = await other.listClients(after, limit);
      expect(listed?.ids.length).toBeLessThanOrEqual(limit);
      found.push(...(listed?.ids ?? []));
      after = listed?.next;
      if (after === undefined) return found;
      await between(page);
    }
    throw new Error('the list has no end');
  }

  it('lists every client, page by page, whatever its life is', async () => {
    const ids = [await create(newClientRecord()), await create(newClientRecord(), 3600)];
    ids.push(await create(newClientRecord()));

    for (const limit of [1, 2, 3, 100]) {
      const found = await listAll(limit);
      expect(found.toSorted()).toEqual(ids.toSorted());
    }
  });

  it('passes nobody over when clients come, change and go between two pages', async () => {
    const records = [newClientRecord(), newClientRecord(), newClientRecord()];
    const [first, second, third] = [
      await create(records[0] ?? newClientRecord(), 600),
      await create(records[1] ?? newClientRecord(), 600),
      await create(records[2] ?? newClientRecord(), 600),
    ];
    const gone: string[] = [];

    const found = await listAll(1, async (page) => {
      if (page !== 0) return;
      const listed = await store.listClients(undefined, 1);
      const met = listed?.ids[0] ?? first;
      gone.push(met);
      await store.removeClient(met);
      const other = [first, second, third].find((id) => id !== met) ?? second;
      const { version = '' } = (await store.findClient(other)) ?? {};
      await store.replaceClient(other, version, newClientRecord(), 3600);
    });

    for (const id of [first, second, third]) expect(found).toContain(id);
    expect(gone).toHaveLength(1);
    expect(await listAll(10)).not.toContain(gone[0]);
  });

  it('takes nothing but its own word for where to go on', async () => {
    await create(newClientRecord());

    for (const after of ['', 'x', 'inf', 'inf:', ':a', '-1', '1.5', 'nan:a', 'inf:a b']) {
      expect(await store.listClients(after, 10)).toBeUndefined();
    }
  });

  it('lists no client that is gone', async () => {
    const short = await create(newClientRecord(), 1);
    const removed = await create(newClientRecord());
    const kept = await create(newClientRecord());
    await store.removeClient(removed);

    await expect.poll(() => store.findClient(short), { timeout: 30_000 }).toBeUndefined();

    await expect.poll(() => listAll(10)).not.toContain(removed);
    expect(await listAll(10)).toContain(kept);
  });

  it('refuses one more than the budget, of any number at once, which is given back by removing', async () => {
    const ids = Array.from({ length: 20 }, newId);
    made.push(...ids);

    const answers = await Promise.all(
      ids.map((id, n) => (n % 2 === 0 ? store : other).createClient(id, newClientRecord(), 3600)),
    );

    const found = await Promise.all(ids.map((id) => store.findClient(id)));
    expect(answers.filter((answer) => answer === 'created')).toHaveLength(MAX_CLIENTS);
    expect(found.map((one) => one !== undefined)).toEqual(
      answers.map((answer) => answer === 'created'),
    );
    const [first = newId()] = ids.filter((_, n) => answers[n] === 'created');
    await store.removeClient(first);
    await create(newClientRecord());
    expect(await store.createClient(newId(), newClientRecord(), undefined)).toBe('full');
  });
});

describe.each(STORES)('%s store: count', (_, open) => {
  let stores: Stores;
  let store: Store;
  let other: Store;

  beforeAll(async () => {
    stores = await open();
    [store, other] = stores.all;
  });
  afterAll(() => stores.close());

  it('answers each of fifty callers another sum', async () => {
    const key = unique();

    const sums = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? store : other).count('guess', key, 60)),
    );

    expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  });

  it('keeps purposes and keys apart, and what is counted from what happened', async () => {
    const key = unique();
    await store.count('guess', key, 60);

    expect(await store.count('other', key, 60)).toBe(1);
    expect(await store.count('guess', unique(), 60)).toBe(1);
    expect(await store.happened('guess', key)).toBe(false);
    expect(await store.count('guess', key, 60)).toBe(2);
  });

  it('begins anew when the window of the first is over, however often it was asked', async () => {
    const key = unique();
    const startedAt = performance.now();
    await store.count('guess', key, 3);
    let sum = 1;
    // By a clock of whole seconds it is over after two at the earliest.
    while (performance.now() - startedAt < 1800) {
      sum = await store.count('guess', key, 3);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(sum).toBeGreaterThan(1);

    await new Promise((resolve) => setTimeout(resolve, 3200 - (performance.now() - startedAt)));

    expect(await store.count('guess', key, 60)).toBe(1);
  });
});
