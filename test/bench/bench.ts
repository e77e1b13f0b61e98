// Compares Asteroid with the best-known issuer of this platform and with what the work costs on bare
// node:http, in alternating rounds of one run: only ratios within a run mean anything. The servers
// share one core, one at a time; the load and Redis have the other.

import { cleanUp } from '../e2e/rig.ts';
import { keep } from './keep.ts';
import { generate, type Measured } from './load.ts';
import { asking, type Purse, ROWS, type Row } from './rows.ts';
import { type Server, startServers } from './servers.ts';
import { LOAD_CORE, pin } from './taskset.ts';

const SECONDS = Number(process.env['BENCH_SECONDS'] || '2');
const ROUNDS = SECONDS < 1 ? 1 : 3;

type Figures = { readonly rate: number; readonly p99: number; readonly cpu: number };
type Results = Map<string, Map<Row, Figures[]>>;

/** One row against one server; what it earns goes into the purse of the next row. */
async function measure(server: Server, row: Row, purse: Purse, seconds: number): Promise<Figures> {
  const busy = server.cpuSeconds();
  const { target } = server;
  const measured = await generate({ port: target.port, seconds, ...asking[row](target, purse) });
  check(`${target.name}, ${row}`, measured);
  return {
    rate: measured.answered / measured.seconds,
    p99: measured.p99,
    cpu: ((server.cpuSeconds() - busy) / measured.answered) * 1e6,
  };
}

// A server that refuses is fast, and its figure would be worth nothing.
function check(what: string, { answered, refused }: Measured): void {
  if (answered === 0) throw new Error(`${what}: no answer at all`);
  if (refused > 0) throw new Error(`${what}: ${refused} of ${answered} answers were refusals`);
}

async function round(servers: readonly Server[], seconds: number, results: Results): Promise<void> {
  for (const server of servers) {
    const purse: Purse = { codes: [], refreshTokens: [], accessTokens: [] };
    const rows = results.get(server.target.name) ?? new Map<Row, Figures[]>();
    results.set(server.target.name, rows);
    for (const row of ROWS) {
      const figures = await measure(server, row, purse, seconds);
      rows.set(row, [...(rows.get(row) ?? []), figures]);
    }
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const medians = (all: readonly Figures[]): Figures => ({
  rate: median(all.map(({ rate }) => rate)),
  p99: median(all.map(({ p99 }) => p99)),
  cpu: median(all.map(({ cpu }) => cpu)),
});

const cell = ({ rate, p99 }: Figures): string =>
  `${Math.round(rate).toLocaleString('en')} (${p99.toFixed(1)})`;

type Look = (name: string, row: Row) => Figures;

function renderTable(title: string, names: readonly string[], line: (row: Row) => string): string {
  const head = `| ${title} | ${names.join(' | ')} |\n|---|${'---|'.repeat(names.length)}`;
  return [head, ...ROWS.map((row) => `| ${row} | ${line(row)} |`)].join('\n');
}

const renderRates = (names: readonly string[], look: Look): string =>
  renderTable('per second (p99 ms)', names, (row) =>
    names.map((name) => cell(look(name, row))).join(' | '),
  );

// Ratios are of what a request costs the one core of the server: that holds also where the machine
// has other things to do, and rates do not.
const renderCosts = (names: readonly string[], look: Look): string =>
  renderTable('µs of CPU per request', [...names, 'to oidc-provider', 'of the limit'], (row) => {
    const { cpu } = look('Asteroid, Redis', row);
    const peer = (look('oidc-provider, Redis', row).cpu / cpu).toFixed(1);
    const limit = Math.round((look('limit', row).cpu / cpu) * 100);
    const costs = names.map((name) => Math.round(look(name, row).cpu));
    return [...costs, `${peer} ×`, `${limit} %`].join(' | ');
  });

try {
  const servers = await startServers();
  pin(process.pid, LOAD_CORE);
  await round(servers, SECONDS / 2, new Map()); // warms every server up
  const results: Results = new Map();
  for (let n = 0; n < ROUNDS; n += 1) await round(servers, SECONDS, results);
  const look: Look = (name, row) => medians(results.get(name)?.get(row) ?? []);
  const names = servers.map(({ target }) => target.name);
  const tables = `${renderRates(names, look)}\n\n${renderCosts(names, look)}`;
  console.log(tables);
  // A run that is too short to mean anything only shows that the rig works.
  if (SECONDS >= 1) keep('bench', `${ROUNDS} rounds of ${SECONDS} s`, tables);
} finally {
  await cleanUp();
}
