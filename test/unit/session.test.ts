import { describe, expect, it } from 'vitest';
import { createEphemeralKeys } from '../../internal/keys/ephemeral.ts';
import {
  decideSession,
  findCurrent,
  type Present,
  type Session,
  type SessionTerms,
  sealSession,
  toPresent,
  unsealSession,
} from '../../internal/oidc/session.ts';
import { toSessionId, toSubject } from '../../internal/protocol/ids.ts';
import { createTestClock } from '../support/clock.ts';
import { createTestIssuer, ISSUER } from '../support/issuer.ts';
import { identify } from '../support/requests.ts';

const NOW = 1_000_000;
const LIFETIME = 1000;

const [OLD, UPSTREAM, OTHER_UPSTREAM, FRESH] = ['old', 'up-1', 'up-2', 'fresh'].map(toSessionId);
if (OLD === undefined || FRESH === undefined) throw new Error('no sids');
if (UPSTREAM === undefined || OTHER_UPSTREAM === undefined) throw new Error('no sids');

const alice = toSubject('alice');
const bob = toSubject('bob');

const cookie = (different: Partial<Session> = {}): Session => ({
  sid: OLD,
  subject: alice,
  seenAt: NOW - 10,
  ...different,
});

const decide = (
  known: Session | undefined,
  present: Partial<Present> = {},
  terms: Partial<SessionTerms> = {},
) =>
  decideSession(
    known,
    { subject: alice, ...present },
    { now: NOW, lifetime: LIFETIME, silent: false, fresh: FRESH, ...terms },
  );

const session = (sid: Session['sid'], different: Partial<Session> = {}) => ({
  kind: 'session',
  isChanged: true,
  replaced: undefined,
  session: { sid, subject: alice, seenAt: NOW, ...different },
});

describe('which session a sign-in belongs to (LO-4, T26)', () => {
  it('begins one where there is none', () => {
    expect(decide(undefined)).toEqual(session(FRESH));
  });

  it('follows the session of the upstream, where it says which it is', () => {
    expect(decide(undefined, { upstream: UPSTREAM })).toEqual(
      session(UPSTREAM, { upstream: UPSTREAM }),
    );
  });

  it('goes on with that of the cookie, and writes no cookie for it', () => {
    const known = cookie();

    expect(decide(known)).toEqual({
      kind: 'session',
      session: known,
      isChanged: false,
      replaced: undefined,
    });
    expect(decide(known, {}, { silent: true })).toMatchObject({ session: known });
  });

  it('writes the cookie again when half of its life is over, and not before', () => {
    const half = NOW - LIFETIME / 2;

    expect(decide(cookie({ seenAt: half }))).toMatchObject({ isChanged: false });
    expect(decide(cookie({ seenAt: half - 1 }))).toEqual(session(OLD));
  });

  it('begins another when the cookie is too old, and ends the one before', () => {
    const last = cookie({ seenAt: NOW - LIFETIME + 1 });
    const old = cookie({ seenAt: NOW - LIFETIME });

    expect(decide(last)).toEqual(session(OLD));
    expect(decide(old)).toEqual({ ...session(FRESH), replaced: old });
  });

  it('does not end the session of the upstream only because the cookie is too old', () => {
    const old = cookie({ sid: UPSTREAM, upstream: UPSTREAM, seenAt: NOW - LIFETIME });

    expect(decide(old, { upstream: UPSTREAM })).toEqual(session(UPSTREAM, { upstream: UPSTREAM }));
  });

  it('is never that of another End-User: it is over, whatever the cookie says', () => {
    const known = cookie();

    expect(decide(known, { subject: bob })).toEqual({
      ...session(FRESH, { subject: bob }),
      replaced: known,
    });
  });

  it('is another when the upstream has another, and the same when it says nothing of it', () => {
    const known = cookie({ sid: UPSTREAM, upstream: UPSTREAM });

    expect(decide(known, { upstream: OTHER_UPSTREAM })).toEqual({
      ...session(OTHER_UPSTREAM, { upstream: OTHER_UPSTREAM }),
      replaced: known,
    });
    expect(decide(known)).toMatchObject({ session: known, isChanged: false });
    expect(decide(cookie(), { upstream: UPSTREAM })).toMatchObject({ replaced: cookie() });
  });
});

