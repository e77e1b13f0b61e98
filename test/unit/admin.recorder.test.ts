import { describe, expect, it } from 'vitest';
import type { Seen } from '../../internal/admin/recorder.ts';
import { toSubject } from '../../internal/protocol/ids.ts';
import { startAdmin } from './admin.fixture.ts';

const seen = (rawHeaders: readonly string[], more: Partial<Seen> = {}): Seen => ({
  probe: 'p1',
  route: 'authorize',
  refused: undefined,
  rawHeaders,
  verdict: { kind: 'anonymous' },
  ...more,
});

function record() {
  const admin = startAdmin();
  const { recorder } = admin;
  const canary = recorder.start()?.canary ?? '';
  const arrivalsOf = (...rawHeaders: readonly string[]) => {
    recorder.note(seen(rawHeaders));
    return recorder.read()?.sightings.at(-1)?.arrivals;
  };
  return { ...admin, canary, arrivalsOf };
}

describe('the recorder of the doctor (O2)', () => {
  it('makes a canary of 256 bits, another one each time', () => {
    const { recorder, canary } = record();
    recorder.stop();

    const second = recorder.start()?.canary;

    expect(canary).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toMatch(/^[0-9a-f]{64}$/);
    expect(second).not.toBe(canary);
  });

  it('recognises a probe by the canary in its query or in any header', () => {
    const { recorder, canary } = record();

    expect(recorder.recognise(`/authorize?asteroid_canary=${canary}.p7`, [])).toBe('p7');
    expect(recorder.recognise(`/authorize%2f?a=b&asteroid_canary=${canary}.p-8&c`, [])).toBe('p-8');
    expect(recorder.recognise('/authorize', ['Host', 'h', 'X-A', `a${canary}.p9@x`])).toBe('p9');
  });

  it('recognises nothing without the canary, with a part of it or without a probe', () => {
    const { recorder, canary } = record();
    const wrong = startAdmin('other').recorder.start()?.canary;

    for (const value of ['', canary.slice(1), `${canary.slice(0, -1)}.p1`, canary, `${canary}.`]) {
      expect(recorder.recognise(`/a?asteroid_canary=${value}`, ['X-A', value])).toBeUndefined();
    }
    expect(
      recorder.recognise(`/a?asteroid_canary=${wrong}.p1`, ['X', `${wrong}.p1`]),
    ).toBeUndefined();
    expect(recorder.recognise(`/a?other=${canary}.p1`, [])).toBeUndefined();
    expect(recorder.recognise('/a', [`${canary}.p1`, 'value'])).toBeUndefined();
  });

  it('recognises nothing before it starts, after it stops and after two minutes', () => {
    const { recorder, advance } = startAdmin();
    const target = (canary = '') => `/authorize?asteroid_canary=${canary}.p1`;
    expect(recorder.recognise(target(), [])).toBeUndefined();

    const first = recorder.start()?.canary;
    expect(recorder.recognise(target(first), [])).toBe('p1');
    recorder.stop();
    expect(recorder.recognise(target(first), [])).toBeUndefined();
    expect(recorder.read()).toBeUndefined();

    const second = recorder.start()?.canary;
    advance(119);
    expect(recorder.recognise(target(second), [])).toBe('p1');
    advance(1);
    expect(recorder.recognise(target(second), [])).toBeUndefined();
    recorder.note(seen([]));
    expect(recorder.read()).toBeUndefined();
  });

  it('is one at a time, and free again once it has ended by itself', () => {
    const { recorder, advance } = startAdmin();

    const first = recorder.start();
    expect(recorder.start()).toBeUndefined();
    expect(first?.expiresAt).toBe(1_800_000_120);

    advance(120);
    expect(recorder.start()?.canary).not.toBe(first?.canary);
    expect(recorder.read()).toEqual({ sightings: [], full: false });
  });

  it('writes down so many and no more, and says that there were more', () => {
    const { recorder } = record();

    for (let count = 0; count < 2000; count += 1) recorder.note(seen([]));
    expect(recorder.read()?.full).toBe(false);
    recorder.note(seen([]));

    expect(recorder.read()?.sightings).toHaveLength(2000);
    expect(recorder.read()?.full).toBe(true);
  });

  it('tells lines with the canary from others, from empty ones and from none', () => {
    const { arrivalsOf, canary } = record();

    const arrivals = arrivalsOf(
      ...['X-Authenticated-User', `${canary}.p1`, 'x-authenticated-USER', 'alice'],
      ...['X-Authenticated-Email', ' \t', 'Accept', '*/*'],
    );

    expect(arrivals).toEqual([
      { header: 'X-Authenticated-User', how: 'exact', canary: 1, other: 1, empty: 0 },
      { header: 'X-Authenticated-Email', how: 'exact', canary: 0, other: 0, empty: 1 },
    ]);
  });

  for (const alias of ['X_Authenticated_User', 'X.Authenticated.User', 'x~authenticated-USER']) {
    it(`tells ${alias} for the alias that it is`, () => {
      const { arrivalsOf, canary } = record();

      expect(arrivalsOf(alias, canary)).toEqual([
        { header: 'X-Authenticated-User', how: 'alias', canary: 1, other: 0, empty: 0 },
      ]);
    });
  }

  for (const value of [
    'X-Authenticated-Groups',
    'close, x_authenticated_groups',
    'a,\tX-AUTHENTICATED-GROUPS ',
  ]) {
    it(`tells that Connection names a header: ${JSON.stringify(value)}`, () => {
      const { arrivalsOf } = record();

      expect(arrivalsOf('cONNECTION', value)).toEqual([
        { header: 'X-Authenticated-Groups', how: 'connection', canary: 0, other: 1, empty: 0 },
      ]);
    });
  }

  it('tells nothing of an ordinary Connection and of headers that mean nothing', () => {
    const { arrivalsOf } = record();

    expect(arrivalsOf('Connection', 'close, Upgrade', 'X-Unrelated-Name-00', 'a')).toEqual([]);
  });

  it('believes only what became part of the identity, wherever in it', () => {
    const { recorder, canary } = record();
    const identity = (subject: string, groups: readonly string[]) =>
      ({
        kind: 'identified',
        identity: { subject: toSubject(subject), claims: { groups: [...groups] } },
      }) as const;

    recorder.note(seen([], { verdict: identity(`corp:${canary}.p1`, []) }));
    recorder.note(seen([], { verdict: identity('alice', ['staff', `${canary}.p1`]) }));
    recorder.note(seen([], { verdict: identity('alice', ['staff']) }));
    recorder.note(seen([], { verdict: undefined, refused: 'path_unknown' }));

    const sightings = recorder.read()?.sightings ?? [];
    expect(sightings.map(({ believed }) => believed)).toEqual([true, true, false, false]);
    expect(sightings.map(({ identity: kind }) => kind)).toEqual([
      'identified',
      'identified',
      'identified',
      'not_read',
    ]);
    expect(sightings[3]?.refused).toBe('path_unknown');
  });

  it('keeps no value of any header', () => {
    const { recorder, canary } = record();
    const verdict = {
      kind: 'refused',
      status: 403,
      reason: 'upstream_secret',
      header: 'X-Asteroid-Upstream-Secret',
    } as const;

    recorder.note(
      seen(
        [
          ...['X-Authenticated-User', `alice-${canary}`, 'X-Asteroid-Upstream-Secret', 'hush-hush'],
          ...['Cookie', 'session=of-alice', 'Connection', 'X-Authenticated-User, X-Hidden'],
        ],
        { verdict },
      ),
    );

    const text = JSON.stringify(recorder.read());
    for (const value of ['alice', 'hush', canary, 'session', 'X-Hidden']) {
      expect(text).not.toContain(value);
    }
    expect(recorder.read()?.sightings[0]).toMatchObject({
      identity: 'refused',
      identityRefused: 'upstream_secret',
    });
  });
});
