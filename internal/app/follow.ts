// The files of the configuration in force, and what becomes of a change: they are watched, read again
// and handed on; where other files are named, those are watched from then on.

import { watchFiles } from '../loader/watch.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import { createReload, type ReloadTerms } from './reload.ts';

export type FollowTerms = Omit<ReloadTerms, 'watch' | 'log'> & { readonly log: AdjustableLog };

export type Following = {
  /** As on SIGHUP: also where no file changed. */
  readonly reload: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Resolves once changes are seen, those since the first reading included. */
export async function followFiles(terms: FollowTerms): Promise<Following> {
  const { first, log } = terms;
  const { reload, catchUp } = createReload({
    ...terms,
    watch: {
      follow: (files) => watch.follow(files),
      mark: () => watch.mark(),
      isAsMarked: () => watch.isAsMarked(),
    },
  });
  const watch = await watchFiles({
    files: first.files,
    onChange: catchUp,
    onProblem: (error) => log.error({ error: toError(error) }, 'watching files failed'),
  });
  // Nobody waits: whatever changed since the first reading is rare, and found soon.
  void catchUp();
  return { reload, close: () => watch.close() };
}

const toError = (error: unknown): Error =>
  error instanceof Error ? error : new Error(String(error));