describe('which session a sign-in belongs to after a sign-out (LO-4)', () => {
  const left = cookie({ signedOutAt: NOW - 5 });

  it('is none for a client that asks silently, however old the sign-out is', () => {
    expect(decide(left, {}, { silent: true })).toEqual({ kind: 'signed_out' });
    expect(decide({ ...left, seenAt: 0 }, {}, { silent: true })).toEqual({ kind: 'signed_out' });
  });

  it('is a fresh one for a client that asks aloud', () => {
    expect(decide(left)).toEqual(session(FRESH));
  });

  it('is a fresh one when the upstream has authenticated since, and not otherwise', () => {
    for (const [authTime, kind] of [
      [NOW - 6, 'signed_out'],
      [NOW - 5, 'signed_out'],
      [NOW - 4, 'session'],
    ] as const) {
      expect(decide(left, { authTime }, { silent: true }).kind).toBe(kind);
    }
    expect(decide(left, { authTime: NOW }, { silent: true })).toEqual(session(FRESH));
  });

  it('is never the one that ended, even where the session of the upstream goes on', () => {
    const known = { ...left, sid: UPSTREAM, upstream: UPSTREAM };

    expect(decide(known, { upstream: UPSTREAM }, { silent: true })).toEqual({ kind: 'signed_out' });
    expect(decide(known, { upstream: UPSTREAM })).toEqual(session(FRESH, { upstream: UPSTREAM }));
  });

  it('is the one of the upstream when that is another, or of another End-User', () => {
    const silent = { silent: true };

    expect(decide(left, { upstream: UPSTREAM }, silent)).toEqual(
      session(UPSTREAM, { upstream: UPSTREAM }),
    );
    expect(decide(left, { subject: bob }, silent)).toEqual(session(FRESH, { subject: bob }));
  });
});

describe('which session is there to be ended', () => {
  const terms = { now: NOW, lifetime: LIFETIME };
  const find = (known: Session | undefined, present: Partial<Present> | undefined = {}) =>
    findCurrent(known, { subject: alice, ...present }, terms);

  it('is that of the cookie, if it is of who is here', () => {
    expect(find(cookie())).toEqual(cookie());
    expect(find(cookie(), { subject: bob })).toBeUndefined();
    expect(find(undefined)).toBeUndefined();
    expect(find(cookie({ signedOutAt: NOW }))).toBeUndefined();
    expect(find(cookie({ seenAt: NOW - LIFETIME }))).toBeUndefined();
  });

  it('is that of the upstream without a cookie of it', () => {
    const own = { sid: UPSTREAM, upstream: UPSTREAM, subject: alice, seenAt: NOW };

    expect(find(undefined, { upstream: UPSTREAM })).toEqual(own);
    expect(find(cookie(), { upstream: UPSTREAM })).toEqual(own);
    expect(find(cookie({ upstream: UPSTREAM }), { upstream: UPSTREAM })?.sid).toBe(OLD);
  });

  it('is that of the cookie where nobody says who is here', () => {
    expect(findCurrent(cookie(), undefined, terms)).toEqual(cookie());
    expect(findCurrent(cookie({ signedOutAt: 1 }), undefined, terms)).toBeUndefined();
    expect(findCurrent(undefined, undefined, terms)).toBeUndefined();
  });
});

describe('the session of the upstream', () => {
  const derive = (subject: string, sid: string, issuer = ISSUER) =>
    toPresent(identify(subject, { sid: toSessionId(sid) }), { issuer }).upstream;

  it('is told apart by its id, its End-User and the issuer, and cannot be read back', () => {
    const all = [
      derive('alice', 's-1'),
      derive('alice', 's-2'),
      derive('bob', 's-1'),
      derive('alice', 's-1', 'https://other.example'),
      derive('alices', '-1'),
    ];

    expect(new Set(all).size).toBe(all.length);
    expect(derive('alice', 's-1')).toBe(all[0]);
    for (const sid of all) expect(sid).toMatch(/^[\w-]{43}$/);
  });

  it('is absent where the upstream names none, and its auth_time is kept', () => {
    expect(toPresent(identify('alice', { authTime: 7 }), { issuer: ISSUER })).toEqual({
      subject: 'alice',
      authTime: 7,
    });
  });
});

describe('the sealed session', () => {
  const { deps } = createTestIssuer();

  it('gives everything back, and lives as long as the session, or as the sign-out is remembered', () => {
    for (const known of [
      cookie(),
      cookie({ upstream: UPSTREAM }),
      cookie({ signedOutAt: 5 }),
      cookie({ upstream: UPSTREAM, signedOutAt: NOW, subject: toSubject('ä"\u0000\u{1d11e}') }),
    ]) {
      const { value, maxAge } = sealSession(known, deps);

      expect(unsealSession(value, deps)).toEqual(known);
      expect(value).toMatch(/^[\w-]+$/);
      expect(maxAge).toBe(known.signedOutAt === undefined ? 86_400 : 30 * 86_400);
    }
  });

  it('is nothing to another issuer with the same keys, to other keys, or as another kind of seal', () => {
    const { value } = sealSession(cookie(), deps);
    const keys = createEphemeralKeys({ now: createTestClock() });

    expect(unsealSession(value, { ...deps, issuer: `${ISSUER}/` })).toBeUndefined();
    expect(unsealSession(value, { ...deps, keys })).toBeUndefined();
    expect(unsealSession(deps.keys.seal('session', '["a","b",1,null,null]'), deps)).toBeUndefined();
    for (const junk of [undefined, '', 'x', `${value}A`, value.slice(1), '["old","alice",1]']) {
      expect(unsealSession(junk, deps)).toBeUndefined();
    }
  });
});
