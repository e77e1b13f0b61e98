// The test issuer that `asteroid dev` is: configured by files and the environment, as every issuer, and a
// process of its own.

import { systemClock } from '../app/clock.ts';
import { type Live, type ProcessTerms, runHere } from '../app/process.ts';
import { pathPrefix } from '../http/routes.ts';
import { readYaml } from '../loader/read.ts';
import type { RootIssuer } from './api.ts';
import { createControl } from './control/control.ts';
import { createEngine, type Source } from './engine.ts';
import { createIsolation } from './isolated.ts';
import { createMount } from './mount.ts';

export type DevTerms = Pick<Source, 'files' | 'env'> &
  Pick<ProcessTerms, 'onStart'> & {
    /** Lets programs drive it at the operator's listener. */
    readonly token: string;
  };

/** Throws what an operator can put right. Those that were made of it end with it. */
export async function runDevIssuer({ files, env, token, ...terms }: DevTerms): Promise<Live> {
  const engine = createEngine({
    source: { files, env, readYaml },
    system: systemClock,
    clients: { given: undefined, changed: new Map() },
    users: new Map(),
    problems: [],
    hidesOthers: false,
  });
  const mount = createMount(() => pathPrefix(engine.api.url));
  const { test, stop } = createIsolation(engine, mount);
  // Its URL is known once it was assembled.
  const root = (): RootIssuer => ({ ...engine.api, test, stop });
  const live = await runHere({
    ...terms,
    mode: 'dev',
    read: engine.read,
    env,
    surroundings: {
      now: engine.now,
      between: { ...engine.between, publicApp: mount.around },
      control: createControl(root, token),
    },
  });
  return {
    ...live,
    async stop() {
      await live.stop();
      await stop();
    },
  };
}
