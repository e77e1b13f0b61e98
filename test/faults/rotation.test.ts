// Keys that change every second, under load: whoever verifies with a JWKS that they may still hold
// verifies every token.

import { execFile } from 'node:child_process';
import path from 'node:path';
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

/** Where the keys are, as `asteroid keys` takes it. */
type Where = readonly [option: '--dir' | '--config', value: string];

/** As an operator does: published at once, and signing when everybody has it. */
async function addKey(program: string, where: Where, ahead: number): Promise<void> {
  const time = new Date(Date.now() + ahead * 1000).toISOString().replace(/\.\d+/, '');
  const args = [program, 'keys', 'generate', ...where, '--activate', time];
  await promisify(execFile)(process.execPath, args, NOBODY);
}

type Rotation = { readonly seconds: number; readonly ahead: number; readonly source?: 'store' };

async function rotate(program: string, where: Where, { seconds, ahead }: Rotation): Promise<void> {
  const end = performance.now() + seconds * 1000;
  for (let next = performance.now(); next < end; next += 1000) {
    await addKey(program, where, ahead);
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
  const { stores } = await SINGLE.open();
  // Any secret that nobody guesses: the one that the upstream has is in the same folder.
  const keys = rotation.source && { source: rotation.source, secret_file: 'upstream' };
  const issuers = await startIssuers(program, stores, keys);
  const [{ folder, keysDir }] = issuers;
  const where: Where = keys ? ['--config', path.join(folder, 'asteroid.yaml')] : ['--dir', keysDir];
  return signInAndVerify(issuers, rotate(program, where, rotation));
}

describe('keys that change every second', () => {
  afterEach(cleanUp);

  for (const source of [undefined, 'store'] as const) {
    it(`verify every token, by any JWKS within its cache life (${source ?? 'file'})`, async () => {
      const rotation = { seconds: SECONDS, ahead: AHEAD_SECONDS, ...(source && { source }) };
      const { kids, problems, tokens } = await judge(rotation);

      expect(problems).toEqual([]);
      expect(kids.size).toBeGreaterThan((SECONDS - AHEAD_SECONDS) / 2);
      expect(tokens).toBeGreaterThan(SECONDS * 10);
    });
  }

  it('are not known to everybody when they sign at once, and that is noticed', async () => {
    const { problems } = await judge({ seconds: 4, ahead: 0 });

    expect(new Set(problems)).toEqual(new Set(['no applicable key found in the JSON Web Key Set']));
  });
});
