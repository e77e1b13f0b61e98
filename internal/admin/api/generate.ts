// Writes what is made from the table of operations; run by `npm run docs`.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { putOperationTable, renderApiFiles } from './generated.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PAGE = path.join(ROOT, 'docs/admin.md');

for (const [file, text] of renderApiFiles()) await writeFile(path.join(ROOT, file), text);
await writeFile(PAGE, putOperationTable(await readFile(PAGE, 'utf8')));
