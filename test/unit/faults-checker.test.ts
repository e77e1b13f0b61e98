// The judge of `make faults`, held against histories written by hand: each wrong that it looks for, and
// beside it the nearest history in which everything is right.

import { describe, expect, it } from 'vitest';
import type { Usage } from '../faults/checker/bounds.ts';
import { check } from '../faults/checker/check.ts';
import { checkGrants } from '../faults/checker/grants.ts';
import type { Terms, Windows } from '../faults/checker/invariants.ts';
import type { Kind, Operation, Outcome } from '../faults/operation.ts';

const TERMS: Terms = { grace: 3000, slack: 500, patience: 2000, machineShare: 0.1 };

type More = Partial<Operation> & { readonly took?: number };

/** One request about one sign-in, at issuer A; it takes 10 ms. */
const at = (startedAt: number, kind: Kind, outcome: Outcome, more: More = {}): Operation => {
  const { took = 10, ...rest } = more;
  const endedAt = startedAt + took;
  return { kind, issuer: 'A', startedAt, endedAt, outcome, said: '503', about: ['one'], ...rest };
};

const CODE = at(100, 'authorize', 'ok', { given: { code: 'code' } });

const redeem = (startedAt: number, outcome: Outcome, more: More = {}): Operation =>
  at(startedAt, 'redeem', outcome, {
    presented: 'code',
    ...(outcome === 'ok' ? { given: { accessToken: 'access', refreshToken: 'r1' } } : {}),
    ...more,
  });

/** Presents r1 and gets r2, unless told otherwise. */
const refresh = (startedAt: number, outcome: Outcome, from = 1, to = from + 1, more: More = {}) =>
  at(startedAt, 'refresh', outcome, {
    presented: `r${from}`,
    ...(outcome === 'ok' ? { given: { accessToken: 'next', refreshToken: `r${to}` } } : {}),
    ...more,
  });

const look = (startedAt: number, outcome: Outcome, presented = 'access', more: More = {}) =>
  at(startedAt, 'introspect', outcome, { presented, ...more });

const revoke = (startedAt: number, outcome: Outcome, more: More = {}) =>
  at(startedAt, 'revoke', outcome, { presented: 'r1', ...more });

const SPENT = redeem(200, 'ok');

/** A name, what happened after the code, and what is wrong with it, if anything is. */
type Case = readonly [name: string, after: readonly Operation[], wrong?: string];

function judge(cases: readonly Case[]): void {
  for (const [name, after, wrong] of cases) {
    it(name, () => {
      const found = checkGrants([CODE, ...after], TERMS);
      const texts = found.map(({ invariant, what }) => `${invariant}: ${what}`);

      expect(texts).toEqual(wrong === undefined ? [] : [wrong]);
    });
  }
}

const LOST = 'N1: introspect was refused for what nobody had ended';

describe('a grant that was acknowledged', () => {
  judge([
    ['lives', [SPENT, look(300, 'ok'), look(20_000, 'ok')]],
    ['is lost', [SPENT, look(300, 'ok'), look(20_000, 'refused')], LOST],
    ['is lost with its code', [redeem(200, 'refused')], LOST.replace('introspect', 'redeem')],
    [
      'is lost with its refresh token',
      [SPENT, refresh(300, 'refused')],
      LOST.replace('introspect', 'refresh'),
    ],
    [
      'is not lost with a rotated refresh token',
      [SPENT, refresh(300, 'ok'), look(400, 'refused', 'r1')],
    ],
    ['is lost with the current one', [SPENT, refresh(300, 'ok'), look(400, 'refused', 'r2')], LOST],
    ['has ended when it was revoked', [SPENT, revoke(300, 'ok'), look(400, 'refused')]],
    ['may have ended when nobody knows', [SPENT, revoke(300, 'unknown'), look(400, 'refused')]],
    ['may have ended behind a 503', [SPENT, revoke(300, 'unavailable'), look(400, 'refused')]],
    [
      'has not ended when nothing was sent',
      [SPENT, revoke(300, 'unsent'), look(400, 'refused')],
      LOST,
    ],
    ['has not ended before it is revoked', [SPENT, look(300, 'refused'), revoke(400, 'ok')], LOST],
    ['may have ended while it is revoked', [SPENT, look(305, 'refused'), revoke(300, 'ok')]],
    ['has ended with its session', [SPENT, at(300, 'end_session', 'ok'), look(400, 'refused')]],
    [
      'is not lost by what became of another',
      [SPENT, revoke(300, 'ok', { about: ['two'] }), look(400, 'refused')],
      LOST,
    ],
    [
      'was lied about, when it is alive afterwards',
      [SPENT, look(300, 'refused'), look(400, 'ok')],
      'N1: introspect was refused for what was alive afterwards',
    ],
    [
      'was lied about, when its code is good afterwards',
      [redeem(200, 'refused'), redeem(300, 'ok')],
      'N1: redeem was refused for what was alive afterwards',
    ],
    [
      'is lost with a refresh token, whatever else of it is alive',
      [SPENT, refresh(300, 'ok'), look(400, 'refused', 'r2'), look(500, 'ok')],
      LOST,
    ],
    [
      'may be alive and gone to questions that overlap its end',
      [SPENT, revoke(300, 'ok', { took: 500 }), look(310, 'refused'), look(330, 'ok')],
    ],
  ]);
});

