// What the operator's listener needs for the console, before anybody asks for it: the rest is loaded with the
// first visit, where the configuration of the moment has `admin.console`.

import type { Operations } from '../admin/operations.ts';
import { MAX_CONSOLE_SESSION } from '../config/sections/admin.ts';
import type { ApiTerms } from '../http/admin/api.ts';
import type { ConsoleTerms, Leaving } from '../http/admin/console/console.ts';
import type { Store } from '../store/store.ts';
import type { Step } from '../telemetry/samples.ts';
import type { Surroundings } from './assemble.ts';
import type { InForce } from './in-force.ts';
import type { Lasting } from './lasting.ts';

export type ConsoleDeps = {
  readonly current: () => InForce;
  readonly lasting: Lasting;
  readonly operations: Operations;
  readonly api: ApiTerms;
  readonly terms: Surroundings;
};

const DEFAULT_LIFETIME = 8 * 3600;

export function createConsole(deps: ConsoleDeps): ConsoleTerms {
  const { current, lasting, operations, api, terms } = deps;
  const { audit, calls, keys, sampling, store, telemetry } = lasting;
  const { now, random, others } = terms;
  const config = () => current().snapshot.config;
  const isOn = (): boolean => config().admin?.console.enabled === true;
  return {
    ...{ audit, calls, now, random, isOn },
    issuer: config().issuer,
    hosts: api.hosts,
    lifetime: () => config().admin?.console.session ?? DEFAULT_LIFETIME,
    async open() {
      const [{ routes, recognise }, { createRemembering }, { toMinutes }] = await Promise.all([
        api.open(),
        import('./admin/remembering.ts'),
        import('../telemetry/minutes.ts'),
      ]);
      return {
        ...{ routes, recognise },
        remembering: createRemembering(
          () => config().admin,
          () => current().deps,
        ),
        seals: { seal: keys.seal, unseal: keys.unseal },
        leaving: createLeaving(store, now),
        sources: {
          identities: operations.readIdentities,
          async minutes() {
            if (telemetry.numbers === undefined) return undefined;
            const answers = (await others?.ask({ kind: 'samples' })) ?? [];
            return toMinutes([sampling.read(), ...answers.filter(isSteps)]);
          },
        },
      };
    },
  };
}

// Whoever answers runs the same code; one that is not there says nothing.
const isSteps = (answer: unknown): answer is readonly Step[] => Array.isArray(answer);

const LEFT = 'console_left';

const createLeaving = (store: Pick<Store, 'once' | 'happened'>, now: () => number): Leaving => ({
  // As long as any configuration could have a sign-in count: the next one may say more than this one.
  leave: async (id) => void (await store.once(LEFT, id, MAX_CONSOLE_SESSION)),
  hasLeft: (id, begunAt) => store.happened(LEFT, id, { at: begunAt, now: now() }),
});
