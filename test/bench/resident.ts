// What a server takes of the machine's memory: when it has nothing to do, and when many people have
// signed in through it.

import { setTimeout as sleep } from 'node:timers/promises';
import { check, generate } from './load.ts';
import { amount, IS_TRIAL } from './options.ts';
import { type Asking, asking, createPurse, type Target } from './rows.ts';
import {
  fillBrowsers,
  type ServerName,
  startServer,
  startServers,
  startSharedRedis,
} from './servers.ts';
import { count, judge, type Line, renderTable } from './tables.ts';
import { BUSY_TARGET, IDLE_TARGETS } from './targets.ts';

const IDLE_MS = amount(5_000, 300);
const PARTS = 4;
/** oidc-provider takes four times as long, and shows as much with fewer. */
const FLOWS: { readonly [name in ServerName]?: number } = {
  'Asteroid, Redis': amount(200_000, 400),
  'oidc-provider, Redis': amount(50_000, 100),
};

const toMiB = (value: number): string => `${Math.round(value)} MiB`;

/** Authorization and code exchange by turns; what they earn is thrown away. */
function flows(target: Target, most: number): Asking {
  const purse = createPurse();
  const [begin, end] = [asking.authorize(target, purse), asking['code exchange'](target, purse)];
  let begun = 0;
  return {
    next: () => {
      const exchange = end.next();
      if (exchange !== undefined || begun === most) return exchange;
      begun += 1;
      return begin.next();
    },
    accept: (reply) => {
      const isDone = (reply.status === 200 ? end : begin).accept(reply);
      purse.refreshTokens.length = 0;
      purse.unseen.length = 0;
      return isDone;
    },
  };
}

async function measureIdle(redisUrl: string): Promise<string> {
  const servers = await startServers(redisUrl);
  await sleep(IDLE_MS);
  const lines = servers.map(({ target: { name }, residentMiB }): Line => {
    const size = residentMiB();
    return [name, Math.round(size), judge(size, IDLE_TARGETS[name], toMiB)];
  });
  for (const server of servers) await server.stop();
  return renderTable(['resident when idle', 'MiB', 'target'], lines);
}

async function measureBusy(name: ServerName, most: number, redisUrl: string): Promise<Line> {
  const server = await startServer(name, redisUrl);
  const { target } = server;
  await fillBrowsers(server);
  const sizes: number[] = [];
  for (let n = 0; n < PARTS; n += 1) {
    const asking = flows(target, most / PARTS);
    const measured = await generate({
      port: target.port,
      seconds: Number.POSITIVE_INFINITY,
      ...asking,
    });
    check(`${name}, flows`, measured);
    sizes.push(server.residentMiB());
  }
  await server.stop();
  const isOurs = name === 'Asteroid, Redis';
  const verdict = judge(sizes.at(-1), isOurs ? BUSY_TARGET : undefined, toMiB);
  return [name, count(most), ...sizes.map((size) => Math.round(size)), verdict];
}

/** The tables, and how they were measured. */
export async function measureResident(): Promise<{
  readonly terms: string;
  readonly tables: string;
}> {
  const redis = await startSharedRedis();
  const idle = await measureIdle(redis.url);
  const lines: Line[] = [];
  for (const [name, most] of Object.entries(FLOWS) as [ServerName, number][]) {
    lines.push(await measureBusy(name, most, redis.url));
  }
  const head = ['MiB after authorizations and code exchanges', 'as many', '¼', '½', '¾', 'all'];
  const busy = renderTable([...head, 'target'], lines);
  const terms = `${IDLE_MS / 1000} s after the first answer${IS_TRIAL ? ', a trial' : ''}`;
  return { terms, tables: `${idle}\n\n${busy}` };
}
