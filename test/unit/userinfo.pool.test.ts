import { beforeEach, describe, expect, it } from 'vitest';
import { type Connection, createPool } from '../../internal/userinfo/pool.ts';

type Numbered = Connection & { readonly number: number; isGone: boolean; isClosed: boolean };

let opened: Numbered[];
let time: number;
beforeEach(() => {
  opened = [];
  time = 0;
});

function open(): Numbered {
  const connection: Numbered = {
    number: opened.length,
    isGone: false,
    isClosed: false,
    isUsable: () => !connection.isGone,
    close: () => {
      connection.isClosed = true;
    },
  };
  opened.push(connection);
  return connection;
}

const createSmall = (max = 2) => createPool({ max, now: () => time, open: async () => open() });
const patient = () => new AbortController().signal;
const number = async (connection: Numbered) => connection.number;

/** Work that ends when it is told to. */
function createWork() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { end, work: (connection: Numbered) => ended.then(() => connection.number) };
}

describe('a pool of connections', () => {
  it('opens none before it is asked, and uses one again', async () => {
    const pool = createSmall();
    expect(opened).toEqual([]);

    expect(await pool.use(patient(), number)).toBe(0);
    expect(await pool.use(patient(), number)).toBe(0);
  });

  it('has never more than its limit, and serves those who wait in turn', async () => {
    const pool = createSmall(2);
    const order: number[] = [];
    const uses = Array.from({ length: 20 }, (_, index) =>
      pool.use(patient(), async () => {
        await Promise.resolve();
        order.push(index);
      }),
    );
    await Promise.all(uses);

    expect(opened).toHaveLength(2);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('lets go whoever waits in vain, and loses no turn by that', async () => {
    const pool = createSmall(1);
    const { end, work } = createWork();
    const busy = pool.use(patient(), work);
    const hasty = new AbortController();
    const waiting = pool.use(hasty.signal, number);
    hasty.abort();
    await expect(waiting).rejects.toThrow('no answer in time');

    end();
    await busy;
    expect(await pool.use(patient(), number)).toBe(0);
  });

  it('loses no turn where it is given up in the moment it is given, whichever that is', async () => {
    for (let moment = 0; moment < 20; moment += 1) {
      const pool = createSmall(1);
      const { end, work } = createWork();
      const hasty = new AbortController();
      const busy = pool.use(patient(), work);
      const waiting = pool.use(hasty.signal, number).catch(() => undefined);
      // So many steps after the work ended, each of them before the pool takes the same one.
      const giveUp = async (): Promise<void> => {
        for (let step = 0; step < moment; step += 1) await Promise.resolve();
        hasty.abort();
      };
      await Promise.resolve();
      await Promise.all([giveUp(), end(), busy, waiting]);

      const later = pool.use(AbortSignal.timeout(10_000), number);
      expect(await later, `given up after ${moment} steps`).toEqual(expect.any(Number));
    }
  }, 20_000);

  it('closes a connection on which something failed, and asks once more on another', async () => {
    const pool = createSmall();
    await pool.use(patient(), number);
    const once = pool.use(patient(), async (connection) => {
      if (connection.number === 0) throw new Error('gone');
      return connection.number;
    });

    expect(await once).toBe(1);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it('does not ask again where the connection was made for the question', async () => {
    const pool = createSmall();
    const failing = pool.use(patient(), () => Promise.reject(new Error('refused')));

    await expect(failing).rejects.toThrow('refused');
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it('closes the connection of a question that is given up, and asks nobody else', async () => {
    const pool = createSmall();
    await pool.use(patient(), number);
    const hasty = new AbortController();
    const failing = pool.use(hasty.signal, createWork().work);
    await Promise.resolve();
    hasty.abort();

    await expect(failing).rejects.toThrow('no answer in time');
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true]);
  });

  it('uses no connection that was made before one of them said nothing: the server may be gone', async () => {
    const pool = createSmall();
    const { end, work } = createWork();
    const busy = pool.use(patient(), work);
    await pool.use(patient(), number);
    end();
    await busy;
    const hasty = new AbortController();
    const failing = pool.use(hasty.signal, createWork().work);
    await Promise.resolve();
    hasty.abort();
    await expect(failing).rejects.toThrow('no answer in time');

    expect(await pool.use(patient(), number)).toBe(2);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
  });

  it('uses none that is gone, or ten minutes old, or from the future', async () => {
    const pool = createSmall();
    const [first] = [await pool.use(patient(), async (connection) => connection)];
    first.isGone = true;
    expect(await pool.use(patient(), number)).toBe(1);

    time = 599;
    expect(await pool.use(patient(), number)).toBe(1);
    time = 600;
    expect(await pool.use(patient(), number)).toBe(2);
    time = -1;
    expect(await pool.use(patient(), number)).toBe(3);
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, true, false]);
  });

  it('closes all of them at its end, those in use when they are free', async () => {
    const pool = createSmall();
    const { end, work } = createWork();
    const busy = pool.use(patient(), work);
    await pool.use(patient(), number);
    pool.close();
    end();
    await busy;

    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });
});
