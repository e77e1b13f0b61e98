import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';
import { ask, HOST } from './threats.fixture.ts';

const PROBES = 200;

it('a flood of readiness probes is no flood of Redis, and each is answered', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  const store = { driver: 'redis', redis: { url: server.url } };
  const program = await startProgram({ config: { store } });
  await admin.config('RESETSTAT');

  const probe = () => ask(program.at('admin'), ['GET /readyz HTTP/1.1', HOST]);
  // While Redis says nothing, the probes that come meet; how many do is for the machine to say.
  server.pause();
  const probes = Promise.all(Array.from({ length: PROBES }, probe));
  await pause(400);
  server.resume();
  const answers = await probes;

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const stats = await admin.info('commandstats');
  const asked = Number(/cmdstat_del:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(PROBES);
});
