import { describe, expect, it } from 'vitest';
import { createRefusals } from '../../internal/store/redis/connection/refusals.ts';

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('refusals of Redis, for the operator', () => {
  it('are told once a minute for each kind', () => {
    const told: string[] = [];
    let now = 0;
    const refused = createRefusals(
      (reason) => void told.push(reason),
      () => now,
    );

    refused(replyError('OOM command not allowed'));
    refused(replyError('OOM command not allowed, again'));
    refused(replyError('NOPERM no'));
    now = 59_999;
    refused(replyError('OOM still'));
    now = 60_000;
    refused(replyError('OOM after all'));

    expect(told).toEqual(['OOM command not allowed', 'NOPERM no', 'OOM after all']);
  });

  it('are no outages, and no mistakes of ours', () => {
    const told: string[] = [];
    const refused = createRefusals((reason) => void told.push(reason));

    refused(new Error('Connection is closed.'));
    refused(new DOMException('no answer in time', 'TimeoutError'));
    refused('text');

    expect(told).toEqual([]);
  });

  it('leave out what was sent', () => {
    const told: string[] = [];
    createRefusals((reason) => void told.push(reason))(
      replyError("ERR unknown command 'X', with args beginning with: 'hush'"),
    );

    expect(told).toEqual(["ERR unknown command 'X'"]);
  });
});
