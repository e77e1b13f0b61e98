import { afterAll, describe, expect, it } from 'vitest';
import { createFaultBook } from '../../internal/testissuer/control/fault-book.ts';
import { createIssuers } from '../../internal/testissuer/control/issuers.ts';
import { startTestIssuer } from '../../internal/testissuer/testissuer.ts';

const root = await startTestIssuer({ users: [{ sub: 'alice' }] });
afterAll(root.stop);

describe('issuers that tests forget to end (O20)', () => {
  it('are bounded, and one that ends makes room for another', async () => {
    const issuers = createIssuers(root, 3);
    const first = await issuers.open({});
    await issuers.open({});

    await expect(issuers.open({})).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('DELETE'),
    });
    await issuers.close(first.id);

    expect((await issuers.open({})).id).not.toBe(first.id);
  });

  it('are bounded also when all are asked for at once, and what cannot be made takes no room', async () => {
    const issuers = createIssuers(root, 3);
    const unsound = { config: { lifetimes: { access_token: 'long' } } };
    await expect(issuers.open(unsound)).rejects.toThrow('config.lifetimes.access_token');
    await expect(issuers.open(unsound)).rejects.toThrow('config.lifetimes.access_token');

    const asked = await Promise.allSettled([1, 2, 3, 4].map(() => issuers.open({})));

    expect(asked.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'rejected', 'rejected'],
    ]);
    expect(issuers.list()).toHaveLength(3);
  });

  it('end once, however many ask for it', async () => {
    const issuers = createIssuers(root);
    const { id } = await issuers.open({});

    const ends = await Promise.allSettled([issuers.close(id), issuers.close(id)]);

    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });
});

describe('faults that were added in the process (O20)', () => {
  it('have no name outside of it, and are cleared with the others', async () => {
    const { faults } = await root.test();
    const book = createFaultBook(faults);
    faults.add({ do: 'userinfo.sub.wrong' });

    const named = book.add({ do: 'userinfo.sub.wrong' });

    expect(book.list()).toEqual([named]);
    book.remove(named.id);
    expect(faults.list()).toHaveLength(1);
    book.clear();
    expect(faults.list()).toEqual([]);
  });
});
