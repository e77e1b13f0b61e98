// The lines of a proxy, as an operator gets them: from the configuration that Asteroid runs with.

import { execFileSync } from 'node:child_process';
import { type Asteroid, PROGRAM } from './rig.ts';

export type Printed = {
  readonly asteroid: Pick<Asteroid, 'configFile'>;
  readonly preset: string;
  readonly proxy: string;
  /** The port of whoever the proxy asks; absent: it asks nobody. */
  readonly auth?: number;
};

export function printLines({ asteroid, preset, proxy, auth }: Printed): string {
  const show = ['preset', 'show', preset, '--proxy', proxy, '--part', 'proxy'];
  const service = auth === undefined ? [] : ['--auth-service', `http://127.0.0.1:${auth}`];
  const args = [PROGRAM, ...show, '--config', asteroid.configFile, ...service];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}
