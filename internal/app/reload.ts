// A changed file or SIGHUP: the whole configuration is read again, and what can change while running
// does. A bad reload changes nothing and says so.

import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../loader/load.ts';
import { ConfigError, printProblem } from '../loader/problem.ts';
import { decideReload } from '../loader/reload.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import type { Asteroid } from './assemble.ts';

export type ReloadTerms = {
  readonly asteroid: Pick<Asteroid, 'replace' | 'reloadKeys'>;
  readonly first: Snapshot;
  /** Reads the same files as at the start; throws `ConfigError`. */
  readonly read: () => Promise<Snapshot>;
  readonly log: AdjustableLog;
};

const OTHER_SALT =
  'the pairwise salt is another one, and so would be every pairwise sub; restart if you mean it';

/** Reloads never overlap: an older content must not replace a newer one. */
export function createReload({ asteroid, first, read, log }: ReloadTerms): () => Promise<void> {
  let current = first;
  let running: Promise<void> = Promise.resolve();

  async function reload(): Promise<void> {
    await asteroid.reloadKeys();
    const next = await read();
    const decision = decideReload(current.clientSet, next.clientSet);
    if (decision !== 'accept') {
      log.error({ reason: decision.refuse }, 'reload refused');
      return;
    }
    // Nobody would know any more whom they know: that is never a side effect of a changed file.
    if (!isDeepStrictEqual(current.pairwiseSalt, next.pairwiseSalt)) {
      log.error({ reason: OTHER_SALT }, 'reload refused');
      return;
    }
    asteroid.replace(next);
    log.setLevel(next.config.log.level);
    for (const warning of next.warnings) log.warn({ warning }, 'configuration');
    const renamed = findRenamed(current.clients, next.clients);
    if (renamed.length > 0)
      log.warn({ clients: renamed }, 'every sub of these clients is another now');
    log.info({ ...describeChange(current, next) }, 'reloaded');
    current = next;
  }

  return () => {
    running = running.then(reload).catch((error: unknown) => reportFailure(error, log));
    return running;
  };
}

function reportFailure(error: unknown, log: AdjustableLog): void {
  const problems = error instanceof ConfigError ? error.problems.map(printProblem) : undefined;
  const facts = problems === undefined && error instanceof Error ? { error } : { problems };
  log.error(facts, 'reload failed: everything stays as it was');
}

/** Clients whose subjects come from another sector than before, or from none. */
const findRenamed = (before: Snapshot['clients'], after: Snapshot['clients']): readonly string[] =>
  [...after]
    .filter(([id, client]) => {
      const known = before.get(id);
      return known !== undefined && known.sectorIdentifier !== client.sectorIdentifier;
    })
    .map(([id]) => id);

/** Which clients came, went and changed, and whether something changed that only a restart reads. */
function describeChange(previous: Snapshot, next: Snapshot) {
  const before = previous.clients;
  const after = next.clients;
  const { log: _oldLog, ...fixedBefore } = previous.config;
  const { log: _newLog, ...fixedAfter } = next.config;
  return {
    clients_added: [...after.keys()].filter((id) => !before.has(id)),
    clients_removed: [...before.keys()].filter((id) => !after.has(id)),
    clients_changed: [...after]
      .filter(([id, client]) => before.has(id) && !isDeepStrictEqual(before.get(id), client))
      .map(([id]) => id),
    restart_needed: !isDeepStrictEqual(fixedBefore, fixedAfter),
  };
}
