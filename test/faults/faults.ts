// `make faults`: every topology, every fault, one line each. FAULTS=short is what CI has time for,
// FAULTS_ONLY a part of the name of a fault or topology, FAULTS_SEED what chance begins with.

import { bundle } from './bundle.ts';
import { cleanUp, temporaryFolder } from './cleanup.ts';
import type { Fault } from './faults/fault.ts';
import { keepHistory } from './history.ts';
import { startIssuers } from './issuers.ts';
import { keepPage } from './page.ts';
import { LANES, type Part } from './plan.ts';
import { promised } from './promises.ts';
import { isKept, type Line, printLine, printViolations } from './report.ts';
import { type Legacy, runRound } from './round.ts';
import type { Deployment, Topology } from './topologies/topology.ts';
import { measureUsage } from './usage.ts';

const SHORT = process.env['FAULTS'] === 'short';
const ONLY = process.env['FAULTS_ONLY'] ?? '';
const SEED = Number(process.env['FAULTS_SEED'] || Math.trunc(Math.random() * 2 ** 31));

const sum = { passed: 0, failed: 0 };
const lines: Line[] = [];

async function runPart<Layout extends Deployment>(
  program: string,
  topology: Topology<Layout>,
  all: readonly Fault<Layout>[],
): Promise<void> {
  const faults = all
    .filter(({ short }) => !SHORT || short === true)
    .filter(({ id, name }) => `${topology.name} · ${id} ${name}`.includes(ONLY));
  if (faults.length === 0) return;
  const layout = await topology.open();
  const issuers = await startIssuers(program, layout.stores);
  const base = await measureUsage(layout, issuers);
  let legacy: Legacy | undefined;
  for (const fault of faults) {
    const round = await runRound({
      ...{ layout, issuers, fault, seed: SEED, base, legacy },
      durability: topology.durability,
    });
    const line: Line = {
      ...{ topology: topology.name, id: fault.id, name: fault.name, seed: SEED },
      verdict: round.verdict,
      promised: promised(fault.loses ?? 'nothing', topology.durability),
    };
    console.log(printLine(line));
    lines.push(line);
    if (isKept(line)) {
      sum.passed += 1;
    } else {
      sum.failed += 1;
      const head = { fault: fault.name, topology: topology.name, seed: SEED };
      const logs = issuers.map(({ output }) => output().slice(-20_000));
      const file = keepHistory(
        `${fault.id}-${SEED}-${sum.failed}`,
        { ...head, logs },
        round.history.all(),
      );
      console.log(printViolations(line, file));
    }
    legacy = round.legacy;
  }
  await Promise.all(issuers.map((issuer) => issuer.end('SIGKILL')));
  await layout.stop();
}

async function runLane(program: string, parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    await part((topology, faults) => runPart(program, topology, faults)).catch((error) => {
      sum.failed += 1;
      console.error(error);
    });
  }
}

// Every redis-server of the suite ends with this process.
process.setMaxListeners(0);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
}

try {
  const program = await bundle(temporaryFolder());
  await Promise.all(LANES.map((parts) => runLane(program, parts)));
} finally {
  await cleanUp();
}
// A part says nothing about the whole, and neither does a run that failed.
if (!SHORT && ONLY === '' && sum.failed === 0) keepPage(lines);
console.log(`${sum.passed} passed, ${sum.failed} failed, 0 skipped`);
process.exit(sum.failed === 0 ? 0 : 1);
