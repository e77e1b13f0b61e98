// A changed file or SIGHUP: the whole configuration is read again, and comes into force as a whole, but for
// what waits for a restart. A bad reload changes nothing and says so.

import { isDeepStrictEqual } from 'node:util';
import type { Audit } from '../audit/events.ts';
import type { Snapshot } from '../loader/load.ts';
import { ConfigError, printProblem } from '../loader/problem.ts';
import { decideReload } from '../loader/reload.ts';
import type { Watch } from '../loader/watch.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import type { Mode } from './assemble.ts';
import { type Changes, findChanges } from './changes.ts';
import { isConfigurationError } from './configuration-error.ts';
import { readAsOne } from './read-as-one.ts';
import { checkTaken, takeWhatCan } from './restart.ts';
import type { Prepared } from './succession.ts';

/** Where a configuration that was read and believed comes into force. */
type Replaceable = {
  /** Rejects with what keeps it from that; then everything is as it was. */
  readonly prepare: (snapshot: Snapshot) => Promise<Prepared>;
  readonly reloadKeys: () => Promise<void>;
};

export type ReloadTerms = {
  readonly target: Replaceable;
  readonly first: Snapshot;
  readonly mode: Mode;
  /** Reads the same files as at the start; throws `ConfigError`. */
  readonly read: () => Promise<Snapshot>;
  readonly watch: Pick<Watch, 'follow' | 'mark' | 'isAsMarked'>;
  /** Told when what is in force stops being what the files say, and when it is that again. */
  readonly onOutdated: (isOutdated: boolean) => void;
  readonly log: AdjustableLog;
  readonly audit: Audit;
};

export type Reload = {
  /** Somebody asked for it: keys are read too, and whatever comes of it is told. */
  readonly reload: () => Promise<void>;
  /** Something may have changed; where nothing did, nothing is said. */
  readonly catchUp: () => Promise<void>;
};

const OTHER_SALT =
  'the pairwise salt is another one, and so would be every pairwise sub; restart if you mean it';

/** Why a configuration does not come into force, for the audit trail. */
type Refusal = { readonly reason: 'clients_lost' | 'pairwise_salt'; readonly sentence: string };

/** Reloads never overlap: an older content must not replace a newer one. */
export function createReload(terms: ReloadTerms): Reload {
  const { target, first, read, watch, log, audit } = terms;
  /** As the files said it last, and what of it is in force. */
  let current = first;
  let inForce = first;
  let running: Promise<void> = Promise.resolve();
  let outdated = false;

  function setOutdated(next: boolean): void {
    if (next !== outdated) terms.onOutdated(next);
    outdated = next;
  }

  function refuse({ reason, sentence }: Refusal): void {
    setOutdated(true);
    log.error({ reason: sentence }, 'reload refused');
    audit({ type: 'configuration.refused', reason, problems: undefined });
  }

  async function accept(next: Snapshot): Promise<void> {
    const taken = takeWhatCan(next, { started: first, inForce });
    checkTaken(taken, terms.mode);
    const { snapshot, waiting } = taken;
    const { take } = await target.prepare({ ...snapshot, waiting });
    take();
    const changes = findChanges(current, next);
    inForce = snapshot;
    setOutdated(false);
    log.setLevel(next.config.log.level);
    for (const warning of next.warnings) log.warn({ warning }, 'configuration');
    const renamed = findRenamed(current.clients, next.clients);
    if (renamed.length > 0)
      log.warn({ clients: renamed }, 'every sub of these clients is another now');
    log.info(toFields(changes, waiting), 'reloaded');
    audit({ type: 'configuration.reloaded', ...toFacts(changes, waiting) });
    current = next;
  }

  async function reload(isAsked: boolean): Promise<void> {
    if (isAsked) await target.reloadKeys();
    const next = await readAsOne(read, watch, current.files);
    if (!isAsked && !outdated && isSame(current, next)) return;
    const refusal = findRefusal(current, next);
    if (refusal !== undefined) return refuse(refusal);
    await accept(next);
  }

  const enqueue = (isAsked: boolean): Promise<void> => {
    running = running
      .then(() => reload(isAsked))
      .catch((error: unknown) => {
        setOutdated(true);
        reportFailure(error, terms);
      });
    return running;
  };

  return { reload: () => enqueue(true), catchUp: () => enqueue(false) };
}

function findRefusal(before: Snapshot, next: Snapshot): Refusal | undefined {
  const decision = decideReload(before.clientSet, next.clientSet);
  if (decision !== 'accept') return { reason: 'clients_lost', sentence: decision.refuse };
  // Nobody would know any more whom they know: that is never a side effect of a changed file.
  return isDeepStrictEqual(before.pairwiseSalt, next.pairwiseSalt)
    ? undefined
    : { reason: 'pairwise_salt', sentence: OTHER_SALT };
}

/** Nothing was taken: what could not be read, or what it says could not be opened. */
function reportFailure(error: unknown, { log, audit }: Pick<ReloadTerms, 'log' | 'audit'>): void {
  const message = 'reload failed: everything stays as it was';
  const type = 'configuration.refused';
  if (error instanceof ConfigError) {
    const problems = error.problems.map(printProblem);
    log.error({ problems }, message);
    const reason = 'configuration_invalid';
    audit({ type, reason, problems: toText(problems) });
    return;
  }
  // What an operator can put right has a message for each problem, and what cannot be has its story.
  if (error instanceof Error && isConfigurationError(error)) {
    log.error({ problems: error.message.split('\n') }, message);
  } else {
    log.error(error instanceof Error ? { error } : {}, message);
  }
  audit({ type, reason: 'not_opened', problems: undefined });
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

const toFields = (changes: Changes, waiting: readonly string[]) => ({
  options_changed: changes.options,
  files_changed: changes.files,
  clients_added: changes.clientsAdded,
  clients_removed: changes.clientsRemoved,
  clients_changed: changes.clientsChanged,
  restart_needed: waiting,
});

const toFacts = (changes: Changes, waiting: readonly string[]) => ({
  options: toText(changes.options),
  files: toText(changes.files),
  clientsAdded: toText(changes.clientsAdded),
  clientsRemoved: toText(changes.clientsRemoved),
  clientsChanged: toText(changes.clientsChanged),
  restartNeeded: toText(waiting),
});

/** Of so many, nobody looks for one in a trail; the configuration has them. */
const MOST_NAMES = 50;

function toText(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const rest = names.length - MOST_NAMES;
  return [...names.slice(0, MOST_NAMES), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}
