// Writes what is made from the presets; run by `npm run docs`.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderPresetFiles } from './generated.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

for (const [file, text] of renderPresetFiles()) {
  await mkdir(path.dirname(path.join(ROOT, file)), { recursive: true });
  await writeFile(path.join(ROOT, file), text);
}
