// Writes the tables of docs/faults.md; run by `npm run docs`.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderReference } from './reference.ts';

const FILE = path.resolve(import.meta.dirname, '../../../docs/faults.md');

await writeFile(FILE, renderReference(await readFile(FILE, 'utf8')));