const twice = (times: number): string => `N2: a code was redeemed ${times} times`;

describe('a code of before a failover', () => {
  const judgeCode = (codesOverUntil: number) =>
    checkGrants([CODE, redeem(200, 'refused')], { ...TERMS, codesOverUntil });

  it('may be over, and one of after it may not', () => {
    expect(judgeCode(150)).toEqual([]);
    expect(judgeCode(50)).toHaveLength(1);
  });
});

describe('what is spent', () => {
  judge([
    ['is spent once', [SPENT, redeem(205, 'refused'), redeem(207, 'unavailable')]],
    ['is spent twice at once', [SPENT, redeem(205, 'ok', { issuer: 'B' })], twice(2)],
    ['is spent once more, much later', [SPENT, redeem(90_000, 'ok')], twice(2)],
    [
      'may be spent by whoever asks again',
      [redeem(200, 'unknown'), redeem(300, 'ok'), look(400, 'ok')],
    ],
    [
      'has one successor, however often it is asked for',
      [SPENT, refresh(300, 'ok'), refresh(305, 'ok')],
    ],
    [
      'has two successors',
      [SPENT, refresh(300, 'ok', 1, 2), refresh(305, 'ok', 1, 3)],
      'N2: a refresh token has two successors',
    ],
    ['is good again within its grace', [SPENT, refresh(300, 'ok'), refresh(3500, 'ok')]],
    [
      'is good again after its grace',
      [SPENT, refresh(300, 'ok'), refresh(3900, 'ok')],
      'N2: a refresh token was taken after its grace',
    ],
    [
      'is good again after its successor was used',
      [SPENT, refresh(300, 'ok'), refresh(400, 'ok', 2), refresh(500, 'ok')],
      'N2: a refresh token was taken after its successor',
    ],
    [
      'is good while its successor is being used',
      [SPENT, refresh(300, 'ok'), refresh(400, 'ok', 2), refresh(405, 'ok')],
    ],
  ]);
});

const revived = (kind: Kind, end: Kind): string =>
  `N3: ${kind} succeeded after an acknowledged end by ${end}`;

describe('what has ended', () => {
  judge([
    ['stays ended', [SPENT, revoke(300, 'ok'), look(400, 'refused'), refresh(500, 'refused')]],
    [
      'is alive to a question',
      [SPENT, revoke(300, 'ok'), look(400, 'ok')],
      revived('introspect', 'revoke'),
    ],
    ['is refreshed', [SPENT, revoke(300, 'ok'), refresh(400, 'ok')], revived('refresh', 'revoke')],
    [
      'is shown to the client',
      [SPENT, at(300, 'end_session', 'ok'), at(400, 'userinfo', 'ok', { presented: 'access' })],
      revived('userinfo', 'end_session'),
    ],
    ['is redeemed', [revoke(150, 'ok'), redeem(300, 'ok')], revived('redeem', 'revoke')],
    [
      'may be alive to a question from before the answer',
      [SPENT, revoke(300, 'ok'), look(305, 'ok')],
    ],
    ['may be alive when nobody knows', [SPENT, revoke(300, 'unknown'), look(400, 'ok')]],
    ['may be alive behind a 503', [SPENT, revoke(300, 'unavailable'), look(400, 'ok')]],
    ['ends by a code that comes back', [SPENT, redeem(300, 'refused'), look(400, 'refused')]],
    [
      'does not end by a code that comes back',
      [SPENT, redeem(300, 'refused'), look(400, 'ok')],
      revived('introspect', 'redeem'),
    ],
    [
      'does not end by an old refresh token',
      [SPENT, refresh(300, 'ok'), refresh(9000, 'refused'), look(9100, 'ok')],
      revived('introspect', 'refresh'),
    ],
    [
      'ends by an old refresh token',
      [SPENT, refresh(300, 'ok'), refresh(9000, 'refused'), look(9100, 'refused')],
    ],
    [
      'comes back at another time of the clock alone',
      [SPENT, redeem(205, 'refused', { took: 100 }), look(400, 'ok')],
    ],
  ]);
});

