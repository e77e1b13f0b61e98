// A command on its way: as much of one as the client library looks at. Its own kind is made for every command
// there is, and copies, flattens and converts what is known to be texts here: a third of what a command costs.

import type { Redis } from 'ioredis';

type Command = Parameters<Redis['sendCommand']>[0];

export type Argument = string | number;

/**
 * Sends it at once. `read` gets the answer as it came: bytes, whole numbers, null, or a list of these; what it
 * throws is what the call throws.
 */
export type Call = <Answer>(
  name: string,
  args: readonly Argument[],
  read: (reply: unknown) => Answer,
) => Promise<Answer>;

export const createCall =
  (redis: Redis): Call =>
  (name, args, read) =>
    new Promise((resolve, reject) => {
      const command = {
        name,
        args,
        // Nobody traces commands, and each answer is read in one way.
        isTraced: true,
        setReplyContext: nothing,
        toWritable: () => encode(name, args),
        resolve(reply: unknown) {
          try {
            resolve(read(reply));
          } catch (error) {
            reject(error);
          }
        },
        reject,
      };
      redis.sendCommand(command as unknown as Command);
    });

const nothing = () => {};

/** As RESP wants it: how many there are, and before each its length. */
function encode(name: string, args: readonly Argument[]): string {
  let text = `*${args.length + 1}\r\n$${name.length}\r\n${name}\r\n`;
  for (const arg of args) {
    const value = typeof arg === 'string' ? arg : String(arg);
    text += `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
  }
  return text;
}

/** Bytes as UTF-8; nothing else is a text. */
export const asText = (reply: unknown): string | null =>
  Buffer.isBuffer(reply) ? reply.toString() : null;

/** Every answer of a script of ours: a list of texts and numbers. */
export function asTexts(reply: unknown): readonly string[] {
  if (!Array.isArray(reply)) throw new Error('a script answered something else than a list');
  return reply.map((one: unknown) => asText(one) ?? String(one));
}
