// Which rules a request is about, and the counting of it: one value for each request, made when it has
// arrived. What several rules say is waited for at once.

import { RateLimited } from '../protocol/errors.ts';
import type { Key, Occasion } from '../protocol/limits.ts';
import { type Counter, type CounterDeps, createCounter } from './counter.ts';
import { printStates, type State } from './headers.ts';
import type { Arrival, Limiter, RequestLimits } from './limits.ts';
import type { Who } from './own.ts';
import { findNetwork, type Proxies } from './peer.ts';
import type { Rule } from './rule.ts';

export type LimiterOptions = CounterDeps & {
  readonly rules: readonly Rule[];
  readonly proxies: Proxies;
};

const OCCASION_OF: ReadonlyMap<string, Occasion> = new Map([
  ['token', 'token'],
  ['authorize', 'authorize'],
  ['push', 'par'],
  ['deviceAuthorization', 'device_authorization'],
  ['device', 'user_code'],
  ['introspect', 'introspection'],
  ['revoke', 'revocation'],
  ['userinfo', 'userinfo'],
  ['register', 'registration'],
]);

/** Where clients authenticate. */
const AUTHENTICATED: ReadonlySet<Occasion | undefined> = new Set<Occasion>([
  'token',
  'par',
  'device_authorization',
  'introspection',
  'revocation',
]);

/** The counters that a request of one kind may meet. */
type Plan = {
  readonly occasion: Occasion | undefined;
  readonly own: readonly Counter[];
  readonly failures: readonly Counter[];
  readonly spoofs: readonly Counter[];
};

export function createLimiter(options: LimiterOptions): Limiter {
  const counters = options.rules.map((rule) => createCounter(rule, options));
  const about = (occasion: Occasion): readonly Counter[] =>
    counters.filter(({ rule }) => rule.on.includes(occasion));
  const plans = new Map<string, Plan>();

  function planOf({ endpoint, readsIdentity }: Arrival): Plan {
    const known = plans.get(endpoint);
    if (known !== undefined) return known;
    const occasion = OCCASION_OF.get(endpoint);
    const plan = {
      occasion,
      own: occasion === undefined ? [] : about(occasion),
      failures: AUTHENTICATED.has(occasion) ? about('client_authentication_failed') : [],
      spoofs: readsIdentity ? about('identity_refused') : [],
    };
    plans.set(endpoint, plan);
    return plan;
  }

  return {
    begin(arrival) {
      const plan = planOf(arrival);
      const { own, failures, spoofs } = plan;
      const isAbout = own.length + failures.length + spoofs.length > 0;
      return isAbout ? createRequestLimits(plan, arrival, options) : undefined;
    },
  };
}

const OF_CLIENTS: ReadonlySet<Key> = new Set(['client', 'client+peer']);

function createRequestLimits(
  { occasion, own, failures, spoofs }: Plan,
  { connected, rawHeaders, requestId }: Arrival,
  { proxies }: LimiterOptions,
): RequestLimits {
  const network = findNetwork(connected, rawHeaders, proxies);
  const states: State[] = [];
  const note = (state: State): void => {
    states.push(state);
  };
  const counted = (of: Occasion) => ({ occasion: of, requestId, note });

  const count = async (some: readonly Counter[], who: Omit<Who, 'network'>, of = occasion) => {
    if (of === undefined || some.length === 0) return;
    const all = some.map((counter) => counter.count({ ...who, network }, counted(of)));
    throwLongest(await Promise.allSettled(all));
  };

  const of = (...keys: readonly Key[]) => own.filter(({ rule }) => keys.includes(rule.by));
  // A code is tried later than a page is asked for.
  const arrival = occasion === 'user_code' ? Promise.resolve() : count(of('peer'), {});
  // Whoever does not get to wait for it is answered otherwise.
  arrival.catch(() => {});

  return {
    arrived: () => arrival,
    async proven({ clientId, isPublic, subject }) {
      const keys = own.filter(
        ({ rule: { by } }) =>
          (clientId !== undefined && OF_CLIENTS.has(by)) ||
          (subject !== undefined && by === 'subject'),
      );
      await count(keys, { clientId, isPublic, subject });
    },
    guess: (subject) => count(of('peer', 'subject'), { subject }),
    mayAuthenticate(clientId) {
      const who = { clientId, network };
      for (const failure of failures) failure.check(who, counted('client_authentication_failed'));
    },
    notAuthenticated: (clientId) => count(failures, { clientId }, 'client_authentication_failed'),
    identityRefused() {
      for (const spoof of spoofs) spoof.check({ network }, counted('identity_refused'));
      // Nobody waits: the answer is no anyway.
      count(spoofs, {}, 'identity_refused').catch(() => {});
    },
    headers: () => printStates(states),
  };
}

/** Who is refused by several rules waits for all of them. */
function throwLongest(outcomes: readonly PromiseSettledResult<void>[]): void {
  const errors = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const waits = errors.flatMap((error) => (error instanceof RateLimited ? [error.retryAfter] : []));
  if (waits.length > 0) throw new RateLimited(Math.max(...waits));
  if (errors.length > 0) throw errors[0];
}
