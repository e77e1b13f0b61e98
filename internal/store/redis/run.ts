// What every verb stands on: the connection, its deadline, the names of keys; scripts by their hash,
// and by their text where Redis does not know the hash yet.

import type { Ask } from './connection/ask.ts';
import { type Argument, asTexts } from './connection/call.ts';
import type { Commands } from './connection/commands.ts';
import type { Connection } from './connection/connection.ts';
import { isForeign, isScriptMissing, Late } from './connection/errors.ts';
import type { Node } from './connection/node.ts';
import type { Continuity } from './continuity.ts';
import type { KeyNames } from './keys.ts';
import type { Script } from './scripts.ts';

export type Access = {
  /** All servers that keep keys, as `reading` reaches them. */
  readonly keepers: Connection['keepers'];
  readonly redis: Commands;
  readonly ask: Ask;
  /** For what only reads: waits for no replica, and for nobody who does. */
  readonly reading: { readonly redis: Commands; readonly ask: Ask };
  readonly continuity: Continuity;
  readonly names: KeyNames;
  readonly maxPending: number;
  readonly maxClients: number;
  /** How long after it was sent a command may still be carried out. */
  readonly deadlineMs: number;
};

/** Seconds → what PX takes; a life that is over is as short as Redis can make it. */
export const toMilliseconds = (seconds: number): number => Math.max(1, Math.ceil(seconds * 1000));

/** What a script answers: a word, and what belongs to it. */
export type Reply = readonly string[];

/**
 * Throws `Late` when the script ran after its time, which is the first of its arguments: a moment of our
 * monotonic clock. A key that holds something else than a record of ours answers `foreign`, as if the record
 * were not there.
 */
export function run(
  redis: Pick<Commands, 'at'>,
  { lua, sha }: Script,
  keys: readonly [string, ...string[]],
  [notAfter, ...args]: readonly [notAfter: number, ...Argument[]],
  foreign: Reply,
): Promise<Reply> {
  const send = (way: 'evalsha' | 'eval', what: string) =>
    redis.at(keys[0], (node) =>
      node.call(way, [what, keys.length, ...keys, node.toRedisTime(notAfter), ...args], (answer) =>
        toReply(answer, node),
      ),
    );
  const orForeign = (error: unknown) => {
    if (isForeign(error)) return foreign;
    throw error;
  };
  return send('evalsha', sha).catch((error: unknown) =>
    isScriptMissing(error) ? send('eval', lua).catch(orForeign) : orForeign(error),
  );
}

/** Undefined also when the key holds something else than a text. */
export async function readText(redis: Commands, key: string): Promise<string | undefined> {
  try {
    return (await redis.get(key)) ?? undefined;
  } catch (error) {
    if (isForeign(error)) return undefined;
    throw error;
  }
}

/** Runs a script that has no keys at this node and at no other; as `run` else. */
export function runAt(
  node: Node,
  { lua, sha }: Script,
  [notAfter, ...args]: readonly [notAfter: number, ...Argument[]],
): Promise<Reply> {
  const send = (way: 'evalsha' | 'eval', what: string) => {
    node.gather();
    return node.call(way, [what, 0, node.toRedisTime(notAfter), ...args], (answer) =>
      toReply(answer, node),
    );
  };
  return send('evalsha', sha).catch((error: unknown) => {
    if (isScriptMissing(error)) return send('eval', lua);
    throw error;
  });
}

function toReply(answer: unknown, node: Node): Reply {
  const reply = asTexts(answer);
  if (reply[0] === 'late') {
    // The clock of that node is another one than we thought.
    node.learnTime(Number(reply[1]));
    throw new Late();
  }
  return reply;
}
