// What comes into force of a configuration while this process runs: all of it but what only a restart
// takes, which stays as it was at the start.

import { findContradictions } from '../config/checks/checks.ts';
import type { Config } from '../config/config.ts';
import { printPath } from '../config/finding.ts';
import { isSocket, type Listener } from '../config/sections/listen.ts';
import { toClientCertificates } from '../config/sections/mtls.ts';
import { type ListenerFiles, listListenerFiles } from '../loader/listener-files.ts';
import type { Snapshot } from '../loader/load.ts';
import type { Mode } from './assemble.ts';
import { findFiles, listOtherOptions } from './changes.ts';
import { AssemblyError } from './upstream-options.ts';

export type Taken = {
  readonly snapshot: Snapshot;
  /** Names of options that the files give another value than the one in force. */
  readonly waiting: readonly string[];
};

export type Standing = {
  /** What this process began with. */
  readonly started: Snapshot;
  readonly inForce: Snapshot;
};

export function takeWhatCan(next: Snapshot, { started, inForce }: Standing): Taken {
  const config = keepConfig(next.config, started.config);
  const snapshot: Snapshot = {
    ...next,
    config,
    listenerFiles: keepFiles(config, next.listenerFiles, inForce.listenerFiles),
    redis: started.redis,
    clientTerms: { ...next.clientTerms, certificates: toClientCertificates(config) },
  };
  const waiting = [...listOtherOptions(config, next.config), ...findFiles(snapshot, next)];
  return { snapshot, waiting: [...new Set(waiting)] };
}

/** Throws `AssemblyError` where what is taken needs what waits: until a restart it would be something nobody meant. */
export function checkTaken({ snapshot, waiting }: Taken, mode: Mode): void {
  if (waiting.length === 0) return;
  const problems = findContradictions(snapshot.config, { mode, exposed: true });
  if (problems.length === 0) return;
  const hint = `restart to take all of it: ${waiting.join(', ')} would wait for that`;
  const lines = problems.map(({ path, problem }) => `${printPath(path)}: ${problem}; ${hint}`);
  throw new AssemblyError(lines.join('\n'));
}

/** Where TLS stays although the file names none any more, so does what it was begun with. */
const keepFiles = (config: Config, next: ListenerFiles, inForce: ListenerFiles): ListenerFiles =>
  new Map(
    listListenerFiles(config).flatMap(({ file }) => {
      const text = next.get(file) ?? inForce.get(file);
      return text === undefined ? [] : [[file, text] as const];
    }),
  );

const keepConfig = (next: Config, started: Config): Config => ({
  ...next,
  issuer: started.issuer,
  workers: started.workers,
  listen: keepListeners(next.listen, started.listen),
  store: started.store,
  keys: keepKeys(next.keys, started.keys),
  metrics: { ...next.metrics, enabled: started.metrics.enabled },
  tracing: started.tracing,
  log: { ...next.log, format: started.log.format },
});

const keepKeys = (next: Config['keys'], { source, dir, rotate_every }: Config['keys']) => ({
  ...next,
  ...{ source, dir, rotate_every },
});

type Listeners = Config['listen'];

/** The same listeners in the same places; where they speak TLS, by the certificates that are named then. */
const keepListeners = (next: Listeners, started: Listeners): Listeners => ({
  public: keepListener(next.public, started.public),
  browser: started.browser && keepListener(next.browser, started.browser),
  mtls: started.mtls && { ...started.mtls, tls: next.mtls?.tls ?? started.mtls.tls },
  admin: keepListener(next.admin, started.admin),
  health: started.health && keepListener(next.health, started.health),
});

function keepListener(next: Listener | undefined, started: Listener): Listener {
  const tls = started.tls && (next?.tls ?? started.tls);
  return isSocket(started) ? { ...started, tls } : { ...started, tls };
}
