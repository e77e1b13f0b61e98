import { Unavailable } from '../../internal/protocol/errors.ts';
import type { Store } from '../../internal/store/store.ts';

/** What a test sees of a store, and what it does to it. */
export type Weather = {
  /** Verbs that do not answer for now; `all` stands for every one. */
  readonly down: Set<keyof Store | 'all'>;
  /** Verbs in the order they were called. */
  readonly calls: (keyof Store)[];
  /** Everything the verbs were told. */
  readonly told: unknown[];
  /** Passes before a verb is carried out, and before its answer arrives. */
  pause: () => Promise<void>;
};

export const fairWeather = (): Weather => ({
  down: new Set(),
  calls: [],
  told: [],
  pause: async () => undefined,
});

/** Waits of uneven length, the same ones for the same seed, so that a failure can be repeated. */
export function unevenPause(seed: number): () => Promise<void> {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return new Promise((done) => setTimeout(done, state % 7));
  };
}

/** The same store, seen through the weather. */
export function exposeStore(store: Store, weather: Weather): Store {
  const expose = (name: keyof Store, call: (...args: unknown[]) => Promise<unknown>) =>
    async function exposed(...args: unknown[]): Promise<unknown> {
      weather.calls.push(name);
      weather.told.push(args);
      await weather.pause();
      if (weather.down.has(name) || weather.down.has('all')) throw new Unavailable('store', name);
      const answer = await call(...args);
      await weather.pause();
      return answer;
    };
  const { usage: _, ...asked } = store;
  const verbs = Object.entries(asked) as [keyof Store, (...args: unknown[]) => Promise<unknown>][];
  const exposed = verbs.map(([name, call]) => [name, expose(name, call)] as const);
  return Object.fromEntries(exposed) as typeof asked;
}
