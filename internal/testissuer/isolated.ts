// Issuers for one test each, beside the root and on its port, which share nothing with it or each other.

import { createRandom } from '../app/random.ts';
import type { RootIssuer, TestIssuer } from './api.ts';
import { readingFor } from './documents.ts';
import type { Engine } from './engine.ts';
import { MOUNTED, type Mount } from './mount.ts';
import { openIssuer } from './open-issuer.ts';
import { checkIsolatedOptions, toIsolatedTerms } from './options.ts';

export type Isolation = {
  readonly test: RootIssuer['test'];
  /** Ends all that there are. */
  readonly stop: () => Promise<void>;
};

/** Bytes; nobody gets the name of one that was stopped. */
const NAME_BYTES = 9;

export function createIsolation(root: Engine, mount: Mount): Isolation {
  const random = createRandom();
  const open = new Set<TestIssuer>();
  return {
    async test(options = {}) {
      checkIsolatedOptions(options);
      const id = random(NAME_BYTES);
      const url = `${root.api.url.replace(/\/$/, '')}${MOUNTED}${id}`;
      const { engine, app, close } = await readingFor('test: the options are not sound', async () =>
        openIssuer(toIsolatedTerms(options, root.terms(), url)),
      );
      mount.add(id, app);
      const stop = once(async () => {
        mount.remove(id);
        open.delete(issuer);
        await close();
      });
      const issuer: TestIssuer = { ...engine.api, url, stop };
      open.add(issuer);
      return issuer;
    },
    async stop() {
      await Promise.all([...open].map((issuer) => issuer.stop()));
    },
  };
}

/** Asked again, it is the same end. */
export function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
