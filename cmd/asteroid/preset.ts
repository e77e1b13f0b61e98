// `asteroid preset`: what is known about the proxies that stand in front of Asteroid.

import { listPresets, type PresetChoice, showPreset } from '../../internal/app/presets/show.ts';
import { readSnapshot } from '../../internal/app/read.ts';

/** `asteroid preset list`: name, source and proof of each, one a line; resolves to the exit code. */
export function presetList(): number {
  const rows = listPresets().map(({ name, source, proof, about }) => [name, source, proof, about]);
  const table = [['PRESET', 'SOURCE', 'PROOF', 'FOR'], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of table) {
    console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  }
  return 0;
}

export type ShowOptions = Omit<PresetChoice, 'preset'> & {
  /** Absent: placeholders stand for what only the operator knows. */
  readonly config?: readonly string[] | undefined;
  /** Absent: both, the section of asteroid.yaml first. */
  readonly part?: 'upstream' | 'proxy' | undefined;
};

/** `asteroid preset show`: the section of asteroid.yaml, then the proxy's own configuration. */
export async function presetShow(preset: string, options: ShowOptions): Promise<number> {
  const { config: files, part } = options;
  if (part !== undefined && part !== 'upstream' && part !== 'proxy') {
    console.error('--part has to be upstream or proxy');
    return 2;
  }
  const snapshot =
    files === undefined
      ? undefined
      : await readSnapshot({ files, env: process.env, mode: 'serve' });
  const shown = showPreset({ ...options, preset }, snapshot?.config);
  const parts = part === undefined ? [shown.upstream, shown.proxy] : [shown[part]];
  process.stdout.write(parts.join('\n'));
  return 0;
}
