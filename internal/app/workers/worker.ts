// One worker: serves by what the primary hands it, listens where the primary listens, and ends when it
// is told to, or when there is no primary any more.

import cluster from 'node:cluster';
import { createUnderway } from '../../telemetry/underway.ts';
import { systemClock } from '../clock.ts';
import { isConfigurationError } from '../configuration-error.ts';
import type { Environment } from '../listeners.ts';
import { openLog } from '../open-log.ts';
import { createRandom } from '../random.ts';
import { type Serving, startServing } from '../serving.ts';
import type { Prepared } from '../succession.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { createPreparing } from './preparing.ts';
import { type PackedSnapshot, unpackSnapshot } from './snapshot.ts';

/** A terminal sends them to everybody at once, and so may whoever started us: they are the primary's. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const;

type Life = { readonly serving: Promise<Serving>; isOutdated: boolean; setLevel: SetLevel };
type SetLevel = ReturnType<typeof openLog>['setLevel'];

/** Serves until the primary, or its death, ends it; throws where there is none. */
export function runWorker(env: Environment): void {
  if (cluster.worker === undefined) throw new Error('a worker is started by asteroid serve');
  // Else the end of the channel is the end of the process, with requests under way.
  cluster.worker.exitedAfterDisconnect = true;
  for (const signal of SIGNALS) process.on(signal, () => undefined);
  const questions = createOwnQuestions();
  let life: Life | undefined;

  const begin = (start: WorkerStart): void => {
    life = live(start, env, questions.ask);
    life.serving.then(announce, giveUp);
  };
  const withServing = (act: (serving: Serving) => void): void =>
    void life?.serving.then(act, () => undefined);
  const preparing = createPreparing(post);
  const prepare = async (serving: Serving, packed: PackedSnapshot): Promise<Prepared> => {
    const snapshot = unpackSnapshot(packed);
    const { take, discard } = await serving.prepare(snapshot);
    const takeAll = (): void => {
      take();
      life?.setLevel(snapshot.config.log.level);
    };
    return { take: takeAll, discard };
  };
  const replace = (serving: Serving, packed: PackedSnapshot): void =>
    void prepare(serving, packed).then(({ take }) => take(), stop);
  const stop = (): void => {
    if (life === undefined) leave();
    else withServing((serving) => void serving.stop().then(leave));
  };

  process.once('disconnect', () => {
    questions.giveUp();
    stop();
  });
  process.on('message', (message: ToWorker) => {
    switch (message.kind) {
      case 'start':
        return begin(message.start);
      case 'replace':
        return withServing((serving) => replace(serving, message.snapshot));
      case 'prepare':
        return withServing((serving) =>
          preparing.begin(message.id, prepare(serving, message.snapshot)),
        );
      case 'take':
      case 'discard':
        return preparing.end(message.id, message.kind);
      case 'audit':
        return withServing(({ asteroid }) => asteroid.audit(message.event));
      case 'outdated':
        if (life !== undefined) life.isOutdated = message.isOutdated;
        return;
      case 'reload_keys':
        // What goes wrong is in the log already, with its reason.
        return withServing(({ asteroid }) => void asteroid.reloadKeys().catch(() => undefined));
      case 'reopen':
        return withServing(({ asteroid }) => asteroid.trail.reopen());
      case 'stop':
        return stop();
      case 'ask':
        return withServing(({ asteroid }) => void tell(asteroid, message));
      case 'answers':
        return questions.settle(message.id, message.answers);
      default:
        return message satisfies never;
    }
  });
  post({ kind: 'here' });
}

function live(start: WorkerStart, env: Environment, ask: OwnQuestions['ask']): Life {
  process.umask(start.umask);
  const { number, pid, identityKey } = start;
  const snapshot = unpackSnapshot(start.snapshot);
  const underway = createUnderway();
  const log = openLog(snapshot.config, underway, number);
  const serving = startServing({
    mode: 'serve',
    snapshot,
    log,
    now: systemClock,
    random: createRandom(),
    underway,
    env,
    pid,
    isOutdated: () => life.isOutdated,
    others: { ask, identityKey },
    worker: number,
  });
  const life: Life = { serving, isOutdated: start.isOutdated, setLevel: log.setLevel };
  return life;
}

const announce = ({ listeners }: Serving): void =>
  post({
    kind: 'serving',
    addresses: [...listeners].map(([name, listener]) => [name, listener.name]),
  });

function giveUp(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  post({ kind: 'failed', message, isConfiguration: isConfigurationError(error) });
  leave();
}

async function tell(
  { answer }: Serving['asteroid'],
  { id, question }: Extract<ToWorker, { readonly kind: 'ask' }>,
): Promise<void> {
  post({ kind: 'answer', id, answer: await answer(question).catch(() => undefined) });
}

/** What was posted before arrives; and with nothing left to do, the process ends. */
function leave(): void {
  if (process.connected) process.disconnect();
}

function post(message: FromWorker): void {
  // The channel may have ended meanwhile; then nobody is there to be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

type OwnQuestions = ReturnType<typeof createOwnQuestions>;

/** What this worker asks the others. */
function createOwnQuestions() {
  const waiting = new Map<number, (answers: readonly unknown[]) => void>();
  let last = 0;
  const settle = (id: number, answers: readonly unknown[]): void => {
    waiting.get(id)?.(answers);
    waiting.delete(id);
  };
  return {
    ask: (question: Extract<FromWorker, { readonly kind: 'ask' }>['question']) =>
      new Promise<readonly unknown[]>((resolve) => {
        if (!process.connected) return resolve([undefined]);
        last += 1;
        waiting.set(last, resolve);
        post({ kind: 'ask', id: last, question });
      }),
    settle,
    /** Whoever does not answer any more counts as one that cannot serve. */
    giveUp: () => {
      for (const id of [...waiting.keys()]) settle(id, [undefined]);
    },
  };
}
