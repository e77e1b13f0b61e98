// Writes what is generated; run by `npm run docs`.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderGenerated } from './generated.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

for (const [file, text] of renderGenerated()) await writeFile(path.join(ROOT, file), text);
