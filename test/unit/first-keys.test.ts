import { describe, expect, it } from 'vitest';
import { makeFirstKeys } from '../../internal/app/first-keys.ts';
import { createSilentLog } from '../../internal/app/silent-log.ts';
import { makeClient } from '../support/clients.ts';

const CLIENTS = [
  makeClient('a'),
  makeClient('b', { idTokenSignedResponseAlg: 'PS256', userinfoSignedResponseAlg: 'ES384' }),
];

async function made(config: object, fails = false): Promise<readonly string[]> {
  const prepared: string[] = [];
  const prepare = async (alg: string): Promise<void> => {
    prepared.push(alg);
    if (fails) throw new Error('the directory is read-only');
  };
  const whole = { keys: { source: 'file' }, registration: undefined, ...config } as Parameters<
    typeof makeFirstKeys
  >[2];
  await makeFirstKeys({ prepare }, CLIENTS, whole, createSilentLog());
  return prepared;
}

describe('first keys, ahead of the first token (JW-5)', () => {
  it('are made once for every algorithm of a client', async () => {
    expect(await made({})).toEqual(['ES256', 'PS256', 'ES384']);
  });

  it('are made in the store as in a directory: replicas share both', async () => {
    expect(await made({ keys: { source: 'store' } })).toEqual(['ES256', 'PS256', 'ES384']);
  });

  it('are made by the default of the standard too where clients register themselves', async () => {
    expect(await made({ registration: {} })).toContain('RS256');
  });

  it('are made when needed where they die with the process', async () => {
    expect(await made({ keys: { source: 'ephemeral' } })).toEqual([]);
  });

  it('leave the issuer up when one cannot be made', async () => {
    expect(await made({}, true)).toEqual(['ES256', 'PS256', 'ES384']);
  });
});
