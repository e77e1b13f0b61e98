// One worker as the primary sees it: a process with a number, from its start to its end.

import cluster, { type Worker } from 'node:cluster';
import { AssemblyError } from '../upstream-options.ts';
import type { Addresses, FromWorker, ToWorker, WorkerStart } from './messages.ts';
import type { Asked } from './questions.ts';

export type Member = Asked & {
  readonly number: number;
  readonly pid: number;
  /** Where it listens; rejects with why it does not. */
  readonly serving: Promise<Addresses>;
  /** How it ended, for people. */
  readonly ended: Promise<string>;
  readonly send: (message: ToWorker) => void;
  readonly kill: () => void;
};

export type MemberTerms = {
  /** Asked for once the worker listens to messages. */
  readonly start: () => WorkerStart;
  readonly number: number;
  readonly onAsk: (member: Member, message: Extract<FromWorker, { readonly kind: 'ask' }>) => void;
  readonly onPrepared: (
    member: Member,
    message: Extract<FromWorker, { readonly kind: 'prepared' }>,
  ) => void;
  readonly onAnswer: (
    member: Member,
    message: Extract<FromWorker, { readonly kind: 'answer' }>,
  ) => void;
};

/** A process of its own, of the same program. */
export function fork({ start, number, onAsk, onAnswer, onPrepared }: MemberTerms): Member {
  const worker = cluster.fork();
  const send = (message: ToWorker): void => {
    // What is sent to one that is gone is lost, and its end is told elsewhere.
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
  const ended = endOf(worker);
  const serving = new Promise<Addresses>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      switch (message.kind) {
        case 'here':
          return send({ kind: 'start', start: start() });
        case 'serving':
          return resolve(message.addresses);
        case 'failed':
          return reject(toError(message));
        case 'ask':
          return onAsk(member, message);
        case 'answer':
          return onAnswer(member, message);
        case 'prepared':
          return onPrepared(member, message);
        default:
          return message satisfies never;
      }
    });
    void ended.then((how) => reject(new Error(`a worker ended before it served: ${how}`)));
  });
  // Whoever waits for it is told all the same.
  serving.catch(() => undefined);
  const member: Member = {
    number,
    pid: worker.process.pid ?? 0,
    serving,
    ended,
    send,
    ask: (id, question) => send({ kind: 'ask', id, question }),
    kill: () => void worker.process.kill('SIGKILL'),
  };
  return member;
}

const endOf = (worker: Worker): Promise<string> =>
  new Promise((resolve) => {
    worker.once('exit', (code: number | null, signal: string | null) =>
      resolve(signal ?? `exit code ${code}`),
    );
    worker.on('error', (error) => resolve(error.message));
  });

function toError({
  message,
  isConfiguration,
}: Extract<FromWorker, { readonly kind: 'failed' }>): Error {
  return isConfiguration ? new AssemblyError(message) : new Error(message);
}