describe('an exchange whose answer was lost', () => {
  judge([
    ['is repeated', [SPENT, refresh(300, 'unknown'), refresh(900, 'ok'), look(1000, 'ok', 'r2')]],
    [
      'cannot be repeated',
      [SPENT, refresh(300, 'unknown'), refresh(900, 'refused')],
      'N4: a retry within the grace was refused',
    ],
    [
      'cannot be repeated after a 503',
      [SPENT, refresh(300, 'unavailable'), refresh(900, 'refused')],
      'N4: a retry within the grace was refused',
    ],
    [
      'cannot be repeated after the grace',
      [SPENT, refresh(300, 'unknown'), refresh(3900, 'refused')],
    ],
    [
      'cannot be repeated after the end',
      [SPENT, refresh(300, 'unknown'), revoke(400, 'ok'), refresh(900, 'refused')],
    ],
    [
      'can perhaps not be repeated when the grace is all but over',
      [SPENT, refresh(300, 'unknown'), refresh(3000, 'refused')],
    ],
    [
      'can perhaps not be repeated when the successor is being used',
      [SPENT, refresh(300, 'ok'), refresh(395, 'refused'), refresh(400, 'ok', 2)],
    ],
    ['costs a sign-in when it was of a code', [redeem(200, 'unknown'), redeem(300, 'refused')]],
    [
      'was not one when nothing was sent',
      [redeem(200, 'unsent'), redeem(300, 'refused')],
      LOST.replace('introspect', 'redeem'),
    ],
    [
      'is repeated, and what it gives is dead',
      [SPENT, refresh(300, 'unknown'), refresh(900, 'ok'), look(1000, 'refused', 'next')],
      LOST,
    ],
  ]);
});

/** The fault lasts from 10 s to 12 s, and by 13 s everything works again. */
const WINDOWS: Windows = {
  ...{ begunAt: 50, injectedAt: 10_000, healedAt: 12_000, recoveredBy: 13_000 },
  ...{ excused: [], turnsUnready: false, unavailableShare: 1 },
};
const USAGE: Usage = { memory: [100, 110], connections: 2, eternal: [] };
const probe = (startedAt: number, outcome: Outcome, more: More = {}) =>
  at(startedAt, 'readyz', outcome, { about: [], ...more });

function verdictOn(history: readonly Operation[], windows: Partial<Windows> = {}, now = USAGE) {
  return check({
    history: [CODE, ...history, probe(14_000, 'ok')],
    windows: { ...WINDOWS, ...windows },
    terms: TERMS,
    usage: { before: USAGE, after: now },
  });
}

const wrongs = (...terms: Parameters<typeof verdictOn>): readonly string[] =>
  verdictOn(...terms).violations.map(({ invariant, what }) => `${invariant}: ${what}`);

