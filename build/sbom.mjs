// Writes the bill of materials (CycloneDX) of what is in the bundle: every package that is there at run
// time, from the lock file alone, so that it says what was built whatever is installed.

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where to. */
const [, , OUT = 'sbom.cdx.json'] = process.argv;

const { devDependencies: _, ...manifest } = JSON.parse(await readFile('package.json', 'utf8'));
const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));

// `npm sbom --omit dev` also leaves out what is needed at run time and by a tool as well, express among
// it. So npm is shown a project that has no tools.
const { devDependencies: __, ...root } = lock.packages[''];
const packages = Object.entries(lock.packages).filter(
  ([, { dev, devOptional }]) => !dev && !devOptional,
);
const folder = await mkdtemp(path.join(tmpdir(), 'sbom-'));
const write = (name, tree) => writeFile(path.join(folder, name), JSON.stringify(tree));
await write('package.json', manifest);
await write('package-lock.json', {
  ...lock,
  packages: { ...Object.fromEntries(packages), '': root },
});

const args = [
  'sbom',
  '--package-lock-only',
  '--sbom-format',
  'cyclonedx',
  '--sbom-type',
  'application',
];
const { status, stdout, stderr, error } = spawnSync('npm', args, {
  cwd: folder,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
await rm(folder, { recursive: true });
if (error !== undefined || status !== 0) throw new Error(`npm sbom: ${error ?? stderr}`);

const bill = JSON.parse(stdout);
// npm names the program after the folder that it is in.
bill.metadata.component.name = manifest.name;
await writeFile(OUT, `${JSON.stringify(bill, undefined, 1)}\n`);
console.log(`${OUT}: ${bill.components.length} packages`);
