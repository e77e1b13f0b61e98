import { describe, expect, it } from 'vitest';
import { createShedding, type Shedding } from '../../internal/http/shedding.ts';
import { createLog } from '../../internal/telemetry/log.ts';

/** An event loop that turns when it is told to, and a clock that stands still else. */
function stage(limits: { readonly requests?: number; readonly queueMs?: number } = {}) {
  let now = 0;
  let text = '';
  const afterTurn: (() => void)[] = [];
  const timers: { readonly at: number; readonly callback: () => void }[] = [];
  const log = createLog({
    level: 'info',
    format: 'json',
    destination: {
      write: (line) => {
        text += line;
      },
    },
  });
  const shedding = createShedding(() => ({ requests: 1000, queueMs: 50, ...limits }), log, {
    now: () => now,
    afterTurn: (callback) => afterTurn.push(callback),
    later: (callback, ms) => timers.push({ at: now + ms, callback }),
  });
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.callback();
    }
  };
  const turn = async (): Promise<void> => {
    for (const callback of afterTurn.splice(0)) callback();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const logged = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { shedding, pass, turn, pending: afterTurn, logged };
}

const [TOKEN, PIPELINED] = [{}, null].map(
  (socket) =>
    ({
      request: { method: 'POST' },
      response: { socket },
      entry: { endpoint: 'token' },
    }) as never,
) as [never, never];

const begun: string[] = [];

/** A request by its name; what becomes of it is noted. */
function arrive(
  shedding: Shedding,
  name: string,
  { endpoint = 'token', pipelined = false, gone = false } = {},
): 'at once' | 'waits' {
  const admitted = shedding.admit({
    request: { method: 'POST' },
    response: { socket: pipelined ? null : {}, destroyed: gone },
    entry: { endpoint },
  } as never);
  if (admitted === undefined) return 'at once';
  void admitted.then((begins) => begun.push(begins ? name : `no ${name}`));
  return 'waits';
}

/** As many as are begun in a turn. */
const MOST_BEGUN = 64;

function fill(shedding: Shedding): void {
  for (let n = 0; n < MOST_BEGUN; n += 1) expect(arrive(shedding, 'first')).toBe('at once');
}

const names = (count: number, name: string): readonly string[] =>
  Array.from({ length: count }, () => name);

const taken = (): readonly string[] => begun.splice(0);

describe('requests that arrive in one turn', () => {
  it('are begun at once, but for those beyond its bound, which wait for the next', async () => {
    const { shedding, turn } = stage();
    fill(shedding);

    expect(arrive(shedding, 'c')).toBe('waits');
    expect(arrive(shedding, 'd')).toBe('waits');
    await turn();

    expect(taken()).toEqual(['c', 'd']);
  });

  it('behind whoever waits wait too, and are begun in their order, so many in each turn', async () => {
    const { shedding, turn, pending } = stage();
    fill(shedding);
    for (let n = 0; n < MOST_BEGUN; n += 1) arrive(shedding, 'before');
    arrive(shedding, 'a');
    await turn();
    const [once] = [taken()];
    expect(arrive(shedding, 'b')).toBe('waits');
    await turn();

    expect(once).toEqual(names(MOST_BEGUN, 'before'));
    expect(taken()).toEqual(['a', 'b']);
    await turn();
    expect(pending).toEqual([]);
  });

  it('have the bound of a turn in which others are begun that waited', async () => {
    const { shedding, turn } = stage();
    fill(shedding);
    arrive(shedding, 'a');
    await turn();
    taken();

    for (let n = 1; n < MOST_BEGUN; n += 1) expect(arrive(shedding, 'more')).toBe('at once');
    expect(arrive(shedding, 'b')).toBe('waits');
    await turn();
    expect(taken()).toEqual(['b']);
  });

  it('leave nothing behind: the next are begun at once', async () => {
    const { shedding, turn, pending } = stage();
    fill(shedding);
    await turn();

    expect(pending).toEqual([]);
    fill(shedding);
  });

  it('are not begun where nobody waits for the answer any longer', async () => {
    const { shedding, turn } = stage();
    fill(shedding);
    arrive(shedding, 'gone', { gone: true });
    arrive(shedding, 'here');
    await turn();

    expect(taken()).toEqual(['no gone', 'here']);
  });

  it('finish before others begin, but for each fourth', async () => {
    const { shedding, turn } = stage();
    fill(shedding);
    for (const name of ['A', 'B']) arrive(shedding, name, { endpoint: 'authorize' });
    for (const name of 'abcd') arrive(shedding, name);
    await turn();

    expect(taken()).toEqual(['A', 'a', 'b', 'c', 'B', 'd']);
  });
});