describe('a store that is away', () => {
  const away = at(10_500, 'userinfo', 'unavailable', { took: 900 });

  it('is said to be, in time', () => {
    expect(wrongs([away])).toEqual([]);
    expect(wrongs([{ ...away, endedAt: 13_000 }])).toEqual(['N5: userinfo took 2500 ms']);
  });

  it('makes no answer odd, and none missing', () => {
    const odd = { ...away, outcome: 'odd', said: '500 server_error' } as const;
    const silent = { ...away, outcome: 'unknown', said: 'ECONNRESET' } as const;

    expect(wrongs([odd])).toEqual(['N5: userinfo was answered 500 server_error']);
    expect(wrongs([silent])).toEqual(['N5: userinfo: ECONNRESET']);
  });

  it('excuses an issuer that is dead itself, and no other, and not for ever', () => {
    const silent = { ...away, outcome: 'unknown', said: 'ECONNRESET' } as const;
    const excuse = { issuer: 'A', from: 10_000, to: 12_000, what: 'everything' } as const;
    const probes = { ...excuse, what: 'probes' } as const;

    expect(wrongs([silent], { excused: [excuse] })).toEqual([]);
    expect(wrongs([silent], { excused: [{ ...excuse, issuer: 'B' }] })).toHaveLength(1);
    expect(wrongs([silent], { excused: [{ ...excuse, to: 10_400 }] })).toHaveLength(1);
    expect(wrongs([silent], { excused: [{ ...excuse, from: 11_500 }] })).toHaveLength(1);
    expect(wrongs([silent], { excused: [probes] })).toHaveLength(1);
    expect(wrongs([{ ...silent, kind: 'livez' }], { excused: [probes] })).toEqual([]);
  });

  it('is no reason for what needs no store', () => {
    for (const kind of ['discovery', 'jwks', 'livez'] as const) {
      expect(wrongs([{ ...away, kind }])).toEqual([`N5: ${kind} was answered 503`]);
    }
  });

  it('turns readiness red', () => {
    const unready = { turnsUnready: true };

    expect(wrongs([away], unready)).toEqual(['N5: /readyz has not noticed']);
    expect(wrongs([away, probe(10_600, 'unavailable')], unready)).toEqual([]);
    expect(wrongs([away, probe(9000, 'unavailable')], unready)).toHaveLength(1);
    expect(wrongs([away, probe(13_500, 'unavailable')], unready)).toHaveLength(1);
  });

  const many = (from: number, count: number, outcome: Outcome = 'ok') =>
    Array.from({ length: count }, (_, n) => at(from + n, 'userinfo', outcome));

  it('is away for as many requests as it may be, and as a busy machine may add', () => {
    const history = [...many(10_100, 7), ...many(10_200, 3, 'unavailable')];

    expect(wrongs(history, { unavailableShare: 0.2 })).toEqual([]);
    expect(wrongs(history, { unavailableShare: 0.19 })).toEqual(['N5: 3 of 10 were answered 503']);
  });

  it('was not away before, nor is it afterwards, but for what a busy machine may add', () => {
    const early = [...many(9000, 8), ...many(9100, 2, 'unavailable')];
    const late = [...many(13_100, 8), ...many(13_200, 2, 'unavailable')];

    expect(wrongs(early)).toEqual(['N6: before the fault 2 of 11 were answered 503']);
    expect(wrongs(late)).toEqual(['N6: after it was over 2 of 10 were answered 503']);
    expect(wrongs([...early, ...many(9200, 9)])).toEqual([]);
    expect(wrongs([...late, ...many(13_300, 10)])).toEqual([]);
    expect(wrongs(early, { begunAt: 9500 })).toEqual([]);
  });

  it('is back for every issuer', () => {
    expect(wrongs([probe(10_100, 'ok', { issuer: 'B' })])).toEqual([
      'N6: B is not ready afterwards',
    ]);
  });
});

describe('what is in use', () => {
  it('comes back to what it was, give or take', () => {
    expect(wrongs([], {}, { ...USAGE, memory: [150, 160], connections: 3 })).toEqual([]);
  });

  it('grows', () => {
    const grown = { memory: [100, 400], connections: 9, eternal: ['asteroid:x:a:y'] };

    expect(wrongs([], {}, grown)).toEqual([
      'N7: memory grew to 400 MiB',
      'N7: 9 connections to Redis, 2 before',
      'N7: a key never expires: asteroid:x:a:y',
    ]);
  });
});

describe('the figures of a round', () => {
  it('begin with the first who was turned away, where nobody was served before', () => {
    const asked = [at(10_100, 'userinfo', 'unavailable'), at(11_000, 'userinfo', 'ok')];

    expect(verdictOn(asked, { begunAt: 5000 }).longest).toBe(11_010 - 10_100);
  });

  it('say how much was asked, how much refused, and for how long', () => {
    const verdict = verdictOn([
      at(9900, 'userinfo', 'ok'),
      at(10_100, 'userinfo', 'unavailable'),
      at(12_100, 'userinfo', 'unavailable', { took: 200 }),
      at(12_400, 'userinfo', 'ok', { took: 10 }),
      at(12_500, 'revoke', 'unknown'),
      redeem(12_600, 'unknown'),
      redeem(12_700, 'refused'),
    ]);

    expect(verdict).toMatchObject({
      ...{ requests: 8, unavailable: 2, unknown: 2, codesLost: 1, recovery: 300 },
      longest: 12_410 - 9910,
    });
  });
});
