import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../internal/protocol/errors.ts';
import { createAsk } from '../../internal/store/redis/connection/ask.ts';
import { Late } from '../../internal/store/redis/connection/errors.ts';

const DEADLINE_MS = 500;

/** A connection that is always up, to a Redis whose clock is `ahead` of what we believe. */
function createConnection(ahead = 0) {
  let learned = 0;
  const connection = { isUp: () => true, whenUp: async () => true, renew: () => {} };
  /** What a script does with its last moment, and what is learned when it was late. */
  async function spend(notAfter: number): Promise<string> {
    if (performance.now() + ahead <= notAfter + learned) return 'spent';
    learned = ahead;
    throw new Late();
  }
  return { connection, spend };
}

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });
const reset = () => new Error('Connection is closed.');

describe('questions to Redis: lateness', () => {
  it('learns the time of a Redis whose clock jumped ahead, and asks again', async () => {
    const { connection, spend } = createConnection(3_600_000);
    const ask = createAsk(connection, DEADLINE_MS);

    expect(await ask.once('redeem', spend)).toBe('spent');
  });

  it('takes a question that is late by our own clock as unanswered', async () => {
    const { connection, spend } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);

    const answer = ask.once('redeem', async (notAfter) => {
      await pause(DEADLINE_MS * 0.9);
      return spend(notAfter);
    });

    await expect(answer).rejects.toBeInstanceOf(Unavailable);
  });
});

describe('questions to Redis: repetition', () => {
  it('repeats after a reset only what is idempotent', async () => {
    const { connection } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);
    const flaky = () => {
      let sent = 0;
      return async () => {
        sent += 1;
        if (sent < 3) throw reset();
        return sent;
      };
    };

    await expect(ask.once('create', flaky())).rejects.toBeInstanceOf(Unavailable);
    expect(await ask.untilAnswered('redeem', flaky())).toBe(3);
  });

  it('repeats nothing that Redis refused', async () => {
    const { connection } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);
    let sent = 0;

    const answer = ask.untilAnswered('redeem', async () => {
      sent += 1;
      throw replyError('OOM command not allowed');
    });

    await expect(answer).rejects.toMatchObject({ cause: { message: 'OOM command not allowed' } });
    expect(sent).toBe(1);
  });

  it('lets others work while a connection is broken and does not know it yet', async () => {
    const { connection } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);
    let turns = 0;
    const working = setInterval(() => {
      turns += 1;
    }, 1);

    await expect(ask.untilAnswered('redeem', () => Promise.reject(reset()))).rejects.toBeInstanceOf(
      Unavailable,
    );
    clearInterval(working);

    expect(turns).toBeGreaterThan(2);
  });
});

describe('questions to Redis: bounds', () => {
  it('refuses at once when too many are waiting, and takes more when they are answered', async () => {
    const { connection } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);
    const never = () => new Promise<string>(() => {});
    const all = Promise.allSettled(Array.from({ length: 10_000 }, () => ask.once('find', never)));
    let isOver = false;
    const over = all.then(() => {
      isOver = true;
    });

    const refused = ask.once('find', async () => 'found');
    await expect(refused).rejects.toBeInstanceOf(Unavailable);
    expect(isOver).toBe(false);

    await over;
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true);
    expect(await ask.once('find', async () => 'found')).toBe('found');
  });

  it('keeps the command out of the error that Redis answered with', async () => {
    const { connection } = createConnection();
    const ask = createAsk(connection, DEADLINE_MS);
    const error = replyError('ERR unknown command, with args beginning with: `AUTH` `hunter2`');

    const answer = ask.once('find', () =>
      Promise.reject(Object.assign(error, { command: { name: 'auth', args: ['hunter2'] } })),
    );

    const thrown: unknown = await answer.catch((reason: unknown) => reason);
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain('hunter2');
    expect(thrown).toMatchObject({ cause: { message: 'ERR unknown command' } });
    expect(Object.getOwnPropertyNames((thrown as Error).cause)).not.toContain('command');
  });
});
