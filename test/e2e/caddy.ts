// Caddy, of whatever release, with what `asteroid preset show` prints.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { printLines } from './printed.ts';
import {
  type Asteroid,
  ROOT,
  type Running,
  start,
  temporaryFolder,
  UPSTREAM_SECRET,
} from './rig.ts';

export const CADDY = {
  debian: 'caddy',
  current: path.join(ROOT, '.cache/bin/caddy'),
} as const;

export type Caddy = {
  readonly release: keyof typeof CADDY;
  readonly listen: number;
  readonly auth: number;
  readonly asteroid: Pick<Asteroid, 'configFile'>;
  readonly preset: string;
  /** Lines that an operator leaves out. */
  readonly without?: RegExp;
};

export async function startCaddy(options: Caddy): Promise<Running> {
  const { release, listen, auth, asteroid, preset, without } = options;
  const home = temporaryFolder();
  const lines = printLines({ asteroid, preset, proxy: 'caddy', auth })
    .split('\n')
    .filter((line) => without?.test(line) !== true);
  writeFileSync(path.join(home, 'Caddyfile'), `{\n  admin off\n}\n${lines.join('\n')}`);
  return await start(CADDY[release], ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'], {
    port: listen,
    cwd: home,
    env: {
      ASTEROID_UPSTREAM_SECRET: UPSTREAM_SECRET,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
    },
  });
}
