import { describe, expect, it } from 'vitest';
import { createShedding, type Shedding } from '../../internal/http/shedding.ts';
import { createLog } from '../../internal/telemetry/log.ts';

/** An event loop that turns when it is told to, and a clock that stands still else. */
function stage(limits: { readonly requests?: number; readonly queueMs?: number } = {}) {
  let now = 0;
  let text = '';
  const afterTurn: (() => void)[] = [];
  const afterWork: (() => void)[] = [];
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
  const shedding = createShedding({ requests: 1000, queueMs: 50, ...limits }, log, {
    now: () => now,
    afterTurn: (callback) => afterTurn.push(callback),
    afterWork: (callback) => afterWork.push(callback),
    later: (callback, ms) => timers.push({ at: now + ms, callback }),
  });
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.callback();
    }
  };
  /** What is begun takes so many milliseconds each. */
  const turn = async (each = 1): Promise<void> => {
    for (const callback of afterTurn.splice(0)) callback();
    for (let next = afterWork.shift(); next !== undefined; next = afterWork.shift()) {
      pass(each);
      next();
    }
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

const taken = (): readonly string[] => begun.splice(0);

describe('requests that arrive in one turn', () => {
  it('are begun at once for as long as a slice of it, and then wait for the next', async () => {
    const { shedding, pass, turn } = stage();

    expect(arrive(shedding, 'a')).toBe('at once');
    pass(9.9);
    expect(arrive(shedding, 'b')).toBe('at once');
    pass(0.2);
    expect(arrive(shedding, 'c')).toBe('waits');
    expect(arrive(shedding, 'd')).toBe('waits');
    await turn();

    expect(taken()).toEqual(['c', 'd']);
  });

  it('behind whoever waits wait too, and are begun in their order, a slice in each turn', async () => {
    const { shedding, pass, turn, pending } = stage();
    arrive(shedding, 'first');
    pass(11);
    for (const name of 'abcdefgh') arrive(shedding, name);
    await turn(2.5);
    const [once] = [taken()];
    expect(arrive(shedding, 'i')).toBe('waits');
    await turn(2.5);

    expect(once).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(taken()).toEqual(['f', 'g', 'h', 'i']);
    expect(pending).toEqual([]);
  });

  it('leave nothing behind: the next is begun at once', async () => {
    const { shedding, pass, turn, pending } = stage();
    arrive(shedding, 'a');
    pass(100);
    await turn();

    expect(pending).toEqual([]);
    expect(arrive(shedding, 'b')).toBe('at once');
  });

  it('are not begun where nobody waits for the answer any longer', async () => {
    const { shedding, pass, turn } = stage();
    arrive(shedding, 'first');
    pass(11);
    arrive(shedding, 'gone', { gone: true });
    arrive(shedding, 'here');
    await turn();

    expect(taken()).toEqual(['no gone', 'here']);
  });

  it('finish before others begin, but for each fourth', async () => {
    const { shedding, pass, turn } = stage();
    arrive(shedding, 'first');
    pass(11);
    for (const name of ['A', 'B']) arrive(shedding, name, { endpoint: 'authorize' });
    for (const name of 'abcd') arrive(shedding, name);
    await turn(0.5);

    expect(taken()).toEqual(['A', 'a', 'b', 'c', 'B', 'd']);
  });
});

describe('a queue that stands', () => {
  /** Somebody waits for the whole of a second, in which each turn takes 20 ms. */
  async function overload() {
    const it = stage();
    arrive(it.shedding, 'first');
    it.pass(11);
    for (let n = 0; n < 52; n += 1) {
      for (let each = 0; each < 10; each += 1) arrive(it.shedding, `${n}`);
      it.pass(20);
      await it.turn(5);
    }
    return it;
  }

  it('refuses whoever waited longer than its patience, and begins the newest', async () => {
    const { shedding, turn, pass } = await overload();
    taken();
    arrive(shedding, 'older');
    pass(30);
    arrive(shedding, 'newer');
    await turn(10);
    await turn(10);
    await turn(10);
    await turn(10);

    const fate = taken();
    expect(fate).toContain('newer');
    expect(fate.indexOf('newer')).toBeLessThan(fate.findIndex((name) => name.endsWith('older')));
    expect(fate.filter((name) => name.startsWith('no ')).length).toBeGreaterThan(0);
  });

  it('says so once, then how many in ten seconds, and that it is over', async () => {
    const { logged, pass, turn } = await overload();
    for (let n = 0; n < 60; n += 1) await turn(10);
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

  it('is remembered for a second: who then waits longer than its patience is refused, and later is not', async () => {
    const { shedding, pass, turn, pending } = await overload();
    const wait = async (): Promise<readonly string[]> => {
      while (pending.length > 0) await turn(0.1);
      taken();
      arrive(shedding, 'first');
      pass(11);
      arrive(shedding, 'late');
      pass(60);
      await turn();
      return taken();
    };

    expect(await wait()).toEqual(['no late']);
    pass(1001);
    expect(await wait()).toEqual(['late']);
  });

  it('lets metadata, keys and preflights pass', async () => {
    const { shedding } = await overload();

    expect(arrive(shedding, 'a', { endpoint: 'jwks' })).toBe('at once');
    expect(arrive(shedding, 'b', { endpoint: 'discovery' })).toBe('at once');
    expect(arrive(shedding, 'c')).toBe('waits');
    taken();
  });
});

describe('a burst', () => {
  it('is begun whole, for as long as a second', async () => {
    const { shedding, pass, turn } = stage();
    arrive(shedding, 'first');
    pass(11);
    for (let n = 0; n < 90; n += 1) arrive(shedding, 'one');
    for (let n = 0; n < 50; n += 1) await turn(5);

    expect(taken()).toEqual(Array.from({ length: 90 }, () => 'one'));
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
    const { shedding, pass, turn } = stage();
    arrive(shedding, 'first');
    pass(11);
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
