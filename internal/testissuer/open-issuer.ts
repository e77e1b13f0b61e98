// From an engine to an issuer that can be listened for.

import { type Asteroid, assemble } from '../app/assemble.ts';
import { createRandom } from '../app/random.ts';
import { createSilentLog } from '../app/silent-log.ts';
import type { HttpApp } from '../http/app.ts';
import { createEngine, type Engine, type EngineTerms } from './engine.ts';
import type { Mount } from './mount.ts';

export type OpenedIssuer = {
  readonly engine: Engine;
  readonly app: HttpApp;
  readonly close: () => Promise<void>;
};

/** Throws `ConfigError`. @param mount for one that others stand below. */
export async function openIssuer(terms: EngineTerms, mount?: Mount): Promise<OpenedIssuer> {
  const engine = createEngine(terms);
  const asteroid = await assemble(await engine.read(), {
    mode: 'dev',
    now: engine.now,
    random: createRandom(),
    log: createSilentLog(),
    isOutdated: () => false,
    between: engine.between,
  });
  const app = asteroid.publicApp('all');
  const close = (): Promise<void> => {
    engine.end();
    return end(asteroid);
  };
  return { engine, app: mount?.around(app) ?? app, close };
}

async function end({ flush, close }: Asteroid): Promise<void> {
  await flush(0);
  await close();
}
