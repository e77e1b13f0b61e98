// A flood of keys that anybody can make, and those who have nothing to do with it.

import { describe, expect, it } from 'vitest';
import type { Budget } from '../../internal/protocol/budget.ts';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createExpiring } from '../../internal/ratelimit/expiring.ts';
import { createLimiter } from '../../internal/ratelimit/limiter.ts';
import type { Rule } from '../../internal/ratelimit/rule.ts';
import { createBudgetVerbs } from '../../internal/store/memory/budget.ts';

const TEN_MINUTES = 600;
const MOST = 100;

const GUESSES: Rule = {
  ...{ name: 'guesses', on: ['client_authentication_failed'], by: 'client+peer' },
  budget: { limit: 2, window: TEN_MINUTES },
  exempt: { clients: new Set(), subjects: new Set(), networks: () => false },
  whenStoreFails: 'refuse',
};
const NETWORK: Rule = { ...GUESSES, name: 'network', on: ['token'], by: 'peer' };

/** @param own of the one client that has a budget of its own. */
function start(rule: Rule, own?: Budget) {
  let moment = 1_000_000;
  let isBroken = false;
  const now = () => moment;
  const { take } = createBudgetVerbs(now);
  const limiter = createLimiter({
    ...{ rules: [rule], proxies: { isProxy: () => false, header: undefined }, now },
    take: (...args) =>
      isBroken ? Promise.reject(new Unavailable('store', 'take')) : take(...args),
    budgetsOf: (clientId) => (clientId === 'own' && own ? new Map([[rule.name, own]]) : undefined),
    isClient: () => true,
    audit: () => {},
    ...{ salt: 'of this process', maxKeys: MOST },
  });
  const begin = (address: string) => {
    const limits = limiter.begin({
      ...{ endpoint: 'token', readsIdentity: false, rawHeaders: [], requestId: 'r' },
      connected: { address, unixSocket: false },
    });
    if (limits === undefined) throw new Error('no rule is about this');
    return limits;
  };
  return {
    /** One wrong secret, whatever comes of it. */
    fail: (address: string, clientId: string) =>
      begin(address)
        .notAuthenticated(clientId)
        .catch(() => {}),
    mayAuthenticate(address: string, clientId: string): boolean {
      try {
        begin(address).mayAuthenticate(clientId);
        return true;
      } catch {
        return false;
      }
    },
    isAnswered: (address: string) =>
      begin(address)
        .arrived()
        .then(
          () => true,
          () => false,
        ),
    breakStore: (broken: boolean) => {
      isBroken = broken;
    },
    pass: (seconds: number) => {
      moment += seconds;
    },
  };
}

/** Enough for each of 4,096 shared budgets several times over. */
const FLOOD = 15_000;
const HONEST = Array.from({ length: 40 }, (_, n) => `198.51.${n}.7`);

describe('a flood of keys (DO-2)', () => {
  it('of names that one address makes up locks nobody else out', async () => {
    const { fail, mayAuthenticate } = start(GUESSES);

    for (let n = 0; n < FLOOD; n += 1) await fail('203.0.113.66', `made-up-${n}`);

    const lockedOut = HONEST.filter((address) => !mayAuthenticate(address, 'app'));
    // One of 4,096 budgets is used up.
    expect(lockedOut.length).toBeLessThanOrEqual(1);
    expect(mayAuthenticate('203.0.113.66', 'another')).toBe(false);
  });

  it('of networks of one site locks no other site out', async () => {
    const { isAnswered } = start(NETWORK);
    const eve = (n: number) => `2001:db8:bad:${n.toString(16)}::1`;

    for (let n = 0; n < FLOOD; n += 1) await isAnswered(eve(n));

    const answers = await Promise.all(HONEST.map(isAnswered));
    expect(answers.filter((answered) => !answered).length).toBeLessThanOrEqual(1);
    expect(await isAnswered(eve(FLOOD))).toBe(false);
  });

  it('of one site does not reach the next, whatever version of IP it speaks', async () => {
    const { isAnswered } = start(NETWORK);
    for (let n = 0; n < 1000; n += 1) await isAnswered(`203.0.${n >> 8}.${n & 255}`);

    expect(await isAnswered('203.0.1.255')).toBe(false);
    expect(await isAnswered('2001:db8:600d:1::1')).toBe(true);
    expect(await isAnswered('203.0.200.1')).toBe(true);
  });

  it('is forgotten when it is over, though a few keys of it last for a day', async () => {
    const { fail, mayAuthenticate, pass } = start(GUESSES, { limit: 2, window: 86_400 });
    for (let n = 0; n < 20; n += 1) await fail(`203.0.113.${n}`, 'own');
    for (let n = 0; n < 200; n += 1) await fail(`192.0.2.${n}`, 'app');
    expect(mayAuthenticate('192.0.2.250', 'app')).toBe(false);

    pass(TEN_MINUTES + 1);
    for (let n = 0; n < 20; n += 1) await fail(`198.18.0.${n}`, 'app');
    for (let n = 0; n < 2; n += 1) await fail('198.18.0.100', 'app');

    // Its neighbours did not use up what is its own.
    expect(mayAuthenticate('198.18.0.100', 'app')).toBe(false);
    expect(mayAuthenticate('198.18.0.101', 'app')).toBe(true);
  });
});

describe('a clock that was a day ahead, and is set back (DO-2)', () => {
  const DAY = 86_400;

  it('locks nobody out for that day', async () => {
    const { fail, mayAuthenticate, pass } = start(GUESSES);
    pass(DAY);
    for (let n = 0; n < 3; n += 1) await fail('203.0.113.66', 'app');
    expect(mayAuthenticate('203.0.113.66', 'app')).toBe(false);

    pass(-DAY);

    expect(mayAuthenticate('203.0.113.66', 'app')).toBe(true);
    // What the store counted still counts.
    await fail('203.0.113.66', 'app');
    expect(mayAuthenticate('203.0.113.66', 'app')).toBe(false);
    pass(TEN_MINUTES);
    expect(mayAuthenticate('203.0.113.66', 'app')).toBe(true);
  });

  it('does not keep the store from being asked for that day', async () => {
    const { isAnswered, pass, breakStore } = start({ ...NETWORK, whenStoreFails: 'refuse' });
    pass(DAY);
    breakStore(true);
    expect(await isAnswered('203.0.113.66')).toBe(false);
    breakStore(false);
    expect(await isAnswered('203.0.113.66')).toBe(false);

    pass(-DAY);

    expect(await isAnswered('203.0.113.66')).toBe(true);
  });
});

describe('what ends (DO-2)', () => {
  it('makes room behind what does not', () => {
    const entries = createExpiring<true>(20);
    for (let n = 0; n < 20; n += 1) entries.set(`lasts ${n}`, true, n < 18 ? 1000 : 10, 0);

    const rooms = Array.from({ length: 3 }, () => entries.hasRoom(20));

    expect(rooms.at(-1)).toBe(true);
    expect(entries.get('lasts 0', 20)).toBe(true);
  });
});
