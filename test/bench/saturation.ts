// What happens past the capacity: sign-ins over Redis, that begin without waiting for each other, at parts
// and multiples of what the server can do. It shares no core with the load and Redis.

import { readFileSync } from 'node:fs';
import {
  type Asteroid,
  ask,
  cleanUp,
  startAsteroid,
  startRedis,
  UPSTREAM_SECRET,
} from '../e2e/rig.ts';
import { keep } from './keep.ts';
import { crowd, type Outcome } from './open-loop.ts';
import { LOAD_CORE, pin, SERVER_CORE } from './processes.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } from './rows.ts';

const SECONDS = Number(process.env['BENCH_SECONDS'] || '8');
/** Long enough for the server to notice that it is overloaded. */
const LEAD_IN = Math.min(3, SECONDS);
const PROBE_EVERY_MS = 100;

const CLIENTS = `clients:
  - client_id: ${CLIENT_ID}
    client_secret: ${CLIENT_SECRET}
    redirect_uris: ["${REDIRECT_URI}"]
    grant_types: [authorization_code, refresh_token]
    scope: ${SCOPE}
`;

const IDENTITY = `X-Asteroid-Upstream-Secret: ${UPSTREAM_SECRET}\r\nX-Authenticated-User: alice\r\n`;
const CLIENT = `Authorization: Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}\r\n`;

/** As if there were none. */
const NO_LIMITS = 'limits: { requests: 1000000, queue: 1m, connections: 1000000 }';

const begin = async (redisUrl: string, more?: string): Promise<Asteroid> => {
  const server = await startAsteroid({
    clients: CLIENTS,
    logLevel: 'warn',
    redisUrl,
    ...(more === undefined ? {} : { more }),
  });
  pin(server.process.pid ?? 0, SERVER_CORE);
  return server;
};

type Figures = Outcome & {
  readonly rate: number;
  /** MiB at most. */
  readonly rss: number;
  /** Milliseconds of the slowest probe. */
  readonly probe: number;
  /** The part of its time in which the load itself had something to do. */
  readonly busy: number;
};

/** So many sign-ins a second, while probes go on. */
async function load(server: Asteroid, rate: number): Promise<Figures> {
  let [rss, probe, over] = [0, 0, false];
  const watching = (async () => {
    while (!over) {
      const since = performance.now();
      await ask(`http://127.0.0.1:${server.admin}/livez`);
      probe = Math.max(probe, performance.now() - since);
      rss = Math.max(rss, residentMiB(server.process.pid ?? 0));
      await pause(PROBE_EVERY_MS);
    }
  })();
  const { port } = server;
  const idle = performance.eventLoopUtilization();
  const terms = { port, identity: IDENTITY, client: CLIENT, clientId: CLIENT_ID, rate };
  const outcome = await crowd({ ...terms, seconds: SECONDS, leadIn: LEAD_IN });
  const busy = performance.eventLoopUtilization(idle).utilization;
  over = true;
  await watching;
  return { ...outcome, rate, rss, probe, busy };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function residentMiB(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kib) / 1024;
  } catch {
    return 0;
  }
}

/** The most sign-ins a second that it manages: it is offered ever more, until it falls behind. */
async function findCapacity(server: Asteroid): Promise<number> {
  let most = 0;
  for (let rate = 700; ; rate *= 1.3) {
    const { signedIn } = await load(server, rate);
    most = Math.max(most, signedIn / SECONDS);
    if (signedIn / SECONDS < rate * 0.9) return most;
  }
}

const at = (times: readonly number[], part: number): string =>
  times.length === 0 ? '–' : (times[Math.floor(times.length * part)] ?? 0).toFixed(1);

const perSecond = (count: number): string => Math.round(count / SECONDS).toLocaleString('en');

const HEAD = [
  'of its capacity',
  'begun/s',
  'signed in/s',
  'refused/s',
  'accepted p50, ms',
  'accepted p99, ms',
  'refused p99, ms',
  'slowest probe, ms',
  'resident, MiB',
  'without an answer',
  'load busy, %',
];

const line = (
  name: string,
  { rate, signedIn, accepted, refused, probe, rss, broken, busy }: Figures,
) =>
  [
    name,
    Math.round(rate).toLocaleString('en'),
    perSecond(signedIn),
    perSecond(refused.length),
    at(accepted, 0.5),
    at(accepted, 0.99),
    at(refused, 0.99),
    probe.toFixed(0),
    rss.toFixed(0),
    String(broken),
    (busy * 100).toFixed(0),
  ].join(' | ');

try {
  const redis = await startRedis();
  pin(redis.process.pid ?? 0, LOAD_CORE);
  pin(process.pid, LOAD_CORE);
  const server = await begin(redis.url);
  const capacity = await findCapacity(server);
  const lines: string[] = [];
  for (const part of [0.5, 0.8, 1, 2, 4]) {
    await pause(LEAD_IN * 1000);
    lines.push(line(`${part} ×`, await load(server, capacity * part)));
    console.log(lines.at(-1));
  }
  await server.stop();
  const unlimited = await begin(redis.url, NO_LIMITS);
  await load(unlimited, capacity / 2); // warms it up
  lines.push(line('2 ×, without limits', await load(unlimited, capacity * 2)));
  const table = [HEAD.join(' | '), HEAD.map(() => '---').join(' | '), ...lines]
    .map((row) => `| ${row} |`)
    .join('\n');
  console.log(table);
  // A run that is too short to mean anything only shows that the rig works.
  if (SECONDS >= 1) keep('saturation', `${SECONDS} s each`, table);
} finally {
  await cleanUp();
}