describe('a queue that stands', () => {
  /** Somebody waits for a quarter of a second, in which each turn takes 10 ms; then one is refused. */
  async function overload() {
    const it = stage();
    fill(it.shedding);
    for (let n = 0; n < MOST_BEGUN + 1; n += 1) arrive(it.shedding, 'first');
    for (let n = 0; n < 26; n += 1) {
      it.pass(10);
      await it.turn();
      for (let each = 0; each < MOST_BEGUN; each += 1) arrive(it.shedding, 'one');
    }
    arrive(it.shedding, 'last');
    await it.turn();
    return it;
  }

  /** Lets everybody be begun who waits. */
  async function drain({ turn, pending }: ReturnType<typeof stage>): Promise<void> {
    while (pending.length > 0) await turn();
    taken();
  }

  it('is of each kind no longer than half of a turn: who comes then is refused at once', async () => {
    const it = await overload();
    await drain(it);
    const { shedding, turn } = it;
    fill(shedding);
    for (let n = 0; n < MOST_BEGUN / 2; n += 1) arrive(shedding, 'token');
    arrive(shedding, 'one token more');
    for (let n = 0; n < MOST_BEGUN / 2; n += 1) {
      arrive(shedding, 'person', { endpoint: 'authorize' });
    }
    arrive(shedding, 'one person more', { endpoint: 'authorize' });
    await new Promise((resolve) => setImmediate(resolve));

    expect(taken()).toEqual(['no one token more', 'no one person more']);
    await turn();
    expect([...taken()].sort()).toEqual([
      ...names(MOST_BEGUN / 2, 'person'),
      ...names(MOST_BEGUN / 2, 'token'),
    ]);
  });

  it('refuses whoever waited longer than its patience, but not before it began others of them', async () => {
    const { shedding, turn, pass } = stage();
    fill(shedding);
    for (let n = 0; n < 2 * MOST_BEGUN; n += 1) arrive(shedding, 'old');
    pass(251);
    arrive(shedding, 'newer', { endpoint: 'authorize' });
    await turn();

    expect(taken()).toEqual([
      'newer',
      ...names(MOST_BEGUN - 1, 'old'),
      ...names(MOST_BEGUN + 1, 'no old'),
    ]);
  });

  it('says so once, then how many in ten seconds, and that it is over', async () => {
    const { logged, pass, turn } = await overload();
    for (let n = 0; n < 60; n += 1) await turn();
    pass(10_000);
    pass(10_000);
    const lines = logged().map(({ msg }) => msg);

    expect(lines).toEqual([
      'overloaded: requests are refused',
      'overloaded',
      'no longer overloaded',
    ]);
    expect(logged()[0]).toMatchObject({ level: 'warn', cause: 'queue' });
    expect(logged()[1]).toMatchObject({ level: 'warn', seconds: 10, requests: 0, connections: 0 });
    expect(logged()[1].queue).toBe(taken().filter((name) => name.startsWith('no ')).length);
  });

  it('is remembered for a second: no longer one forms, and later it does', async () => {
    const it = await overload();
    const wait = async (): Promise<readonly string[]> => {
      await drain(it);
      fill(it.shedding);
      for (let n = 0; n < MOST_BEGUN / 2; n += 1) arrive(it.shedding, 'first');
      arrive(it.shedding, 'last');
      await it.turn();
      return taken().filter((name) => name.endsWith('last'));
    };

    expect(await wait()).toEqual(['no last']);
    it.pass(1001);
    expect(await wait()).toEqual(['last']);
  });

  it('lets metadata, keys and preflights pass', async () => {
    const it = await overload();
    await drain(it);
    fill(it.shedding);

    expect(arrive(it.shedding, 'a', { endpoint: 'jwks' })).toBe('at once');
    expect(arrive(it.shedding, 'b', { endpoint: 'discovery' })).toBe('at once');
    expect(arrive(it.shedding, 'c')).toBe('waits');
    await drain(it);
  });
});

