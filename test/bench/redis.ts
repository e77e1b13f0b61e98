// What is asked of Redis: commands, round trips and bytes for each request, one request at a time, and
// what an authorization takes there.

import { Redis } from 'ioredis';
import { onCleanUp } from '../e2e/rig.ts';
import { ask } from './ask.ts';
import { amount } from './options.ts';
import { type Passed, startRelay } from './relay.ts';
import { createPurse, PLAIN_CLIENT_ID, type Row, type Target } from './rows.ts';
import {
  fillBrowsers,
  type ServerName,
  type SharedRedis,
  startServer,
  startSharedRedis,
} from './servers.ts';
import { count, judge, type Line, renderTable } from './tables.ts';
import { COMMAND_TARGETS, LIVE_TARGET, REDEEMED_TARGET, ROUND_TRIP_TARGET } from './targets.ts';

const NAMES: readonly ServerName[] = ['Asteroid, Redis', 'oidc-provider, Redis', 'limit'];
const ROWS: readonly Row[] = ['authorize', 'code exchange', 'refresh', 'userinfo', 'introspection'];
const REQUESTS = amount(500, 40);
const AUTHORIZATIONS = amount(20_000, 500);

/** An operator's view of a Redis, beside what the server says to it. */
type View = {
  /** Those that scripts call included. */
  readonly commands: () => Promise<number>;
  /** Bytes. */
  readonly used: () => Promise<number>;
};

function openView({ url }: SharedRedis): View {
  const redis = new Redis(url);
  onCleanUp(() => redis.disconnect());
  return {
    commands: async () => {
      const calls = [...(await redis.info('commandstats')).matchAll(/cmdstat_(\S+):calls=(\d+)/g)];
      const asked = calls.filter(([, name]) => name !== 'info');
      return asked.reduce((sum, [, , each]) => sum + Number(each), 0);
    },
    used: async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]),
  };
}

async function measureTraffic(name: ServerName, redis: SharedRedis, view: View) {
  const relay = await startRelay(redis.port);
  const server = await startServer(name, relay.url);
  await fillBrowsers(server);
  const purse = createPurse();
  const lines: Line[] = [];
  for (const row of ROWS) {
    // What is asked about twice has been asked about once.
    if (row === 'userinfo') purse.seen.push(...purse.unseen.slice(0, REQUESTS / 10));
    if (purse.seen.length > 0)
      await ask(server.target, row, { most: purse.seen.length, purse, connections: 1 });
    const [before, commandsBefore] = [relay.passed(), await view.commands()];
    const answered = await ask(server.target, row, { most: REQUESTS, purse, connections: 1 });
    const executed = ((await view.commands()) - commandsBefore) / answered;
    const passed = relay.passed();
    const each = (figure: keyof Passed) => (passed[figure] - before[figure]) / answered;
    lines.push(toLine(name, row, each, executed));
  }
  await server.stop();
  return lines;
}

const one = (value: number): string => value.toFixed(1);

function toLine(
  name: ServerName,
  row: Row,
  each: (figure: keyof Passed) => number,
  executed: number,
): Line {
  const isOurs = name === 'Asteroid, Redis';
  // Probes and the like come by between requests, a few in hundreds.
  const [trips, commands] = [each('roundTrips'), each('commands')].map((value) => value - 0.05);
  return [
    ...[row, name, one(each('roundTrips'))],
    judge(trips, isOurs ? ROUND_TRIP_TARGET : undefined, String),
    one(each('commands')),
    judge(commands, isOurs ? COMMAND_TARGETS[row] : undefined, String),
    ...[one(executed), count(each('sent')), count(each('received'))],
  ];
}

/** Bytes for each authorization, by what has become of them. */
async function measureBytes(name: ServerName, redis: SharedRedis, view: View) {
  const server = await startServer(name, redis.url);
  await fillBrowsers(server);
  const since = async (before: number) => ((await view.used()) - before) / AUTHORIZATIONS;
  const spend = async (target: Target) => {
    const purse = createPurse();
    const before = await view.used();
    await ask(target, 'authorize', { most: AUTHORIZATIONS, purse });
    const live = await since(before);
    await ask(target, 'code exchange', { most: AUTHORIZATIONS, purse });
    return { live, redeemed: await since(before) };
  };
  const full = await spend(server.target);
  const plain = await spend({ ...server.target, clientId: PLAIN_CLIENT_ID });
  const before = await view.used();
  const hasFirstVisits = server.target.takesFirstVisits;
  if (hasFirstVisits) await ask(server.target, 'authorize, first visit', { most: AUTHORIZATIONS });
  const alone = hasFirstVisits ? await since(before) : undefined;
  await server.stop();
  return {
    'live, in the session of a browser that has been here': full.live,
    'live, in a session of its own': alone,
    'redeemed, with a refresh token': full.redeemed,
    'redeemed, without a refresh token': plain.redeemed,
  };
}

const bytes = (value: number): string => `${value} bytes`;

/** The tables, and how they were measured. */
export async function measureRedis(): Promise<{ readonly terms: string; readonly tables: string }> {
  const redis = await startSharedRedis();
  const view = openView(redis);
  const traffic: (readonly Line[])[] = [];
  for (const name of NAMES) traffic.push(await measureTraffic(name, redis, view));
  const ours = await measureBytes('Asteroid, Redis', redis, view);
  const theirs = await measureBytes('oidc-provider, Redis', redis, view);
  const lines = (Object.keys(ours) as (keyof typeof ours)[]).map((state): Line => {
    const bound = state.startsWith('live') ? LIVE_TARGET : REDEEMED_TARGET;
    const [our, their] = [ours[state], theirs[state]];
    return [state, our && count(our), their && count(their), judge(our, bound, bytes)];
  });
  const tables = [
    renderTable(
      [
        ...['one request', 'of', 'round trips', 'target', 'commands sent', 'target'],
        ...['executed, in scripts too', 'bytes sent', 'bytes received'],
      ],
      ROWS.flatMap((_, n) => traffic.map((of) => of[n] ?? [])),
    ),
    renderTable(['bytes in Redis per authorization', 'Asteroid', 'oidc-provider', 'target'], lines),
  ];
  const terms = `${REQUESTS} requests of each row, ${count(AUTHORIZATIONS)} authorizations`;
  return { terms, tables: tables.join('\n\n') };
}
