// Keys that change every second, under load: whoever verifies with a JWKS that they may still hold
// verifies every token.

import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { decodeProtectedHeader } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createChance } from '../mutations/chance.ts';
import { enter, renew } from './actor.ts';
import { bundle } from './bundle.ts';
import { cleanUp, NOBODY, temporaryFolder } from './cleanup.ts';
import { createClient } from './client.ts';
import { MAX_AGE_SECONDS } from './clients.ts';
import { createHistory } from './history.ts';
import { type Issuer, type Issuers, startIssuers } from './issuers.ts';
import { startLoad } from './load.ts';
import type { Answer } from './requests.ts';
import { SINGLE } from './topologies/single.ts';
import { createVerifier } from './verifier.ts';
import { createWallet, type SignIn } from './wallet.ts';

const SECONDS = process.env['FAULTS'] === 'short' ? 15 : 60;
const VERIFIERS = 6;
/** As long as a JWKS may be held, and what issuers take to see a file. */
const AHEAD_SECONDS = MAX_AGE_SECONDS + 3;

/** As an operator does: published at once, and signing when everybody has it. */
async function addKey(program: string, dir: string, ahead: number): Promise<void> {
  const time = new Date(Date.now() + ahead * 1000).toISOString().replace(/\.\d+/, '');
  const args = [program, 'keys', 'generate', '--dir', dir, '--activate', time];
  await promisify(execFile)(process.execPath, args, NOBODY);
}

type Rotation = { readonly seconds: number; readonly ahead: number };

async function rotate(program: string, dir: string, { seconds, ahead }: Rotation): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let next = performance.now(); next < end; next += 1000) {
    await addKey(program, dir, ahead);
    await pause(Math.max(0, next + 1000 - performance.now()));
  }
}

/** Signs in and refreshes, and shows every token to every verifier at once and once more later. */
async function signInAndVerify(issuers: Issuers, during: Promise<void>) {
  const chance = createChance(SECONDS);
  const choose = (): Issuer => chance.pick(issuers);
  const client = createClient(() => createHistory(), choose);
  const fetchKeys = async (): Promise<Answer> => {
    const { value } = await client.look('jwks', choose());
    if (value === undefined) throw new Error('no JWKS');
    return value;
  };
  const verifiers = Array.from({ length: VERIFIERS }, () =>
    createVerifier(fetchKeys, chance.below(MAX_AGE_SECONDS * 1000)),
  );
  const kids = new Set<string>();
  const problems: string[] = [];
  let tokens = 0;
  async function show({ accessToken = '', idToken = '' }: SignIn): Promise<void> {
    for (const token of [accessToken, idToken]) {
      tokens += 1;
      kids.add(decodeProtectedHeader(token).kid ?? '');
      const found = await Promise.all(verifiers.map((verifier) => verifier.verify(token)));
      problems.push(...found.filter((problem) => problem !== undefined));
    }
  }
  const actor = { client, chance, wallet: createWallet(), issuers: () => issuers };
  const visit: Parameters<typeof startLoad>[1][number] = async (one) => {
    const signIn = one.wallet.open('web');
    if (!(await enter(one, signIn))) throw new Error('no tokens');
    await show(signIn);
    await one.pause(chance.below(3000));
    await show(signIn);
    if (!(await renew(one, signIn))) throw new Error('no tokens');
    await show(signIn);
  };
  const load = startLoad(actor, [visit], 100);
  await during;
  await load.stop();
  return { kids, problems, tokens };
}

async function judge(rotation: Rotation) {
  const program = await bundle(temporaryFolder());
  const issuers = await startIssuers(program, (await SINGLE.open()).stores);
  return signInAndVerify(issuers, rotate(program, issuers[0].keysDir, rotation));
}

describe('keys that change every second', () => {
  afterEach(cleanUp);

  it('verify every token, by any JWKS within its cache life', async () => {
    const { kids, problems, tokens } = await judge({ seconds: SECONDS, ahead: AHEAD_SECONDS });

    expect(problems).toEqual([]);
    expect(kids.size).toBeGreaterThan((SECONDS - AHEAD_SECONDS) / 2);
    expect(tokens).toBeGreaterThan(SECONDS * 10);
  });

  it('are not known to everybody when they sign at once, and that is noticed', async () => {
    const { problems } = await judge({ seconds: 4, ahead: 0 });

    expect(new Set(problems)).toEqual(new Set(['no applicable key found in the JSON Web Key Set']));
  });
});