describe('a burst', () => {
  it('is begun whole, for as long as a quarter of a second', async () => {
    const { shedding, pass, turn } = stage();
    fill(shedding);
    for (let n = 0; n < 5 * MOST_BEGUN; n += 1) arrive(shedding, 'one');
    for (let n = 0; n < 5; n += 1) {
      pass(49);
      await turn();
    }

    expect(taken()).toEqual(names(5 * MOST_BEGUN, 'one'));
  });
});

describe('requests that wait for their answer', () => {
  it('have a bound, and one that ends makes room for one', () => {
    const { shedding } = stage({ requests: 2 });
    const entered = [shedding.enter(TOKEN), shedding.enter(TOKEN), shedding.enter(TOKEN)];
    shedding.leave();

    expect(entered).toEqual([true, true, false]);
    expect(shedding.enter(TOKEN)).toBe(true);
    expect(shedding.enter(TOKEN)).toBe(false);
  });

  it('keep further ones from waiting: those are refused before they take any time', async () => {
    const { shedding, turn, logged } = stage({ requests: 2 });
    shedding.enter(TOKEN);
    shedding.enter(TOKEN);
    expect(arrive(shedding, 'a')).toBe('waits');
    await turn();
    shedding.leave();

    expect(taken()).toEqual(['no a']);
    expect(arrive(shedding, 'b')).toBe('at once');
    expect(logged()).toMatchObject([{ cause: 'requests', held: 2 }]);
  });

  it('fill an eighth of the room where they were sent before the answers to others', async () => {
    const { shedding, turn } = stage({ requests: 16 });
    shedding.enter(TOKEN);
    shedding.enter(TOKEN);
    arrive(shedding, 'pipelined', { pipelined: true });
    await turn();

    expect(taken()).toEqual(['no pipelined']);
    expect(arrive(shedding, 'patient')).toBe('at once');
  });
});

describe('requests of one connection that were admitted before any of them waits', () => {
  it('have an eighth of the room for their answers, and others the rest', () => {
    const { shedding } = stage({ requests: 16 });

    expect(shedding.enter(TOKEN)).toBe(true);
    expect([shedding.enter(PIPELINED), shedding.enter(PIPELINED)]).toEqual([true, false]);
    expect(shedding.enter(TOKEN)).toBe(true);
  });
});

describe('connections that wait to be accepted', () => {
  it('are looked for before anything is begun, while there are any, but not without end', async () => {
    const { shedding, turn } = stage();
    fill(shedding);
    arrive(shedding, 'a');
    let turns = 0;
    for (; begun.length === 0 && turns < 100; turns += 1) {
      shedding.accepted();
      await turn();
    }

    expect(turns).toBe(33);
    expect(taken()).toEqual(['a']);
    expect(arrive(shedding, 'b')).toBe('at once');
  });

  it('that are closed are counted', () => {
    const { shedding, logged } = stage();
    shedding.dropped();

    expect(logged()).toMatchObject([{ cause: 'connections' }]);
  });
});
