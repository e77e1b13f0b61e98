// Runs guides against the products that are there: `make guides RP=gitea`.

import { cleanUp } from '../e2e/rig.ts';
import { gitea } from './gitea.ts';
import { kubernetes } from './kubernetes.ts';
import { minio } from './minio.ts';

const GUIDES: Readonly<Record<string, () => Promise<void>>> = { gitea, kubernetes, minio };

const wanted = process.argv.slice(2);
if (wanted.length === 0) {
  console.error(`say which: ${Object.keys(GUIDES).join(', ')}`);
  process.exitCode = 2;
}
for (const name of wanted) {
  const run = GUIDES[name];
  if (run === undefined) throw new Error(`${name} is none of ${Object.keys(GUIDES).join(', ')}`);
  console.log(name);
  try {
    await run();
  } finally {
    await cleanUp();
  }
}
