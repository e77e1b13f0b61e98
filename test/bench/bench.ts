// Compares Asteroid with its peers and with what the work costs without any product around it. The
// servers have one core, one at a time; the load and Redis have the other. Only ratios within a run mean
// anything. Decides by no figure: whoever reads them does.

import { cleanUp } from '../e2e/rig.ts';
import { measureGrowths } from './growth.ts';
import { keep } from './keep.ts';
import { IS_TRIAL, isPartWanted, ONLY_ROWS } from './options.ts';
import { LOAD_CORE, pin } from './processes.ts';
import { measureRates } from './rates.ts';
import { measureRedis } from './redis.ts';
import { measureResident } from './resident.ts';
import { measureStartup } from './startup.ts';

/** In the order of docs/performance.md, which has a place for each. */
const PARTS = {
  rates: measureRates,
  startup: measureStartup,
  resident: measureResident,
  redis: measureRedis,
  growth: measureGrowths,
} as const;

const IS_WHOLE = !IS_TRIAL && ONLY_ROWS === undefined;
const MAJOR = process.versions.node.split('.')[0];

pin(process.pid, LOAD_CORE);
for (const [name, measurePart] of Object.entries(PARTS)) {
  if (!isPartWanted(name)) continue;
  try {
    const { terms, tables } = await measurePart();
    console.log(`\n${name}: ${terms}\n\n${tables}`);
    // A run that is too short to mean anything only shows that the rig works.
    if (IS_WHOLE) keep(`${name} on Node ${MAJOR}`, terms, tables);
  } finally {
    await cleanUp();
  }
}
