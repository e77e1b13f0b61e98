// What one machine has can be lost with it. Here no write is answered before so many replicas have it too
// (WAIT): whoever is promoted then knows of every spend and every revocation that anybody was told of.

import type { Redis } from 'ioredis';
import { Unreplicated } from './errors.ts';
import type { Node } from './node.ts';

export type AcknowledgementTerms = {
  /** How many replicas must have a write before its answer is given. */
  readonly replicas: number;
  /** How long they may take; far less than a deadline, for whatever is sent behind must wait as long. */
  readonly patienceMs: number;
  /** They lag or are gone, once; and once when they have caught up. */
  readonly onLag?: ((isLagging: boolean) => void) | undefined;
};

type Command = Parameters<Redis['sendCommand']>[0];

/** Scripts count as writes whatever they do: what they answer may rest on a write that no replica has. */
const WRITES = new Set(['evalsha', 'eval', 'set', 'del']);

/**
 * Holds the answers of writes on a connection that is up back until the replicas have them. All that one turn of the
 * event loop sends shares one WAIT, which leaves in the same packet. It covers what a script found
 * written, too: Redis takes the end of its whole stream as it is after each command, be it a GET, for
 * what a connection waits for.
 */
export function acknowledge({ redis, isUp }: Node, terms: AcknowledgementTerms): void {
  const { replicas, patienceMs, onLag } = terms;
  const send = redis.sendCommand.bind(redis);
  let turn: Promise<void> | undefined;
  let isLagging = false;
  let isTold = false;

  // A connection may be lost while they lag: that they have caught up is then known only of the next one.
  function tell(lag: boolean): void {
    if (lag !== isTold) onLag?.(lag);
    isTold = lag;
  }

  // Whatever is sent to a primary without its replicas is spent, and nobody may be told: so send nothing.
  async function catchUp(): Promise<void> {
    isLagging = true;
    tell(true);
    const have = () => redis.wait(replicas, patienceMs).catch(() => undefined);
    let acknowledged = await have();
    while (acknowledged !== undefined && acknowledged < replicas) acknowledged = await have();
    isLagging = false;
    if (acknowledged !== undefined) tell(false);
  }

  async function wait(): Promise<void> {
    if ((await redis.wait(replicas, patienceMs)) >= replicas) return tell(false);
    if (!isLagging) void catchUp();
    throw new Unreplicated();
  }

  function endOfTurn(): Promise<void> {
    const { stream } = redis;
    stream.cork();
    const acknowledged = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        turn = undefined;
        wait().then(resolve, reject);
        stream.uncork();
      });
    });
    acknowledged.catch(() => {});
    return acknowledged;
  }

  redis.sendCommand = (command, stream) => {
    if (!WRITES.has(command.name) || !isUp()) return send(command, stream);
    if (isLagging) {
      command.reject(new Unreplicated());
      return command.promise;
    }
    turn ??= endOfTurn();
    hold(command, turn);
    return send(command, stream);
  };
}

function hold(command: Command, acknowledged: Promise<void>): void {
  const { resolve, reject } = command;
  command.resolve = (answer: unknown) => {
    acknowledged.then(() => resolve(answer), reject);
  };
}
