// The audit trail of an issuer of several processes, which write to one file.

import { readFile, rename } from 'node:fs/promises';
import { afterAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { ask, authorize, HOST, user } from './threats.fixture.ts';
import { spawnWorkers, stopRedis } from './workers.fixture.ts';

afterAll(stopRedis);

const read = (file: string) => readFile(file, 'utf8').catch(() => '');
const recordsOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1) // a line counts when it has its end
    .map((line) => JSON.parse(line));

it('one signal reopens the file in each worker, and a changed configuration is one event of all', async () => {
  const {
    folder,
    child,
    public: at,
  } = await spawnWorkers({
    config: { audit: { sinks: [{ type: 'file', path: 'audit.log' }] } },
  });
  const file = folder.file('audit.log');
  const spoof = async (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const answer = await ask(at, [authorize(), HOST, user('mallory')]);
        return answer.headers['x-request-id'];
      }),
    );
  const first = await spoof(20);
  await until(
    async () => first.every((id) => id !== undefined) && recordsOf(await read(file)).length >= 22,
  );

  await rename(file, `${file}.1`);
  child.process.kill('SIGUSR2');
  await until(async () => {
    await spoof(4);
    return new Set(recordsOf(await read(file)).map(({ worker }) => worker)).size === 2;
  });
  const config = JSON.parse(await read(folder.configFile));
  await folder.write(
    'asteroid.yaml',
    JSON.stringify({ ...config, dpop: { proof_lifetime: '20s' } }),
  );
  await child.logs('reloaded');
  await until(async () => (await read(file)).includes('configuration.reloaded'));
  await folder.write('asteroid.yaml', JSON.stringify({ ...config, dpop: { proof_lifetime: 'x' } }));
  await until(async () => (await read(file)).includes('configuration.refused'));
  child.process.kill('SIGTERM');
  expect(await child.exit).toBe(0);

  const records = recordsOf(`${await read(`${file}.1`)}${await read(file)}`);
  const of = (wanted: string) => records.filter(({ type }) => type === wanted);
  expect(of('configuration.reloaded')).toMatchObject([{ options: 'dpop.proof_lifetime: 60 → 20' }]);
  expect(of('configuration.refused')).toMatchObject([{ reason: 'configuration_invalid' }]);
  expect(
    of('issuer.stopped')
      .map(({ worker }) => worker)
      .sort(),
  ).toEqual([1, 2]);
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  const refused = new Set(of('identity.refused').map((record) => record.request_id));
  expect(first.filter((id) => !refused.has(id))).toEqual([]);
}, 90_000);
