// Files of the audit trail are moved away under a program that runs, and it goes on in new ones.

import { readFile, rename } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { makeFolder, spawnProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

it('SIGUSR2 reopens files, and a stop writes its own last record', async () => {
  const folder = await makeFolder({
    config: { audit: { sinks: [{ type: 'file', path: 'audit.log' }] } },
  });
  const file = folder.file('audit.log');
  const read = (name: string) => readFile(name, 'utf8').catch(() => '');
  const child = spawnProgram(['serve', '--config', folder.configFile]);
  await child.at('public');
  await until(async () => (await read(file)).includes('issuer.started'));

  await rename(file, `${file}.1`);
  child.process.kill('SIGUSR2');
  await until(async () => (await readFile(file).catch(() => undefined)) !== undefined);
  child.process.kill('SIGTERM');

  expect(await child.exit).toBe(0);
  expect(await read(`${file}.1`)).not.toContain('issuer.stopped');
  expect(JSON.parse(await read(file))).toMatchObject({ type: 'issuer.stopped' });
});
