// Prints how a test issuer compares with oauth2-mock-server, and writes what each of them accepts into
// docs/mock-servers.md: node --import tsx test/compare/compare.ts [STARTS]

import { compare } from './attempts.ts';
import { startAsteroid, startMockServer } from './issuers.ts';
import { renderOutcomes, writeOutcomes } from './outcomes.ts';
import { measureStartup } from './startup.ts';

const starts = Number(process.argv[2] ?? '11');

const issuers = [await startAsteroid(), await startMockServer()] as const;
const outcomes = await compare(issuers);
for (const { stop } of issuers) await stop();
const table = renderOutcomes(
  issuers.map(({ name }) => name),
  outcomes,
);
writeOutcomes(table);
console.log(`${table}\n`);
if (starts > 0) console.log(await measureStartup(starts));
