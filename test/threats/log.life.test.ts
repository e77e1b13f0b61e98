// A log that cannot be written to: lines are lost, and nothing else.

import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makeFolder, spawnProgram } from '../support/program.ts';
import type { RawTarget } from '../support/raw-http.ts';
import { ask, authorize, HOST, honest, user } from './threats.fixture.ts';

const JWKS = ['GET /jwks.json HTTP/1.1', HOST];

/** As whoever starts it waits, who does not read the log. */
async function untilThere(target: RawTarget, isOver: () => boolean): Promise<void> {
  const isThere = () =>
    ask(target, JWKS).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await isThere())) {
    if (isOver()) throw new Error('the program ended');
    await pause(20);
  }
}

it('a disk that is full costs the lines of the log, and neither a request nor the end', async () => {
  const listen = { public: { socket: 'public.sock' }, admin: { port: 0 } };
  const folder = await makeFolder({ config: { listen } });
  const full = openSync('/dev/full', 'w');
  const child = spawnProgram(['serve', '--config', folder.configFile], { stdout: full });
  closeSync(full);
  let code: number | undefined | 'running' = 'running';
  void child.exit.then((ended) => {
    code = ended;
  });
  const target = { path: folder.file('public.sock') };
  await untilThere(target, () => code !== 'running');

  const statuses: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    statuses.push((await ask(target, [authorize(), HOST, user('mallory')])).status);
    statuses.push((await ask(target, honest())).status);
  }
  child.process.kill('SIGTERM');

  expect(new Set(statuses)).toEqual(new Set([403, 303]));
  expect(await child.exit).toBe(0);
});
