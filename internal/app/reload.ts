// A changed file or SIGHUP: the whole configuration is read again, and what can change while running
// does. A bad reload changes nothing and says so.

import { isDeepStrictEqual } from 'node:util';
import type { Snapshot } from '../loader/load.ts';
import { ConfigError, printProblem } from '../loader/problem.ts';
import { decideReload } from '../loader/reload.ts';
import type { Watch } from '../loader/watch.ts';
import type { AdjustableLog } from '../telemetry/log.ts';

/** Where a configuration that was read and believed comes into force. */
type Replaceable = {
  readonly replace: (snapshot: Snapshot) => Promise<void>;
  readonly reloadKeys: () => Promise<void>;
};

export type ReloadTerms = {
  readonly target: Replaceable;
  readonly first: Snapshot;
  /** Reads the same files as at the start; throws `ConfigError`. */
  readonly read: () => Promise<Snapshot>;
  readonly watch: Pick<Watch, 'follow' | 'mark'>;
  /** Told when what is in force stops being what the files say, and when it is that again. */
  readonly onOutdated: (isOutdated: boolean) => void;
  readonly log: AdjustableLog;
};

export type Reload = {
  /** Somebody asked for it: keys are read too, and whatever comes of it is told. */
  readonly reload: () => Promise<void>;
  /** Something may have changed; where nothing did, nothing is said. */
  readonly catchUp: () => Promise<void>;
};

const OTHER_SALT =
  'the pairwise salt is another one, and so would be every pairwise sub; restart if you mean it';

/** Reloads never overlap: an older content must not replace a newer one. */
export function createReload(terms: ReloadTerms): Reload {
  const { target, first, read, watch, log } = terms;
  let current = first;
  let running: Promise<void> = Promise.resolve();
  let outdated = false;

  function setOutdated(next: boolean): void {
    if (next !== outdated) terms.onOutdated(next);
    outdated = next;
  }

  async function readFollowed(): Promise<Snapshot> {
    try {
      await watch.mark();
      const next = await read();
      return (await watch.follow(next.files)) ? await read() : next;
    } catch (error) {
      // What is wrong may be put right in a file that only the bad configuration names.
      if (error instanceof ConfigError) await watch.follow([...current.files, ...error.files]);
      throw error;
    }
  }

  function refuse(reason: string): void {
    setOutdated(true);
    log.error({ reason }, 'reload refused');
  }

  async function accept(next: Snapshot): Promise<void> {
    await target.replace(next);
    setOutdated(false);
    log.setLevel(next.config.log.level);
    for (const warning of next.warnings) log.warn({ warning }, 'configuration');
    const renamed = findRenamed(current.clients, next.clients);
    if (renamed.length > 0)
      log.warn({ clients: renamed }, 'every sub of these clients is another now');
    log.info({ ...describeChange(current, next, first.config) }, 'reloaded');
    current = next;
  }

  async function reload(isAsked: boolean): Promise<void> {
    if (isAsked) await target.reloadKeys();
    const next = await readFollowed();
    if (!isAsked && !outdated && isSame(current, next)) return;
    const decision = decideReload(current.clientSet, next.clientSet);
    if (decision !== 'accept') return refuse(decision.refuse);
    // Nobody would know any more whom they know: that is never a side effect of a changed file.
    if (!isDeepStrictEqual(current.pairwiseSalt, next.pairwiseSalt)) return refuse(OTHER_SALT);
    await accept(next);
  }

  const enqueue = (isAsked: boolean): Promise<void> => {
    running = running
      .then(() => reload(isAsked))
      .catch((error: unknown) => {
        setOutdated(true);
        reportFailure(error, log);
      });
    return running;
  };

  return { reload: () => enqueue(true), catchUp: () => enqueue(false) };
}

function reportFailure(error: unknown, log: AdjustableLog): void {
  const problems = error instanceof ConfigError ? error.problems.map(printProblem) : undefined;
  const facts = problems === undefined && error instanceof Error ? { error } : { problems };
  log.error(facts, 'reload failed: everything stays as it was');
}

/** To the last comment of clients.yaml, since the next one is compared with it. */
const isSame = (
  { clientSet: { text: oldText }, ...before }: Snapshot,
  { clientSet: { text: newText }, ...after }: Snapshot,
): boolean => oldText() === newText() && isDeepStrictEqual(before, after);

/** Clients whose subjects come from another sector than before, or from none. */
const findRenamed = (before: Snapshot['clients'], after: Snapshot['clients']): readonly string[] =>
  [...after]
    .filter(([id, client]) => {
      const known = before.get(id);
      return known !== undefined && known.sectorIdentifier !== client.sectorIdentifier;
    })
    .map(([id]) => id);

/**
 * Which clients came, went and changed, and whether something is other than it was at the start that
 * only a restart reads.
 */
function describeChange(previous: Snapshot, next: Snapshot, started: Snapshot['config']) {
  const before = previous.clients;
  const after = next.clients;
  return {
    clients_added: [...after.keys()].filter((id) => !before.has(id)),
    clients_removed: [...before.keys()].filter((id) => !after.has(id)),
    clients_changed: [...after]
      .filter(([id, client]) => before.has(id) && !isDeepStrictEqual(before.get(id), client))
      .map(([id]) => id),
    restart_needed: !isDeepStrictEqual(toFixed(started), toFixed(next.config)),
  };
}

/** What is read once: all but the log, the pages, and the files of secrets that keys in the store are sealed with. */
function toFixed({ log: _log, audit: _audit, pages: _pages, keys, ...fixed }: Snapshot['config']) {
  const { secret_file: _secret, further_secret_files: _further, ...fixedKeys } = keys;
  return { ...fixed, keys: fixedKeys };
}
