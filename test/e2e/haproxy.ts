// HAProxy with what `asteroid preset show` prints, beside the file that it says is needed.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PasswordProxy } from './apache.ts';
import { printLines } from './printed.ts';
import { type Running, start, temporaryFolder, UPSTREAM_SECRET } from './rig.ts';

export async function startHaproxy(options: PasswordProxy): Promise<Running> {
  const { listen, asteroid, passwords } = options;
  const home = temporaryFolder();
  const users = Object.entries(passwords).map(
    ([name, password]) => `  user ${name} insecure-password ${password}\n`,
  );
  writeFileSync(
    path.join(home, 'haproxy.cfg'),
    `global
  maxconn 256
defaults
  timeout connect 2s
  timeout client 30s
  timeout server 30s
userlist asteroid
${users.join('')}`,
  );
  writeFileSync(
    path.join(home, 'asteroid.cfg'),
    printLines({ asteroid, preset: 'custom', proxy: 'haproxy' }),
  );
  return await start('haproxy', ['-db', '-f', 'haproxy.cfg', '-f', 'asteroid.cfg'], {
    port: listen,
    cwd: home,
    env: { ASTEROID_UPSTREAM_SECRET: UPSTREAM_SECRET },
  });
}
