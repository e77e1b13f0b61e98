// Where the memory store keeps things, and how much of it: two budgets, so that requests anybody can
// start never displace, or are displaced by, what End-Users were granted.

import { Unavailable } from '../../protocol/errors.ts';
import type { Subject } from '../../protocol/ids.ts';
import type { Clock } from '../../protocol/time.ts';
import type { Agreed } from '../held.ts';
import type { UserRecord } from '../people.ts';
import type { Consent, Made, NewPending } from '../store.ts';
import type { Usage } from '../usage.ts';
import type { Authorization } from './authorization.ts';
import { type ClientShelf, createClientShelf } from './client-shelf.ts';
import type { Denied } from './device.ts';
import { asJson, asMark, createExpiringMap, type ExpiringMap } from './expiring-map.ts';
import { asAuthorization } from './record.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSubjects, type Subjects } from './subjects.ts';
import { createWaiting, type Waiting } from './waiting.ts';

export type MemoryStoreOptions = {
  /**
   * Authorizations, nonces, consents, entries of session indexes, parts of End-Users' indexes, refusals,
   * what is counted and what happened once, together.
   */
  readonly maxEntries: number;
  /** Requests put aside and devices that wait: a budget of their own, since anybody can start one. */
  readonly maxPending: number;
  /** Clients registered at a time; 10,000. */
  readonly maxClients?: number;
  /** When entries are removed; the verbs decide by the `now` they are given. */
  readonly now?: Clock;
};

/** With whose it is: keys are not kept. */
export type KeptConsent = Consent & Agreed;

/** Without it. */
export const toConsent = ({ subject: _, clientId: __, ...consent }: KeptConsent): Consent =>
  consent;

type Count = { readonly sum: number; readonly until: number };

export type Room = {
  readonly authorizations: ExpiringMap<Authorization>;
  readonly facts: ExpiringMap<true>;
  /** How often something happened, until its window ends. */
  readonly counts: ExpiringMap<Count>;
  readonly consents: ExpiringMap<KeptConsent>;
  readonly pending: ExpiringMap<NewPending>;
  readonly waiting: Waiting;
  /** Devices whose request was refused. */
  readonly denied: ExpiringMap<Denied>;
  readonly clients: ClientShelf;
  /** Few, and listed in order. */
  readonly users: Map<Subject, UserRecord>;
  readonly sessions: Sessions;
  readonly subjects: Subjects;
  readonly clock: Clock;
  /** A moment of a caller, who thinks it is `now`, on the clock that removes. */
  toOurs(moment: number, now: number): number;
  /** Whether it was made before there was anything here to remember it. */
  mayBeForgotten(made: Made | undefined): boolean;
  /** Throws `Unavailable` rather than forget something that is still alive. */
  reserve(operation: string, entries: number): void;
  /** Whether one more request may be put aside. */
  mayPark(): boolean;
  /** Whether one more client may be registered. */
  mayRegister(): boolean;
  /** Of what has ended, at most a few of each kind; where nobody writes, nobody else removes it. */
  usage(): readonly Usage[];
};

const MAX_CLIENTS = 10_000;

/** Ended entries removed by each write: more than a write can add. */
const SWEPT_PER_WRITE = 8;
/** And by each look at how much is in use: a millisecond of work. */
const SWEPT_PER_LOOK = 1000;

type Counted = Pick<ExpiringMap<unknown>, 'sweep' | 'size'>;

const systemClock: Clock = () => Math.floor(Date.now() / 1000);

export function createRoom(options: MemoryStoreOptions): Room {
  const { maxEntries, maxPending, maxClients = MAX_CLIENTS, now = systemClock } = options;
  const authorizations = createExpiringMap(asAuthorization);
  const facts = createExpiringMap(asMark);
  const counts = createExpiringMap(asJson<Count>());
  const consents = createExpiringMap(asJson<KeptConsent>());
  const pending = createExpiringMap(asJson<NewPending>());
  const waiting = createWaiting();
  const denied = createExpiringMap(asJson<Denied>());
  const clients = createClientShelf();
  const users = new Map<Subject, UserRecord>();
  const sessions = createSessions();
  const subjects = createSubjects();
  let beganAt = now();
  const clock = () => {
    const moment = now();
    // A clock that was set back has not made anybody forget.
    beganAt = Math.min(beganAt, moment);
    return moment;
  };
  const granted: readonly Counted[] = [
    authorizations,
    facts,
    counts,
    consents,
    denied,
    sessions,
    subjects,
  ];

  return {
    ...{
      authorizations,
      facts,
      counts,
      consents,
      pending,
      waiting,
      denied,
      clients,
      users,
      sessions,
      subjects,
      clock,
    },
    toOurs: (moment, now) => clock() + moment - now,
    mayBeForgotten: (made) => made !== undefined && made.at < made.now - (clock() - beganAt),
    reserve(operation, entries) {
      let used = 0;
      for (const map of granted) {
        map.sweep(clock(), SWEPT_PER_WRITE);
        used += map.size();
      }
      if (used + entries <= maxEntries) return;
      throw new Unavailable('store', operation, new Error('max_entries are in use'));
    },
    mayPark() {
      pending.sweep(clock(), SWEPT_PER_WRITE);
      waiting.sweep(clock(), SWEPT_PER_WRITE);
      return pending.size() + waiting.size() < maxPending;
    },
    mayRegister() {
      clients.sweep(clock(), SWEPT_PER_WRITE);
      return clients.size() < maxClients;
    },
    usage: () => [
      { budget: 'entries', used: look(granted, clock()), most: maxEntries },
      { budget: 'pending', used: look([pending, waiting], clock()), most: maxPending },
      { budget: 'clients', used: look([clients], clock()), most: maxClients },
    ],
  };
}

function look(maps: readonly Counted[], now: number): number {
  for (const map of maps) map.sweep(now, SWEPT_PER_LOOK);
  return maps.reduce((used, map) => used + map.size(), 0);
}
